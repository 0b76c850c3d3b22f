import type { IncomingHttpHeaders } from 'node:http';

const LOOPBACK = /^(127\.0\.0\.1|localhost|[a-z0-9.-]+\.localhost|\[::1\])(:\d+)?$/i;
/** What a browser says of a request that its user made, or that a page of this very origin made. */
const OWN_SITES: ReadonlySet<string> = new Set(['none', 'same-origin']);

/**
 * Why a request is refused before anything of it is looked at; undefined for one that is not. Programs send
 * none of these headers; a browser sends them with whatever a page makes it request, and no page can leave
 * them out. A host name that is not a loopback one is a page's own name, made to lead here.
 */
export function whyForeign({ host = '', ...headers }: IncomingHttpHeaders): string | undefined {
  if (!LOOPBACK.test(host)) return 'The local cloud answers to loopback names only.';
  const site = headers['sec-fetch-site'];
  if (site !== undefined && !OWN_SITES.has(String(site)))
    return `The local cloud does not answer pages of other origins (Sec-Fetch-Site: ${String(site)}).`;
  if (headers.origin !== undefined && headers.origin.toLowerCase() !== `http://${host}`.toLowerCase())
    return `The local cloud does not answer pages of other origins (Origin: ${headers.origin}).`;
  return undefined;
}
