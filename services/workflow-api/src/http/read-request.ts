import { isUtf8 } from 'node:buffer';
import type { ApiEvent, Texts } from '@statebag/api';
import { accept, type Json, StatebagError, type Validator } from '@statebag/contracts';
import { type ExecutionId, isId } from '@statebag/contracts/ids';
import { API_LIMITS } from '@statebag/contracts/limits';
import { pathText, scanJson } from '@statebag/workflow';
import { type Caller, callerOf } from './owner-of.ts';

/** A request whose every part has its form. */
export interface ApiRequest<Body> {
  readonly caller: Caller;
  readonly body: Body;
  readonly query: { readonly limit: number; readonly next: string | undefined; readonly texts: Texts };
  readonly idempotencyKey: string | undefined;
  /** The run of the path. @throws `Run.NotFound` for what cannot be one */
  run(): ExecutionId;
}

/** What a route takes. */
export interface Takes {
  /** Null where a body means nothing. */
  readonly body: Validator | null;
  readonly limit?: { readonly default: number; readonly most: number };
}

/**
 * @throws `Api.Unauthenticated`, `Api.BodyTooLarge`, `Contract.EventRejected` naming the place that does not
 * fit
 */
export function readRequest<Body>(
  event: ApiEvent,
  { body, limit = NO_LIST }: Takes,
  ownerClaim: string | undefined,
): ApiRequest<Body> {
  const { limit: wanted, next, ...texts } = event.queryStringParameters ?? {};
  return {
    caller: callerOf(event, ownerClaim),
    // a route without a body does not read it
    body: body === null ? (undefined as Body) : accept<Body>(body, bodyOf(event), 'body'),
    query: { limit: limitOf(wanted, limit), next, texts },
    idempotencyKey: idempotencyKeyOf(event),
    run: () => runOf(event),
  };
}

const NO_LIST = { default: 1, most: 1 };

function bodyOf({ body = '', isBase64Encoded = false }: ApiEvent): Json {
  const size = Buffer.byteLength(body, isBase64Encoded ? 'base64' : 'utf8');
  if (size > API_LIMITS.bodyBytes)
    throw new StatebagError(
      'Api.BodyTooLarge',
      `the body takes ${size} bytes; at most ${API_LIMITS.bodyBytes} are taken`,
    );
  if (size === 0) return {};
  return strictJson(isBase64Encoded ? decoded(body) : body.toWellFormed());
}

function decoded(body: string): string {
  const bytes = Buffer.from(body, 'base64');
  if (!isUtf8(bytes)) throw new StatebagError('Contract.EventRejected', 'the body is not UTF-8');
  return bytes.toString('utf8');
}

/** What `JSON.parse` would change or lose in silence (a key that stands twice, 2^53 + 1) is refused. */
function strictJson(text: string): Json {
  const [problem] = scanJson(text);
  if (problem === undefined) return JSON.parse(text);
  const { at, offset, message } = problem;
  throw new StatebagError(
    'Contract.EventRejected',
    `the body at ${pathText(at)} (character ${offset + 1}): ${message}`,
  );
}

function limitOf(
  text: string | undefined,
  { default: fallback, most }: { default: number; most: number },
): number {
  if (text === undefined) return fallback;
  const limit = Number(text);
  if (/^\d{1,6}$/.test(text) && limit >= 1 && limit <= most) return limit;
  throw new StatebagError(
    'Contract.EventRejected',
    `limit ${JSON.stringify(text)} is not a number from 1 to ${most}`,
  );
}

const KEY = /^[\x21-\x7e]{1,128}$/;

function idempotencyKeyOf({ headers = {} }: ApiEvent): string | undefined {
  const key = headers['idempotency-key'];
  if (key === undefined || KEY.test(key)) return key;
  throw new StatebagError(
    'Contract.EventRejected',
    'the header Idempotency-Key has to be 1 to 128 printable characters without spaces',
  );
}

function runOf({ pathParameters = {} }: ApiEvent): ExecutionId {
  const id = pathParameters['run_id'];
  if (isId(id)) return id as ExecutionId; // the grammar was checked
  throw new StatebagError('Run.NotFound', `there is no run ${JSON.stringify(id)}`);
}
