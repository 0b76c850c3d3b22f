import { mayPass } from '../aws-failure.ts';

/** Answers of Step Functions that say "not now": too many starts a second, or too many open executions. */
const NOT_NOW: ReadonlySet<string> = new Set([
  'ThrottlingException',
  'TooManyRequestsException',
  'ExecutionLimitExceeded',
]);

/** Whether the service would take the same start later, or gave no answer that says it took it. */
export function mayBeginLater(error: unknown): boolean {
  return isThrottled(error) || mayPass(error);
}

/** Whether the service said "not now". */
export function isThrottled(error: unknown): boolean {
  return error instanceof Error && NOT_NOW.has(error.name);
}
