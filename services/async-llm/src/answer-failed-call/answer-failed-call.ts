import { isJsonObject, type Json, StatebagError } from '@statebag/contracts';
import { ERRORS } from '@statebag/contracts/errors';
import type { Delivery, TaskTokens } from '../task-tokens.ts';

/** What a task is told of a worker that could not tell it itself. */
export interface WorkerFailure {
  readonly token: string;
  readonly error: string;
  readonly cause: string;
}

/**
 * Reads what Lambda sends to a failure destination. @throws `Contract.EventRejected` where it names no task
 */
export function workerFailure(record: Json): WorkerFailure {
  const { requestPayload, responsePayload, requestContext } = isJsonObject(record) ? record : {};
  const token = isJsonObject(requestPayload) ? requestPayload['task_token'] : undefined;
  if (typeof token !== 'string' || token === '')
    throw new StatebagError(
      'Contract.EventRejected',
      'the failed event has no task_token: nobody can be told',
    );
  const { errorType, errorMessage } = isJsonObject(responsePayload) ? responsePayload : {};
  const condition = isJsonObject(requestContext) ? requestContext['condition'] : undefined;
  return {
    token,
    error: errorOf(errorType),
    cause: `asyncLlmHandler: ${text(errorType) || text(condition)}: ${text(errorMessage) || 'it left no message'}`,
  };
}

/**
 * A worker that ended with an error of ours keeps its name; one that was ended (time, memory, age of the
 * event) may do better next time.
 */
function errorOf(errorType: Json | undefined): string {
  if (typeof errorType === 'string' && Object.hasOwn(ERRORS, errorType)) return errorType;
  const wasEnded = typeof errorType !== 'string' || /^(Sandbox|Runtime)\./.test(errorType);
  return wasEnded ? 'Llm.Unavailable' : 'Node.Failed';
}

function text(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}

/** Ends the task of a worker that failed before it could. */
export async function answerFailedCall(
  record: Json,
  tokens: Pick<TaskTokens, 'fail'>,
): Promise<{ readonly error: string; readonly delivery: Delivery }> {
  const { token, ...failure } = workerFailure(record);
  return { error: failure.error, delivery: await tokens.fail(token, failure) };
}
