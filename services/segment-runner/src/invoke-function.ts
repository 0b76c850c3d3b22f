import { StatebagError } from '@statebag/contracts';
import { foreignJson, type InvokeFunction } from '@statebag/workflow';

/** Errors of the Lambda service that say "later". */
const LATER: ReadonlySet<string> = new Set([
  'TooManyRequestsException',
  'ServiceException',
  'ResourceConflictException',
  'EC2ThrottledException',
  'TimeoutError',
]);

/**
 * Calls a function for a `lambda` node. The client is loaded with the first call: most segments make none.
 * @throws `Function.Unavailable`, `Function.Failed`
 */
export const invokeFunction: InvokeFunction = async ({
  function_arn,
  event,
  timeout_ms,
  idempotency_key,
}) => {
  refuseOwn(function_arn);
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const command = new InvokeCommand({
    FunctionName: function_arn,
    Payload: JSON.stringify(event),
    ClientContext: clientContext(idempotency_key),
  });
  const answer = await new LambdaClient({ maxAttempts: 1 })
    .send(command, { abortSignal: AbortSignal.timeout(timeout_ms) })
    .catch((error: unknown) => {
      throw callFailure(function_arn, error);
    });
  const text = answer.Payload?.transformToString() || 'null';
  if (answer.FunctionError !== undefined)
    throw functionFailed(`${function_arn} failed: ${text.slice(0, MESSAGE_CHARACTERS)}`, 'answered');
  const reply = foreignJson(text);
  if (reply.ok) return reply.value;
  throw functionFailed(`${function_arn} gave a reply that cannot be kept: ${reply.complaint}`, 'unknown');
};

const OWN = /(?:^|:)statebag-(?:aggregator|async-llm|segment-runner|shadow|state-data-manager|workflow-api)-/;

/**
 * Functions of Statebag believe whoever may call them: the API its claims, the steps their owner. A role that
 * is wide enough to reach them would let any workflow act for any owner, so no workflow may.
 */
function refuseOwn(name: string): void {
  if (!OWN.test(name)) return;
  throw functionFailed(`${name} is a function of Statebag, which no workflow may call`, 'not_sent');
}

function functionFailed(message: string, end: 'not_sent' | 'answered' | 'unknown'): StatebagError {
  return new StatebagError('Function.Failed', message, { details: { end } });
}

const MESSAGE_CHARACTERS = 1_000;

/** Lambda hands it to the function as `context.clientContext.custom`: what a header is to HTTP. */
function clientContext(idempotencyKey: string): string {
  return Buffer.from(JSON.stringify({ custom: { idempotency_key: idempotencyKey } })).toString('base64');
}

function callFailure(arn: string, error: unknown): StatebagError {
  const name = error instanceof Error ? error.name : 'unknown';
  const message = `${arn}: ${error instanceof Error ? error.message : String(error)}`;
  const end = endOf(error);
  const isLater = LATER.has(name) || name === 'AbortError' || end === 'not_sent';
  return new StatebagError(isLater ? 'Function.Unavailable' : 'Function.Failed', message, {
    cause: error,
    details: { end },
  });
}

/** Lambda's refusals are answers: the function did not run. A 5xx of Lambda says nothing about it. */
function endOf(error: unknown): 'not_sent' | 'answered' | 'unknown' {
  const { $metadata, code } = Object(error) as { $metadata?: { httpStatusCode?: number }; code?: unknown }; // whatever was thrown
  const status = $metadata?.httpStatusCode ?? 0;
  if (status >= 400 && status < 500) return 'answered';
  return typeof code === 'string' && NEVER_SENT.has(code) ? 'not_sent' : 'unknown';
}

/** The connection was never made. */
const NEVER_SENT: ReadonlySet<string> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH']);
