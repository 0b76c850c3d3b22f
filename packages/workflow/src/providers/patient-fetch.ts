import { type ClientRequest, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { Readable, Transform } from 'node:stream';

/** A connection that says nothing for longer than this is taken down by the network between. */
const KEEP_ALIVE_MS = 60_000;
/** Statuses that the web's Response takes without a body only. */
const NO_BODY: ReadonlySet<number> = new Set([204, 205, 304]);

/** How long an answer may be, and what ends it where it is longer. */
export interface AnswerLimit {
  readonly bytes: number;
  readonly tooLarge: () => Error;
}

/**
 * `fetch` for answers that take minutes: the built-in one gives up on a silent service after five, whatever
 * its signal says. A connection serves one call, because one kept over a pause of the function is often dead.
 * An answer is cut off where it is longer than it may be, so no more of it is ever held.
 */
export function patientFetch(limit: AnswerLimit): typeof fetch {
  return (input, init = {}) => {
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
      const outgoing: ClientRequest = send(url, options, (answer) => {
        try {
          resolve(responseOf(answer, limit));
        } catch (error) {
          answer.destroy(); // a status that is none, thrown where nobody else would catch it
          reject(error);
        }
      });
      outgoing.on('socket', (socket) => socket.setKeepAlive(true, KEEP_ALIVE_MS));
      outgoing.on('error', (error) => reject(signal?.aborted ? signal.reason : error));
      // Node's and the web's declarations of one class
      if (body instanceof ReadableStream) sendPieces(Readable.fromWeb(body as never), outgoing);
      // the AI SDK sends texts and bytes
      else outgoing.end(body instanceof Uint8Array ? body : (body as string | null | undefined));
    });
  };
}

/** A body that cannot be read on ends the request, whose error says why. */
function sendPieces(body: Readable, outgoing: ClientRequest): void {
  body.on('error', (error) => outgoing.destroy(error));
  outgoing.on('close', () => body.destroy());
  body.pipe(outgoing);
}

function responseOf(answer: IncomingMessage, limit: AnswerLimit): Response {
  const status = answer.statusCode ?? 0;
  const headers = Object.entries(answer.headersDistinct).flatMap(([name, values = []]) =>
    values.map((value): [string, string] => [name, value]),
  );
  if (NO_BODY.has(status)) answer.resume();
  return new Response(NO_BODY.has(status) ? null : bodyOf(answer, limit), { status, headers });
}

function bodyOf(answer: IncomingMessage, limit: AnswerLimit): ReadableStream {
  let left = limit.bytes;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      left -= chunk.length;
      if (left >= 0) return done(null, chunk);
      answer.destroy();
      done(limit.tooLarge());
    },
  });
  answer.on('error', (error) => counted.destroy(error));
  // Node's and the web's declarations of one class
  return Readable.toWeb(answer.pipe(counted)) as ReadableStream;
}
