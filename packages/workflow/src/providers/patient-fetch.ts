import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable } from 'node:stream';

/** A connection that says nothing for longer than this is taken down by the network between. */
const KEEP_ALIVE_MS = 60_000;

/** `fetch` for answers that take minutes: the built-in one gives up on a silent service after five, whatever its signal says. A connection serves one call, because one kept over a pause of the function is often dead. */
export const patientFetch: typeof fetch = (input, init = {}) => {
  const url = new URL(input instanceof Request ? input.url : input);
  const { method = 'GET', headers, signal, body } = init;
  return new Promise((resolve, reject) => {
    const send = url.protocol === 'http:' ? requestHttp : requestHttps;
    const options = {
      method,
      headers: { ...Object.fromEntries(new Headers(headers)), 'accept-encoding': 'identity' },
      agent: false,
      ...(signal && { signal }),
    };
    const outgoing = send(url, options, (answer) => {
      const received = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) => values.map((value): [string, string] => [name, value]));
      resolve(new Response(Readable.toWeb(answer) as ReadableStream, { status: answer.statusCode ?? 0, headers: received })); // Node's and the web's declarations of one class
    });
    outgoing.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
    outgoing.on('error', (error) => reject(signal?.aborted ? signal.reason : error));
    outgoing.end(body instanceof Uint8Array ? body : (body as string | null | undefined)); // the AI SDK sends texts and bytes
  });
};
