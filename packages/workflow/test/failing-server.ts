import type { AddressInfo } from 'node:net';
import { createServer, type Server, type Socket } from 'node:net';

/**
 * Where a request may fail, how far it came then, and with which code it fails at first. `effect`: the server
 * had the whole request and did not refuse it, so the work may be done.
 */
export const STEPS = {
  'nobody listens': { end: 'not_sent', code: 'Http.Unavailable', cause: 'ECONNREFUSED', effect: false },
  'no such host': { end: 'not_sent', code: 'Http.Unavailable', cause: 'ENOTFOUND', effect: false },
  'a private address': { end: 'not_sent', code: 'Http.AddressRefused', cause: 'inside', effect: false },
  'closed at once': { end: 'unknown', code: 'Ledger.OutcomeUnknown', cause: '', effect: false },
  'closed after the request': {
    end: 'unknown',
    code: 'Ledger.OutcomeUnknown',
    cause: 'hang up',
    effect: true,
  },
  'reset after the request': {
    end: 'unknown',
    code: 'Ledger.OutcomeUnknown',
    cause: 'ECONNRESET',
    effect: true,
  },
  garbage: { end: 'unknown', code: 'Ledger.OutcomeUnknown', cause: 'Parse Error', effect: true },
  'half of the headers': { end: 'unknown', code: 'Ledger.OutcomeUnknown', cause: '', effect: true },
  'half of the body': { end: 'unknown', code: 'Ledger.OutcomeUnknown', cause: 'aborted', effect: true },
  'half of a refusal': { end: 'answered', code: 'Http.Unavailable', cause: 'aborted', effect: false },
  'no answer in time': {
    end: 'unknown',
    code: 'Ledger.OutcomeUnknown',
    cause: 'no answer within',
    effect: true,
  },
  'an endless body': { end: 'unknown', code: 'Http.TooLarge', cause: 'more than', effect: true },
  'an endless refusal': { end: 'answered', code: 'Http.TooLarge', cause: 'more than', effect: false },
  '303 to a dead port': {
    end: 'unknown',
    code: 'Ledger.OutcomeUnknown',
    cause: 'ECONNREFUSED',
    effect: true,
  },
  '307 to a dead port': { end: 'not_sent', code: 'Http.Unavailable', cause: 'ECONNREFUSED', effect: false },
  '302 to no address': { end: 'answered', code: 'Http.Refused', cause: 'Location', effect: false },
  '307 round and round': { end: 'answered', code: 'Http.Refused', cause: 'redirects more', effect: false },
  '400': { end: 'answered', code: 'Http.Refused', cause: '400: no, step 400', effect: false },
  '404': { end: 'answered', code: 'Http.Refused', cause: '404: no, step 404', effect: false },
  '429': { end: 'answered', code: 'Http.Unavailable', cause: '429: no, step 429', effect: false },
  '500': { end: 'answered', code: 'Http.Unavailable', cause: '500: no, step 500', effect: false },
  '503': { end: 'answered', code: 'Http.Unavailable', cause: '503: no, step 503', effect: false },
  '201': { end: 'done', code: '', cause: '', effect: true },
  '201 with broken text': { end: 'done', code: '', cause: '', effect: true },
} as const;
export type Step = keyof typeof STEPS;

const ok = (status: string, body: string, headers = '') =>
  `HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n${headers}\r\n${body}`;

/** A server whose next answer can be told, down to the bytes. */
export interface FailingServer {
  readonly origin: string;
  /** What becomes of the requests from now on. */
  play(step: Step): void;
  /** Where a client has to ask for this step. */
  addressFor(step: Step): string;
  /** How many requests were taken and not refused. */
  effects(): number;
  close(): Promise<void>;
}

export async function failingServer(): Promise<FailingServer> {
  let playing: Step = '201';
  let effects = 0;
  const open = new Set<Socket>();
  const server = createServer((socket) => {
    open.add(socket);
    socket.on('close', () => open.delete(socket));
    socket.on('error', () => {}); // the client ends what it no longer wants
    if (playing === 'closed at once') return void socket.destroy();
    const step = playing;
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!isWhole(text)) return;
      text = '';
      if (STEPS[step].effect) effects += 1;
      PLAYS[step](socket, dead);
    });
  });
  const dead = await deadPort();
  await listening(server);
  const origin = `http://127.0.0.1:${portOf(server)}`;
  return {
    origin,
    play: (step) => {
      playing = step;
    },
    addressFor: (step) => {
      if (step === 'nobody listens') return `http://127.0.0.1:${dead}/order`;
      if (step === 'no such host') return 'http://nowhere.example/order';
      return step === 'a private address' ? 'http://10.0.0.1/order' : `${origin}/order`;
    },
    effects: () => effects,
    async close() {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function isWhole(text: string): boolean {
  const [head, body] = text.split('\r\n\r\n', 2);
  if (body === undefined) return false;
  return body.length >= Number(/content-length: (\d+)/i.exec(head ?? '')?.[1] ?? 0);
}

type Play = (socket: Socket, dead: number) => void;

const says =
  (text: string): Play =>
  (socket) =>
    void socket.end(text);
const refuses = (status: string): Play => says(ok(`${status} Refused`, `no, step ${status}`));

const PLAYS: Readonly<Record<Step, Play>> = {
  'nobody listens': says(''),
  'no such host': says(''),
  'a private address': says(''),
  'closed at once': says(''),
  'closed after the request': says(''),
  'reset after the request': (socket) => void socket.resetAndDestroy(),
  garbage: says('\0\0\0 this is no HTTP\r\n\r\n'),
  'half of the headers': says('HTTP/1.1 201 Created\r\ncontent-le'),
  'half of the body': says('HTTP/1.1 201 Created\r\ncontent-length: 100\r\n\r\n{"id":'),
  'half of a refusal': says('HTTP/1.1 503 Busy\r\ncontent-length: 100\r\n\r\nlat'),
  'no answer in time': () => {},
  'an endless body': (socket) => endless(socket, '201 Created'),
  'an endless refusal': (socket) => endless(socket, '404 Not Found'),
  '303 to a dead port': (socket, dead) => redirect(socket, '303 See Other', `http://127.0.0.1:${dead}/x`),
  '307 to a dead port': (socket, dead) => redirect(socket, '307 Again', `http://127.0.0.1:${dead}/x`),
  '302 to no address': (socket) => redirect(socket, '302 Found', 'http://['),
  '307 round and round': (socket) => redirect(socket, '307 Again', '/order'),
  '201 with broken text': says(ok('201 Created', '{"id":"\\ud800","\\udfff":1}')),
  '201': says(ok('201 Created', '{"id":"o-1"}')),
  '400': refuses('400'),
  '404': refuses('404'),
  '429': refuses('429'),
  '500': refuses('500'),
  '503': refuses('503'),
};

function redirect(socket: Socket, status: string, location: string): void {
  socket.end(ok(status, '', `location: ${location}\r\n`));
}

function endless(socket: Socket, status: string): void {
  socket.write(`HTTP/1.1 ${status}\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n`);
  const block = `4000\r\n${'x'.repeat(0x4000)}\r\n`;
  const more = (): void => {
    while (socket.writable && socket.write(block));
  };
  socket.on('drain', more);
  more();
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port; // it listens on TCP
}

function listening(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}

/** A port nobody listens on. */
async function deadPort(): Promise<number> {
  const server = createServer();
  await listening(server);
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
