import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ApiError, type JsonActions } from '../ports.ts';
import type { CallRecorder } from './call-recorder.ts';
import { asApiError, type ErrorForm, jsonError, queryError, restJsonError, xmlError } from './error-forms.ts';
import { answerIdentity, asksForIdentity } from './identity-service.ts';
import { answerJson, parseInput, readJsonRequest } from './json-service.ts';
import type { Keyring } from './keyring.ts';
import { type Answer, headerOf, parseTarget, type Request, type RestService } from './request.ts';
import { authenticate } from './signature.ts';

/** DynamoDB's answers carry their own status: its error documents are dynalite's. */
export type ItemsService = (action: string, input: object) => Promise<{ readonly status: number; readonly output: unknown }>;

export interface GatewayServices {
  /** By the prefix of `X-Amz-Target`, without the dot. */
  readonly json: Readonly<Record<string, JsonActions>>;
  readonly items: ItemsService;
  readonly lambda: RestService;
  readonly s3: RestService;
}

export interface GatewayOptions {
  readonly port: number;
  readonly account: string;
  readonly keyring: Keyring;
  readonly services: GatewayServices;
  readonly recorder: CallRecorder;
}

/** Who may ask, and who is told of it. */
type Door = Pick<GatewayOptions, 'account' | 'keyring' | 'recorder'>;

export interface Gateway {
  readonly endpoint: string;
  close(): Promise<void>;
}

/** How one protocol reads its requests and words its errors. */
interface Protocol {
  readonly error: ErrorForm;
  answer(request: Request): Promise<Answer>;
}

const ITEMS_TARGET = 'DynamoDB_20120810';
const LOOPBACK = /^(127\.0\.0\.1|localhost|[a-z0-9.-]+\.localhost|\[::1\])(:\d+)?$/i;

/** Serves every service at one loopback port. Requests are told apart as the AWS protocols do: by target header, by Lambda's path, by the service they are signed for, and S3 is the rest. */
export async function openGateway({ port, services, ...door }: GatewayOptions): Promise<Gateway> {
  const protocols = protocolsOf(services, door);
  const server = createServer({ keepAliveTimeout: 30_000, requestTimeout: 0 }, (incoming, response) => {
    serve(incoming, response, protocols).catch((error: unknown) => response.destroy(error instanceof Error ? error : new Error(String(error))));
  });
  await listen(server, port);
  // A listening TCP server has an AddressInfo, never a pipe's name.
  const { port: bound } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${bound}`, close: () => closeServer(server) };
}

async function serve(incoming: IncomingMessage, response: ServerResponse, choose: (request: Request) => Protocol): Promise<void> {
  const request = toRequest(incoming);
  const protocol = choose(request);
  const answer = await answerOrError(request, protocol);
  response.writeHead(answer.status, answer.headers);
  if (answer.body instanceof Readable) await pipeline(answer.body, response);
  else response.end(answer.body);
}

async function answerOrError(request: Request, protocol: Protocol): Promise<Answer> {
  try {
    if (!LOOPBACK.test(headerOf(request, 'host') ?? '')) throw new ApiError('AccessDenied', 'The local cloud answers to loopback names only.', { status: 403 });
    return await protocol.answer(request);
  } catch (error) {
    return protocol.error(asApiError(error), request.requestId);
  }
}

function toRequest(incoming: IncomingMessage): Request {
  const target = incoming.url ?? '/';
  const base = { method: incoming.method ?? 'GET', headers: incoming.headers, body: incoming, requestId: randomUUID() };
  try {
    return { ...base, ...parseTarget(target) };
  } catch {
    // An undecodable query cannot be signed; without its query the request is refused in the form of its own protocol.
    return { ...base, path: target.split('?')[0] ?? '/', query: new Map() };
  }
}

function protocolsOf({ json, items, lambda, s3 }: GatewayServices, door: Door): (request: Request) => Protocol {
  const jsonProtocol: Protocol = { error: jsonError, answer: (request) => answerTarget(request, { json, items, door }) };
  const lambdaProtocol: Protocol = { error: restJsonError, answer: (request) => answerBuffered(request, lambda, door) };
  const s3Protocol: Protocol = { error: xmlError, answer: (request) => answerS3(request, s3, door) };
  const identityProtocol: Protocol = { error: queryError, answer: (request) => answerWhoAsks(request, door) };
  return (request) => {
    if (asksForIdentity(request)) return identityProtocol;
    if (request.headers['x-amz-target'] !== undefined) return jsonProtocol;
    return /^\/20\d\d-\d\d-\d\d\/functions/.test(request.path) ? lambdaProtocol : s3Protocol;
  };
}

async function answerS3(request: Request, s3: RestService, { keyring, recorder }: Door): Promise<Answer> {
  const identity = authenticate(request, { keyring, now: Date.now() });
  try {
    const answer = await s3({ ...request, identity });
    recorder.s3(identity, request, answer.status);
    return answer;
  } catch (error) {
    recorder.s3(identity, request, asApiError(error).status);
    throw error;
  }
}

async function answerTarget(request: Request, { json, items, door }: { json: GatewayServices['json']; items: ItemsService; door: Door }): Promise<Answer> {
  const { text, sha256 } = await readJsonRequest(request);
  const identity = authenticate(request, { keyring: door.keyring, bodySha256: sha256, now: Date.now() });
  const target = headerOf(request, 'x-amz-target') ?? '';
  const [service = '', action = ''] = target.split('.');
  door.recorder.json(identity, target, parseInput(text));
  if (service === ITEMS_TARGET) {
    const { status, output } = await items(action, parseInput(text));
    return { status, headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': request.requestId }, body: JSON.stringify(output) };
  }
  const actions = Object.hasOwn(json, service) ? json[service] : undefined;
  if (actions === undefined) throw new ApiError('UnknownOperationException', `${service} is not a service of the local cloud`);
  return answerJson(actions, action, { request, text });
}

async function answerWhoAsks(request: Request, { account, keyring }: Door): Promise<Answer> {
  const { text, sha256 } = await readJsonRequest(request);
  const identity = authenticate(request, { keyring, bodySha256: sha256, now: Date.now() });
  return answerIdentity(text, { identity, account, requestId: request.requestId });
}

/** Lambda signs the hash of the body, so the body is read before anybody acts on it. */
async function answerBuffered(request: Request, service: RestService, { keyring, recorder }: Door): Promise<Answer> {
  const { text, sha256 } = await readJsonRequest(request);
  const identity = authenticate(request, { keyring, bodySha256: sha256, now: Date.now() });
  recorder.lambda(identity, request);
  return service({ ...request, identity, body: Readable.from([Buffer.from(text)]) });
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
}

function closeServer(server: Server): Promise<void> {
  return new Promise((resolve, reject) => {
    server.close((error) => (error === undefined ? resolve() : reject(error)));
    server.closeAllConnections();
  });
}
