import { type Json, StatebagError } from '@statebag/contracts';
import type { InvokeFunction } from '@statebag/workflow';

/** Errors of the Lambda service that say "later". */
const LATER: ReadonlySet<string> = new Set([
  'TooManyRequestsException',
  'ServiceException',
  'ResourceConflictException',
  'EC2ThrottledException',
  'TimeoutError',
]);

/** Calls a function for a `lambda` node. The client is loaded with the first call: most segments make none. @throws `Function.Unavailable`, `Function.Failed` */
export const invokeFunction: InvokeFunction = async ({ function_arn, event, timeout_ms, idempotency_key }) => {
  const { InvokeCommand, LambdaClient } = await import('@aws-sdk/client-lambda');
  const command = new InvokeCommand({ FunctionName: function_arn, Payload: JSON.stringify(event), ClientContext: clientContext(idempotency_key) });
  const answer = await new LambdaClient({ maxAttempts: 1 }).send(command, { abortSignal: AbortSignal.timeout(timeout_ms) }).catch((error: unknown) => {
    throw callFailure(function_arn, error);
  });
  const reply: Json = JSON.parse(answer.Payload?.transformToString() || 'null');
  if (answer.FunctionError === undefined) return reply;
  throw new StatebagError('Function.Failed', `${function_arn} failed: ${JSON.stringify(reply).slice(0, MESSAGE_CHARACTERS)}`);
};

const MESSAGE_CHARACTERS = 1_000;

/** Lambda hands it to the function as `context.clientContext.custom`: what a header is to HTTP. */
function clientContext(idempotencyKey: string): string {
  return Buffer.from(JSON.stringify({ custom: { idempotency_key: idempotencyKey } })).toString('base64');
}

function callFailure(arn: string, error: unknown): StatebagError {
  const name = error instanceof Error ? error.name : 'unknown';
  const message = `${arn}: ${error instanceof Error ? error.message : String(error)}`;
  return new StatebagError(LATER.has(name) ? 'Function.Unavailable' : 'Function.Failed', message, { cause: error });
}
