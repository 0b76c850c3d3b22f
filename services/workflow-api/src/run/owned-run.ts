import { StatebagError } from '@statebag/contracts';
import type { RunRecord } from '@statebag/runs';
import type { ApiRequest } from '../http/read-request.ts';
import type { Api } from '../open-api.ts';

/**
 * The run of the path, if it is the caller's. @throws `Run.NotFound`: somebody else's does not exist either
 */
export async function ownedRun(
  { runs }: Pick<Api, 'runs'>,
  { caller, run }: Pick<ApiRequest<unknown>, 'caller' | 'run'>,
): Promise<RunRecord> {
  const id = run();
  const record = await runs.getRun(id);
  if (record?.owner_id === caller.owner_id) return record;
  throw new StatebagError('Run.NotFound', `there is no run ${id}`);
}

/**
 * The execution that is the run now: the first one, or its last resume. @throws `Run.NotResumable` where none
 * was begun
 */
export function currentExecution({ execution_id, execution_arns }: RunRecord): string {
  const arn = execution_arns.at(-1);
  if (arn !== undefined) return arn;
  throw new StatebagError('Run.NotResumable', `run ${execution_id} was never begun`);
}

/** The executions that are the run, as far as it has begun. */
export function begunExecutions({ execution_arns, queued_at }: RunRecord): readonly string[] {
  return queued_at === undefined ? execution_arns : [];
}
