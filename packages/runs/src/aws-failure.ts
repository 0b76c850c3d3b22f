import { StatebagError } from '@statebag/contracts';
import { statusOf } from '@statebag/state-core/store/requested-object-store';

/** Answers that may pass, whatever status they come with: DynamoDB throttles with 400. */
const MAY_PASS = new Set([
  'ProvisionedThroughputExceededException',
  'ThrottlingException',
  'RequestLimitExceeded',
  'LimitExceededException',
  'TransactionConflictException',
  'InternalServerError',
  'InternalException',
  'InternalFailure',
]);

/**
 * What an AWS client raised, under the catalogue's name where it has one; a rejected request is our own
 * mistake and stays what it is.
 */
function awsFailure(what: string, error: unknown): unknown {
  if (error instanceof StatebagError || !(error instanceof Error)) return error;
  const message = `${what}: ${error.name}: ${error.message}`;
  const status = statusOf(error);
  if (error.name === 'AccessDeniedException' || status === 403)
    return new StatebagError('Store.AccessDenied', message, { cause: error });
  if (status === undefined || status >= 500 || status === 429 || MAY_PASS.has(error.name))
    return new StatebagError('Store.Unavailable', message, { cause: error });
  return error;
}

/**
 * An answer of AWS, or its failure by the catalogue's name. @throws `Store.Unavailable`, `Store.AccessDenied`
 */
export async function answerOf<Answer>(what: string, call: () => Promise<Answer>): Promise<Answer> {
  try {
    return await call();
  } catch (error) {
    throw awsFailure(what, error);
  }
}

/** Whether the same request may succeed later: the service is busy, or gave no answer. */
export function mayPass(error: unknown): boolean {
  const failure = awsFailure('', error);
  return failure instanceof StatebagError && failure.name === 'Store.Unavailable';
}
