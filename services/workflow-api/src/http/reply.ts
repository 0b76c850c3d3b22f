import type { ApiReply } from '@statebag/api';
import { isStatebagError } from '@statebag/contracts';
import { ERRORS, type ErrorCode } from '@statebag/contracts/errors';
import { START_QUEUE } from '@statebag/contracts/limits';
import type { ApiError } from '@statebag/contracts/schemas/api';

/** What an action answers: a status of success and its body. */
export interface Answer {
  readonly status: 200 | 201 | 202;
  readonly body: object;
}

/** What a caller can do about a failure decides its status; what is not here is not the caller's doing. */
const STATUS: Readonly<Partial<Record<ErrorCode, number>>> = {
  'Contract.EventRejected': 400,
  'Workflow.Invalid': 400,
  'Run.InputInvalid': 400,
  'Pointer.LookAlike': 400,
  'Pointer.Foreign': 400,
  'Json.NotRepresentable': 400,
  'Approval.ChoiceUnknown': 400,
  'Api.Unauthenticated': 401,
  'Run.NotFound': 404,
  'Definition.NotFound': 404,
  'Run.Conflict': 409,
  'Run.NotResumable': 409,
  'Run.NotForkable': 409,
  'Run.Cancelled': 409,
  'Approval.NotRequested': 409,
  'Approval.Ambiguous': 409,
  'Approval.AlreadyDecided': 409,
  'Approval.Expired': 410,
  'Api.BodyTooLarge': 413,
  'Run.TooManyWaiting': 429,
  'Store.Unavailable': 503,
};

const SERVER_FAULT = 500;

export function success({ status, body }: Answer): ApiReply {
  return reply(status, body);
}

/**
 * The reply to a failure. A failure that is not the caller's says its code and nothing of its text, which may
 * quote state.
 */
export function refusal(error: unknown, requestId: string): ApiReply {
  const code = codeOf(error);
  const statusCode = STATUS[code] ?? SERVER_FAULT;
  const message = statusCode === SERVER_FAULT ? `the request ${requestId} failed` : messageOf(error);
  const body: ApiError = { error: { code, message, mend: mendOf(code), ...diagnosticsOf(error) } };
  const again = RETRY_AFTER[statusCode];
  return reply(statusCode, body, again === undefined ? {} : { 'retry-after': String(again) });
}

/** Seconds after which the same request may succeed, by status. */
const RETRY_AFTER: Readonly<Record<number, number>> = { 429: START_QUEUE.retryAfterSeconds, 503: 1 };

/** An event of ours that is refused comes of a deployment, a request that is refused of whoever wrote it. */
function mendOf(code: ErrorCode): string {
  if (code !== 'Contract.EventRejected') return ERRORS[code].mend;
  return 'Correct the request at the place that the message names; docs/openapi.json says what each route takes.';
}

/** The code that a failure is reported and logged under. */
export function codeOf(error: unknown): ErrorCode {
  if (isStatebagError(error)) return error.name;
  return error instanceof Error && THROTTLED.has(error.name) ? 'Store.Unavailable' : 'Api.Failed';
}

const THROTTLED: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'TooManyRequestsException',
  'ServiceUnavailable',
  'SlowDown',
  'TimeoutError',
]);

function diagnosticsOf(error: unknown): { diagnostics?: [] } {
  const cause = error instanceof Error ? error.cause : undefined;
  const list =
    typeof cause === 'object' && cause !== null && 'diagnostics' in cause ? cause.diagnostics : undefined;
  return Array.isArray(list) ? { diagnostics: list as [] } : {}; // lines of text and places: JSON
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function reply(statusCode: number, body: object, headers: Readonly<Record<string, string>> = {}): ApiReply {
  return {
    statusCode,
    headers: { 'content-type': 'application/json', 'cache-control': 'no-store', ...headers },
    body: JSON.stringify(body),
  };
}
