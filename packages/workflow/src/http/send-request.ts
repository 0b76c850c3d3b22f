import {
  request as httpRequest,
  type IncomingMessage,
  validateHeaderName,
  validateHeaderValue,
} from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import { isStatebagError, StatebagError } from '@statebag/contracts';
import { addressText } from '@statebag/contracts/address-text';
import type { CallEnd, HttpAnswer, HttpRequest } from './http-client.ts';

interface Net {
  readonly lookup: LookupFunction;
  readonly signal: AbortSignal;
}

/** How far a request came. */
interface Progress {
  /** From the moment a connection stands, bytes may have left. */
  end: CallEnd;
}

/** One request and its answer, redirects as they are. Every failure says how far the request came. */
export async function sendRequest(url: URL, request: HttpRequest, net: Net): Promise<HttpAnswer> {
  const progress: Progress = { end: 'not_sent' };
  const headers = checkedHeaders(url, request);
  try {
    const response = await send(url, { ...request, headers }, { ...net, progress });
    // A refusal is an answer, even where its text breaks off.
    if ((response.statusCode ?? 0) >= 400) progress.end = 'answered';
    return await readAnswer(response, request);
  } catch (error) {
    throw isStatebagError(error)
      ? error
      : unavailable(request, error, { ...progress, timedOut: net.signal.aborted });
  }
}

function unavailable(
  { url, timeout_ms }: HttpRequest,
  error: unknown,
  { end, timedOut }: { readonly end: CallEnd; readonly timedOut: boolean },
): StatebagError {
  const reason = timedOut ? `no answer within ${timeout_ms} ms` : reasonOf(error);
  return new StatebagError('Http.Unavailable', `${addressText(url)}: ${reason}`, {
    cause: error,
    details: { end },
  });
}

/** What a failed connection says. Where several addresses were tried, there is an error for each. */
function reasonOf(error: unknown): string {
  const { message, errors } = Object(error) as { message?: unknown; errors?: unknown }; // looked at below
  if (Array.isArray(errors) && errors.length > 0) return errors.map(reasonOf).join('; ');
  return typeof message === 'string' && message !== '' ? message : String(error);
}

/** @throws `Http.RequestInvalid` naming the header; its value may be a key and is not named */
function checkedHeaders(url: URL, { headers, body }: HttpRequest): Record<string, string> {
  const content =
    body === null
      ? {}
      : { 'content-type': body.type, 'content-length': String(Buffer.byteLength(body.text)) };
  for (const [name, value] of Object.entries(headers)) {
    try {
      validateHeaderName(name);
      validateHeaderValue(name, value);
    } catch (cause) {
      throw new StatebagError(
        'Http.RequestInvalid',
        `${addressText(url.href)}: the header ${JSON.stringify(name)} has a name or a value that HTTP cannot carry (a line break, or a character outside of Latin-1)`,
        { cause, details: { end: 'not_sent' } },
      );
    }
  }
  return { accept: 'application/json, */*;q=0.5', ...content, ...headers };
}

function send(
  url: URL,
  { method, headers, body }: HttpRequest,
  { lookup, signal, progress }: Net & { readonly progress: Progress },
): Promise<IncomingMessage> {
  const [request, connected] =
    url.protocol === 'https:' ? [httpsRequest, 'secureConnect'] : [httpRequest, 'connect'];
  return new Promise((resolve, reject) => {
    const sending = request(url, { method, headers, agent: false, lookup, signal }, resolve);
    sending.on('socket', (socket) => {
      socket.once(connected, () => {
        progress.end = 'unknown';
      });
    });
    sending.on('error', reject);
    sending.end(body?.text);
  });
}

async function readAnswer(response: IncomingMessage, { url, max_bytes }: HttpRequest): Promise<HttpAnswer> {
  const status = response.statusCode ?? 0;
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > max_bytes) {
      response.destroy();
      // A refusal stays one, however long it is.
      throw new StatebagError('Http.TooLarge', `${addressText(url)} sends more than ${max_bytes} bytes`, {
        details: { status, end: status >= 400 ? 'answered' : 'unknown' },
      });
    }
    chunks.push(bytes);
  }
  const headers = Object.fromEntries(
    Object.entries(response.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.join(', ') : String(value),
    ]),
  );
  return { status, headers, text: Buffer.concat(chunks).toString('utf8').toWellFormed() };
}
