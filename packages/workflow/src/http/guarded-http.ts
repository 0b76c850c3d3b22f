import { lookup as systemLookup } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { isStatebagError, StatebagError } from '@statebag/contracts';
import { addressText } from '@statebag/contracts/address-text';
import type { HttpAnswer, HttpClient, HttpRequest } from './http-client.ts';
import { isInside } from './private-addresses.ts';
import { sendRequest } from './send-request.ts';

/** What a deployment allows, and how names become addresses. */
export interface HttpSettings {
  /**
   * Host names (not patterns) whose addresses may be private: an internal service that workflows are meant to
   * use.
   */
  readonly allowed_hosts?: readonly string[];
  readonly lookup?: (
    host: string,
  ) => Promise<readonly { readonly address: string; readonly family: number }[]>;
}

const MOST_REDIRECTS = 5;
const REDIRECTS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308]);
/** All that is sent on to another origin; any other header may be a key, whatever its name. */
const SENT_ON: ReadonlySet<string> = new Set(['accept', 'accept-language', 'user-agent', 'cache-control']);

/**
 * An HTTP client that does not lead inside. The address is checked when it is connected to, so a name that
 * changes its address between
 * a check and the connection gains nothing; every redirect is checked the same way.
 */
export function guardedHttp({
  allowed_hosts = [],
  lookup = (host) => systemLookup(host, { all: true }),
}: HttpSettings = {}): HttpClient {
  const guard = { allowed: new Set(allowed_hosts), lookup };
  return async (request) => {
    const deadline = AbortSignal.timeout(request.timeout_ms);
    let current = request;
    let taken = false;
    for (let hops = 0; hops <= MOST_REDIRECTS; hops += 1) {
      const answer = await hop(current, { guard, deadline, taken });
      const location = REDIRECTS.has(answer.status) ? answer.headers['location'] : undefined;
      if (location === undefined) return taken ? { ...answer, taken } : answer;
      const next = redirected(current, location, answer.status);
      taken ||= next.method !== current.method;
      current = next;
    }
    throw refusedHop(request, `redirects more than ${MOST_REDIRECTS} times`, taken);
  };
}

interface Guard {
  readonly allowed: ReadonlySet<string>;
  readonly lookup: NonNullable<HttpSettings['lookup']>;
}

interface Hop {
  readonly guard: Guard;
  readonly deadline: AbortSignal;
  /** An earlier hop did what was asked and answered with where to look. */
  readonly taken: boolean;
}

async function hop(request: HttpRequest, { guard, deadline, taken }: Hop): Promise<HttpAnswer> {
  try {
    const url = checkedUrl(request.url, guard);
    return await sendRequest(url, request, { lookup: guardedLookup(guard), signal: deadline });
  } catch (error) {
    if (!taken || !isStatebagError(error)) throw error;
    const details = { ...error.details, end: 'unknown' };
    throw new StatebagError(error.name, error.message, { cause: error, details });
  }
}

function redirected(request: HttpRequest, location: string, status: number): HttpRequest {
  const from = new URL(request.url);
  const to = URL.parse(location, from.href);
  if (!to) throw refusedHop(request, `answered ${status} with a Location that is no address`, false);
  // What another service says is no reason to send it a name and a password.
  to.username = '';
  to.password = '';
  const isElsewhere = to.origin !== from.origin;
  const keepsMethod =
    status === 307 || status === 308 || request.method === 'GET' || request.method === 'HEAD';
  if (isElsewhere && keepsMethod && request.body !== null && request.keepsBody)
    throw refusedHop(request, `redirects a body with a secret to ${to.origin}`, false);
  const sent = Object.entries(request.headers);
  const headers = Object.fromEntries(sent.filter(([name]) => !isElsewhere || SENT_ON.has(name)));
  const onward = { ...request, url: to.href, headers };
  return keepsMethod ? onward : { ...onward, method: 'GET', body: null };
}

function refusedHop({ url }: HttpRequest, problem: string, taken: boolean): StatebagError {
  const end = taken ? 'unknown' : 'answered';
  return new StatebagError('Http.Refused', `${addressText(url)} ${problem}`, { details: { end } });
}

/** An address that is written out is never looked up, so it is checked here. */
function checkedUrl(text: string, { allowed }: Guard): URL {
  const url = URL.parse(text);
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw new StatebagError(
      'Http.AddressRefused',
      `${JSON.stringify(addressText(text))} is not an http or https address`,
      { details: { end: 'not_sent' } },
    );
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0 && isInside(host) && !allowed.has(host)) throw refused(host, host);
  return url;
}

function refused(host: string, address: string): StatebagError {
  const what = host === address ? host : `${host} is ${address}, which`;
  return new StatebagError(
    'Http.AddressRefused',
    `${what} lies inside of a network; no request was sent. To allow it, add ${JSON.stringify(host)} to the hosts that api_call may reach`,
    { details: { end: 'not_sent' } },
  );
}

/** Looks a name up and refuses addresses that lead inside, at the moment of connecting. */
function guardedLookup({ allowed, lookup }: Guard): LookupFunction {
  return (host, options, done) => {
    const answer = async () => {
      const found = await lookup(host);
      const inside = found.find(({ address }) => isInside(address));
      if (inside && !allowed.has(host)) throw refused(host, inside.address);
      const [first] = found;
      if (!first)
        throw new StatebagError('Http.Unavailable', `${host} has no address`, {
          details: { end: 'not_sent' },
        });
      return options.all ? [...found] : first;
    };
    answer().then(
      (found) => (Array.isArray(found) ? done(null, found) : done(null, found.address, found.family)),
      (error) => done(error, ''),
    );
  };
}
