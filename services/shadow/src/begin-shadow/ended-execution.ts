import { isJsonObject, StatebagError } from '@statebag/contracts';

/** What the service says about an execution that ended. */
export interface EndedExecution {
  readonly executionArn: string;
  readonly name: string;
}

/** Reads the service's event. @throws `Contract.EventRejected` */
export function endedExecution(event: unknown): EndedExecution {
  const detail = isJsonObject(event) ? event['detail'] : undefined;
  if (!isJsonObject(detail))
    throw new StatebagError('Contract.EventRejected', 'event /detail is not an object');
  const { executionArn, name } = detail;
  if (typeof executionArn !== 'string' || typeof name !== 'string')
    throw new StatebagError('Contract.EventRejected', 'event /detail names no execution');
  return { executionArn, name };
}
