import { lookup as systemLookup } from 'node:dns/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { isStatebagError, StatebagError } from '@statebag/contracts';
import type { HttpAnswer, HttpClient, HttpRequest } from './http-client.ts';
import { isInside } from './private-addresses.ts';

/** What a deployment allows, and how names become addresses. */
export interface HttpSettings {
  /** Host names (not patterns) whose addresses may be private: an internal service that workflows are meant to use. */
  readonly allowed_hosts?: readonly string[];
  readonly lookup?: (host: string) => Promise<readonly { readonly address: string; readonly family: number }[]>;
}

const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** Never sent on to another origin. */
const PRIVATE_HEADERS: ReadonlySet<string> = new Set(['authorization', 'cookie', 'x-api-key', 'idempotency-key']);

/**
 * An HTTP client that does not lead inside. The address is checked when it is connected to, so a name that changes its address between
 * a check and the connection gains nothing; every redirect is checked the same way.
 */
export function guardedHttp({ allowed_hosts = [], lookup = (host) => systemLookup(host, { all: true }) }: HttpSettings = {}): HttpClient {
  const guard = { allowed: new Set(allowed_hosts), lookup };
  return async (request) => {
    const deadline = AbortSignal.timeout(request.timeout_ms);
    let current = request;
    for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
      const answer = await once(current, guard, deadline);
      const location = REDIRECTS.has(answer.status) ? answer.headers['location'] : undefined;
      if (location === undefined) return answer;
      current = redirected(current, location, answer.status);
    }
    throw new StatebagError('Http.Refused', `${request.url} redirects more than ${MOST_REDIRECTS} times`);
  };
}

interface Guard {
  readonly allowed: ReadonlySet<string>;
  readonly lookup: NonNullable<HttpSettings['lookup']>;
}

function redirected(request: HttpRequest, location: string, status: number): HttpRequest {
  const from = new URL(request.url);
  const to = new URL(location, from);
  const keepsMethod = status === 307 || status === 308 || request.method === 'GET' || request.method === 'HEAD';
  const headers = Object.fromEntries(Object.entries(request.headers).filter(([name]) => to.origin === from.origin || !PRIVATE_HEADERS.has(name)));
  return { ...request, url: to.href, headers, ...(!keepsMethod && { method: 'GET', body: null }) };
}

async function once(request: HttpRequest, guard: Guard, signal: AbortSignal): Promise<HttpAnswer> {
  const url = checkedUrl(request.url, guard);
  try {
    const response = await send(url, request, { lookup: guardedLookup(guard), signal });
    return await readAnswer(response, request);
  } catch (error) {
    throw isStatebagError(error) ? error : unavailable(request, error);
  }
}

function unavailable({ url, timeout_ms }: HttpRequest, error: unknown): StatebagError {
  const timedOut = error instanceof Error && (error.name === 'TimeoutError' || error.name === 'AbortError');
  const reason = timedOut ? `no answer within ${timeout_ms} ms` : error instanceof Error ? error.message : String(error);
  return new StatebagError('Http.Unavailable', `${url}: ${reason}`, { cause: error });
}

/** An address that is written out is never looked up, so it is checked here. */
function checkedUrl(text: string, { allowed }: Guard): URL {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new StatebagError('Http.AddressRefused', `${JSON.stringify(text)} is not an http or https address`);
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isInside(host) && !allowed.has(host)) throw refused(host, host);
  return url;
}

function refused(host: string, address: string): StatebagError {
  return new StatebagError('Http.AddressRefused', `${host} is ${address}, which lies inside of a network; no request was sent`);
}

/** Looks a name up and refuses addresses that lead inside, at the moment of connecting. */
function guardedLookup({ allowed, lookup }: Guard): LookupFunction {
  return (host, options, done) => {
    const answer = async () => {
      const found = await lookup(host);
      const inside = found.find(({ address }) => isInside(address));
      if (inside && !allowed.has(host)) throw refused(host, inside.address);
      const [first] = found;
      if (!first) throw new StatebagError('Http.Unavailable', `${host} has no address`);
      return options.all ? [...found] : first;
    };
    answer().then(
      (found) => (Array.isArray(found) ? done(null, found) : done(null, found.address, found.family)),
      (error) => done(error, ''),
    );
  };
}

function send(
  url: URL,
  { method, headers, body }: HttpRequest,
  net: { readonly lookup: LookupFunction; readonly signal: AbortSignal },
): Promise<IncomingMessage> {
  const request = url.protocol === 'https:' ? httpsRequest : httpRequest;
  const content = body === null ? {} : { 'content-type': body.type, 'content-length': String(Buffer.byteLength(body.text)) };
  return new Promise((resolve, reject) => {
    const sending = request(url, { method, headers: { accept: 'application/json, */*;q=0.5', ...content, ...headers }, agent: false, ...net }, resolve);
    sending.on('error', reject);
    sending.end(body?.text);
  });
}

async function readAnswer(response: IncomingMessage, { url, max_bytes }: HttpRequest): Promise<HttpAnswer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response) {
    const bytes = Buffer.from(chunk);
    size += bytes.length;
    if (size > max_bytes) {
      response.destroy();
      throw new StatebagError('Http.TooLarge', `${url} sends more than ${max_bytes} bytes`);
    }
    chunks.push(bytes);
  }
  const headers = Object.fromEntries(Object.entries(response.headers).map(([name, value]) => [name, Array.isArray(value) ? value.join(', ') : String(value)]));
  return { status: response.statusCode ?? 0, headers, text: Buffer.concat(chunks).toString('utf8').toWellFormed() };
}
