import { createHash, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ApiError, type JsonActions } from '@statebag/states';
import { askedByStackForm, askedByTarget } from '../iam/asked.ts';
import type { Rights } from '../iam/evaluate.ts';
import { asApiError, type ErrorForm, jsonError, queryError, restJsonError, xmlError } from './error-forms.ts';
import { whyForeign } from './foreign-requests.ts';
import { answerIdentity, asksForIdentity } from './identity-service.ts';
import { answerJson, parseInput, readJsonRequest } from './json-service.ts';
import { answerQuery, type QueryService } from './query-service.ts';
import {
  type Answer,
  headerOf,
  type Identity,
  type Keyring,
  type OwnRights,
  parseTarget,
  type Request,
  type RestService,
} from './request.ts';
import { authenticate, signedFor } from './signature.ts';

/** DynamoDB's answers carry their own status: its error documents are dynalite's. */
export type ItemsService = (
  action: string,
  input: object,
) => Promise<{ readonly status: number; readonly output: unknown }>;

export interface GatewayServices {
  /** By the prefix of `X-Amz-Target`, without the dot. */
  readonly json: Readonly<Record<string, JsonActions>>;
  /** By the name that a request is signed for. */
  readonly query: Readonly<Record<string, QueryService>>;
  readonly items: ItemsService;
  /** By the whole target: waits until asking is worth while, or so many milliseconds have passed. */
  readonly patience: Readonly<Record<string, (input: object, millis: number) => Promise<void>>>;
  /** Everything below its path is its own; it finds out itself who asks. */
  readonly http: {
    readonly path: string;
    serve(request: Request, identify: (request: Request, body: Buffer) => Identity): Promise<Answer>;
  };
  readonly lambda: RestService;
  readonly s3: RestService;
}

export interface GatewayOptions {
  readonly port: number;
  readonly account: string;
  readonly region: string;
  readonly keyring: Keyring;
  readonly rights: Rights;
  /** The machine whose task a token belongs to. */
  machineOf(taskToken: string): string | undefined;
  readonly services: GatewayServices;
}

/** Who may ask, and for what. */
type Door = Omit<GatewayOptions, 'port' | 'services'>;

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

/**
 * Serves every service at one loopback port. Requests are told apart as the AWS protocols do: by target
 * header, by Lambda's path, by the service they are signed for; S3 has those that say none.
 */
export async function openGateway({ port, services, ...door }: GatewayOptions): Promise<Gateway> {
  const protocols = protocolsOf(services, door);
  const server = createServer({ keepAliveTimeout: 30_000, requestTimeout: 0 }, (incoming, response) => {
    serve(incoming, response, protocols).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : new Error(String(error))),
    );
  });
  await listen(server, port);
  // A listening TCP server has an AddressInfo, never a pipe's name.
  const { port: bound } = server.address() as AddressInfo;
  return { endpoint: `http://127.0.0.1:${bound}`, close: () => closeServer(server) };
}

async function serve(
  incoming: IncomingMessage,
  response: ServerResponse,
  choose: (request: Request) => Protocol,
): Promise<void> {
  const request = toRequest(incoming);
  const protocol = choose(request);
  const answer = await answerOrError(request, protocol);
  response.writeHead(answer.status, answer.headers);
  if (answer.body instanceof Readable) await pipeline(answer.body, response);
  else response.end(answer.body);
}

async function answerOrError(request: Request, protocol: Protocol): Promise<Answer> {
  try {
    const foreign = whyForeign(request.headers);
    if (foreign !== undefined) throw new ApiError('AccessDenied', foreign, { status: 403 });
    return await protocol.answer(request);
  } catch (error) {
    return protocol.error(asApiError(error), request.requestId);
  }
}

function toRequest(incoming: IncomingMessage): Request {
  const target = incoming.url ?? '/';
  const base = {
    method: incoming.method ?? 'GET',
    headers: incoming.headers,
    body: incoming,
    requestId: randomUUID(),
  };
  try {
    return { ...base, ...parseTarget(target) };
  } catch {
    // An undecodable query cannot be signed; without its query the request is refused in the form of its own
    // protocol.
    return { ...base, path: target.split('?')[0] ?? '/', query: new Map() };
  }
}

function protocolsOf(
  { json, query, items, patience, http, lambda, s3 }: GatewayServices,
  door: Door,
): (request: Request) => Protocol {
  const jsonProtocol: Protocol = {
    error: jsonError,
    answer: (request) => answerTarget(request, { json, items, patience, door }),
  };
  const lambdaProtocol: Protocol = {
    error: restJsonError,
    answer: (request) => answerBuffered(request, lambda, door),
  };
  const s3Protocol: Protocol = { error: xmlError, answer: (request) => answerS3(request, s3, door) };
  const identityProtocol: Protocol = { error: queryError, answer: (request) => answerWhoAsks(request, door) };
  const httpProtocol: Protocol = {
    error: restJsonError,
    answer: (request) => http.serve(request, (each, body) => identify(each, body, door)),
  };
  return (request) => {
    if (request.path.startsWith(http.path)) return httpProtocol;
    if (asksForIdentity(request)) return identityProtocol;
    const service = signedFor(request)?.service ?? 's3';
    const asked = query[service];
    if (asked !== undefined) return { error: queryError, answer: (each) => answerForm(each, asked, door) };
    if (request.headers['x-amz-target'] !== undefined) return jsonProtocol;
    if (LAMBDA_PATH.test(request.path)) return lambdaProtocol;
    return service === 's3' ? s3Protocol : absentProtocol(service, request);
  };
}

/** A service that is not here: its path must not be taken for that of an object. */
function absentProtocol(service: string, { headers }: Request): Protocol {
  const isForm = headers['content-type']?.startsWith('application/x-www-form-urlencoded') === true;
  return {
    error: isForm ? queryError : restJsonError,
    answer: () => Promise.reject(notHere(service)),
  };
}

function notHere(service: string): ApiError {
  return new ApiError('UnknownOperationException', `${service} is not a service of the local cloud`);
}

function identify(request: Request, body: Buffer, { keyring }: Door): Identity {
  const bodySha256 = createHash('sha256').update(body).digest('hex');
  return authenticate(request, { keyring, bodySha256, now: Date.now() });
}

/** What Lambda's REST API is about stands behind a date. */
const LAMBDA_PATH = /^\/20\d\d-\d\d-\d\d\/(functions|event-source-mappings|account-settings)/;

async function answerS3(request: Request, s3: RestService, { keyring, rights }: Door): Promise<Answer> {
  const identity = authenticate(request, { keyring, now: Date.now() });
  return s3({ ...request, identity, rights: rightsOf(identity, rights) });
}

function rightsOf({ principal }: Identity, rights: Rights): OwnRights {
  return {
    require: (...asked) => rights.require(principal, asked),
    may: (asked) => rights.may(principal, asked),
  };
}

async function answerTarget(
  request: Request,
  { json, items, patience, door }: Pick<GatewayServices, 'json' | 'items' | 'patience'> & { door: Door },
): Promise<Answer> {
  const { text, sha256 } = await readJsonRequest(request);
  const identity = authenticate(request, { keyring: door.keyring, bodySha256: sha256, now: Date.now() });
  const target = headerOf(request, 'x-amz-target') ?? '';
  const [service = '', action = ''] = target.split('.');
  const input = parseInput(text);
  door.rights.require(identity.principal, askedByTarget(target, input, door));
  if (service === ITEMS_TARGET) {
    const { status, output } = await items(action, input);
    return {
      status,
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amzn-requestid': request.requestId },
      body: JSON.stringify(output),
    };
  }
  const actions = Object.hasOwn(json, service) ? json[service] : undefined;
  if (actions === undefined) throw notHere(service);
  const wait = Object.hasOwn(patience, target) ? patienceOf(request) : 0;
  if (wait > 0) await patience[target]?.(input, wait);
  return answerJson(actions, action, { request, input });
}

const MOST_PATIENCE_SECONDS = 60;

/** How long the client would rather wait than ask again, in milliseconds (RFC 7240). */
function patienceOf(request: Request): number {
  const [, seconds = '0'] =
    /(?:^|[,;\s])wait=(\d{1,5})(?:$|[,;\s])/.exec(headerOf(request, 'prefer') ?? '') ?? [];
  return Math.min(Number(seconds), MOST_PATIENCE_SECONDS) * 1_000;
}

async function answerWhoAsks(request: Request, { account, keyring, rights }: Door): Promise<Answer> {
  const { text, sha256 } = await readJsonRequest(request);
  const identity = authenticate(request, { keyring, bodySha256: sha256, now: Date.now() });
  return answerIdentity(text, { identity, account, keyring, rights, requestId: request.requestId });
}

/** Stacks belong to a region: a request for another one must not be answered by this one. */
async function answerForm(request: Request, service: QueryService, door: Door): Promise<Answer> {
  const { text, sha256 } = await readJsonRequest(request);
  const { principal } = authenticate(request, {
    keyring: door.keyring,
    bodySha256: sha256,
    now: Date.now(),
  });
  const region = signedFor(request)?.region;
  if (region !== door.region)
    throw new ApiError(
      'SignatureDoesNotMatch',
      `Credential should be scoped to a valid region, not ${region}: this cloud is ${door.region}.`,
      { status: 403 },
    );
  door.rights.require(principal, askedByStackForm(text, door));
  return answerQuery(service, { text, requestId: request.requestId });
}

/** Lambda signs the hash of the body, so the body is read before anybody acts on it. */
async function answerBuffered(
  request: Request,
  service: RestService,
  { keyring, rights }: Door,
): Promise<Answer> {
  const { text, sha256 } = await readJsonRequest(request);
  const identity = authenticate(request, { keyring, bodySha256: sha256, now: Date.now() });
  const body = Readable.from([Buffer.from(text)]);
  return service({ ...request, identity, body, rights: rightsOf(identity, rights) });
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
