import { createServer, type Server } from 'node:http';
import { argv, stdout } from 'node:process';

interface Booked {
  readonly number: number;
  readonly order: unknown;
}

/** A service that books orders. It is busy at first, and counts what it has booked. */
export function bookingService(): Server {
  const booked = new Map<string, Booked>();
  let isBusy = true;
  return createServer(async (request, response) => {
    const key = String(request.headers['idempotency-key']);
    const chunks = await request.toArray();
    if (isBusy) {
      isBusy = false;
      response.writeHead(503).end();
      return;
    }
    const number = booked.get(key)?.number ?? booked.size + 1;
    booked.set(key, { number, order: JSON.parse(Buffer.concat(chunks).toString()) });
    response.writeHead(201, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ number, orders_so_far: booked.size }));
  });
}

if (argv[1]?.endsWith('server.ts'))
  bookingService().listen(8787, '127.0.0.1', () => stdout.write('books orders at http://127.0.0.1:8787\n'));
