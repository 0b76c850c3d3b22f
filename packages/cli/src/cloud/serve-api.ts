import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type ApiReply, eventFor } from '@statebag/api';
import { isId } from '@statebag/contracts/ids';
import { API_LIMITS } from '@statebag/contracts/limits';
import { whyForeign } from '@statebag/local-cloud/foreign-requests';
import { type ApiPlace, invokeRoute, localClaims } from './call-api.ts';

export interface ServedApi {
  readonly url: string;
  close(): Promise<void>;
}

/**
 * The API over HTTP, as API Gateway serves it, through the deployed functions. A token of this machine is the
 * owner's id: `Authorization: Bearer local`. Only loopback is listened on, and requests of pages of a browser
 * are refused.
 */
export async function serveApi(app: ApiPlace, port: number): Promise<ServedApi> {
  const server = createServer((request, response) => {
    answer(app, request).then(
      (reply) => send(response, reply),
      (error: unknown) => send(response, failure(error)),
    );
  });
  await new Promise<void>((resolve, reject) =>
    server.once('error', reject).listen(port, '127.0.0.1', resolve),
  );
  const { port: taken } = server.address() as AddressInfo; // a listening TCP server has one
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url: `http://127.0.0.1:${taken}`, close };
}

async function answer(app: ApiPlace, request: IncomingMessage): Promise<ApiReply> {
  const { method = 'GET', url = '/', headers } = request;
  const foreign = whyForeign(headers);
  if (foreign !== undefined) return failed(403, foreign);
  const owner = /^Bearer (\S+)$/.exec(headers.authorization ?? '')?.[1];
  if (!isId(owner)) return failed(401, 'send Authorization: Bearer local');
  const body = await bodyOf(request);
  if (body === undefined) return failed(413, `a body takes at most ${API_LIMITS.bodyBytes} bytes`);
  const texts = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
  const found = eventFor({
    method,
    target: url,
    claims: localClaims(owner),
    headers: texts,
    ...(body !== '' && { body }),
  });
  return found
    ? invokeRoute(app, found.route.key, found.event)
    : failed(404, `there is no route ${method} ${url}`);
}

/** Undefined where it is more than any route takes. */
export async function bodyOf(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size > API_LIMITS.bodyBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** A function that is not called, because too many are at work, is no mistake of the function. */
function failure(error: unknown): ApiReply {
  const isThrottled = error instanceof Error && Reflect.get(error, 'code') === 'TooManyRequestsException';
  if (isThrottled) return failed(503, 'Service Unavailable');
  return failed(500, error instanceof Error ? error.message : String(error));
}

/** As API Gateway says what it refuses itself. */
function failed(statusCode: number, message: string): ApiReply {
  return { statusCode, headers: { 'content-type': 'application/json' }, body: JSON.stringify({ message }) };
}

function send(response: ServerResponse, { statusCode, headers, body }: ApiReply): void {
  response.writeHead(statusCode, { ...headers }).end(body);
}
