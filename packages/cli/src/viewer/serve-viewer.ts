import { timingSafeEqual } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { eventFor } from '@statebag/api';
import { ERRORS, type ErrorCode } from '@statebag/contracts/errors';
import { API_LIMITS } from '@statebag/contracts/limits';
import { whyForeign } from '@statebag/local-cloud/foreign-requests';
import { bundleViewer, KEY_HEADER, type Refusal, type ViewerFile } from '@statebag/viewer';
import { invokeRoute } from '../cloud/call-api.ts';
import { bodyOf } from '../cloud/serve-api.ts';
import { openExecutions } from './executions.ts';
import { followChanges } from './live.ts';
import type { ViewerPlace } from './viewer-place.ts';

export interface ServedViewer {
  /** With the secret behind #, which no browser sends to anybody. */
  readonly url: string;
  close(): Promise<void>;
}

/** A page may load nothing but what this server gives it, and run no script that stands in a text. */
const SECURITY = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'cache-control': 'no-store',
} as const;

/** Serves the viewer on a loopback port: the page, the routes of the API under /api, and executions. */
export async function serveViewer(place: ViewerPlace, port: number): Promise<ServedViewer> {
  const closing = new AbortController();
  const answer = answerer(place, closing.signal);
  const server = createServer((request, response) => {
    answer(request, response).catch((error: unknown) => {
      if (response.headersSent) response.destroy();
      else sendJson(response, { status: 500, body: unexpected(error) });
    });
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', resolve),
  );
  const { port: taken } = server.address() as AddressInfo; // a listening TCP server has one
  const close = () =>
    new Promise<void>((resolve) => {
      closing.abort();
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${taken}/#key=${place.key}`, close };
}

type Answer = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

function answerer(place: ViewerPlace, closing: AbortSignal): Answer {
  const executions = openExecutions(place.sfn);
  let files: ReturnType<typeof bundleViewer> | undefined;
  return async (request, response) => {
    const { method = 'GET', url = '/', headers } = request;
    const { pathname, searchParams } = new URL(url, 'http://viewer.local');
    const foreign = whyForeign(headers);
    if (foreign !== undefined)
      return sendJson(response, { status: 403, body: refused('Viewer.Foreign', foreign) });
    if (!ASKS.test(pathname)) {
      files ??= bundleViewer();
      return sendFile(response, await files, pathname);
    }
    if (!sameText(String(headers[KEY_HEADER] ?? ''), place.key))
      return sendJson(response, { status: 401, body: NO_KEY });
    if (pathname.startsWith('/api/')) return passOn(place, request, response);
    if (method !== 'GET')
      return sendJson(response, { status: 405, body: refused('Viewer.ReadOnly', `${method} ${pathname}`) });
    if (pathname === '/about') return sendJson(response, { status: 200, body: place.about() });
    if (pathname === '/live')
      return followChanges(place, { searchParams, response, closing, headers: SECURITY });
    sendJson(response, { status: 200, body: await executions.answer(pathname, searchParams) });
  };
}

/** What is asked for by the page's script; every other path is a file or an address of the page. */
const ASKS = /^\/(api\/|about$|live$|executions-of\/)/;

const NO_KEY = refused('Viewer.KeyMissing', 'This page does not have the key of the place it looks at.');

function sameText(given: string, wanted: string): boolean {
  const [left, right] = [Buffer.from(given), Buffer.from(wanted)];
  return left.length === right.length && timingSafeEqual(left, right);
}

/** A route of the API, called as API Gateway calls it. A stage that is only shown takes no change. */
async function passOn(place: ViewerPlace, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { method = 'GET', url = '/' } = request;
  if (method !== 'GET' && place.about().read_only)
    return sendJson(response, {
      status: 403,
      body: refused('Viewer.ReadOnly', 'This stage is shown and not changed.'),
    });
  const body = await bodyOf(request);
  if (body === undefined)
    return sendJson(response, {
      status: 413,
      body: refused('Api.BodyTooLarge', `a body takes at most ${API_LIMITS.bodyBytes} bytes`),
    });
  const found = eventFor({
    method,
    target: url.slice('/api'.length),
    claims: place.claims,
    ...(body !== '' && { body }),
  });
  if (!found)
    return sendJson(response, {
      status: 404,
      body: refused('Viewer.NoRoute', `there is no route ${method} ${url}`),
    });
  const { statusCode, body: text } = await invokeRoute(place, found.route.key, found.event);
  response.writeHead(statusCode, { ...SECURITY, 'content-type': 'application/json' }).end(text);
}

function sendFile(response: ServerResponse, files: ReadonlyMap<string, ViewerFile>, pathname: string): void {
  const file = files.get(pathname) ?? (/\.\w+$/.test(pathname) ? undefined : files.get('/index.html'));
  if (file) response.writeHead(200, { ...SECURITY, 'content-type': file.type }).end(file.body);
  else sendJson(response, { status: 404, body: refused('Viewer.NoFile', `there is no file ${pathname}`) });
}

function sendJson(response: ServerResponse, { status, body }: { status: number; body: object }): void {
  response.writeHead(status, { ...SECURITY, 'content-type': 'application/json' }).end(JSON.stringify(body));
}

function refused(code: ErrorCode, message: string): Refusal {
  return { error: { code, message, mend: ERRORS[code].mend } };
}

function unexpected(error: unknown): Refusal {
  const { name, message } = error instanceof Error ? error : { name: 'Error', message: String(error) };
  const mend = 'If it says so again, look at the terminal of the command that serves this page.';
  return { error: { code: name, message, mend } };
}
