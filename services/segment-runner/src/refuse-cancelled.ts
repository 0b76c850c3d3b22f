import { StatebagError } from '@statebag/contracts';
import type { ExecutionId } from '@statebag/contracts/ids';
import type { Runs } from '@statebag/runs';
import type { MayCall } from '@statebag/steps';

/** A run that makes many calls is looked up this often, not for each. */
const LOOK_EVERY_MS = 1_000;

/**
 * Looks in the table of runs whether a run was cancelled. Its client is loaded with the first call: most
 * segments make none. Without a table nothing is asked.
 */
export function refuseCancelled(table: string | undefined, clock: () => number = Date.now): MayCall {
  if (table === undefined) return async () => {};
  let isCancelled: Promise<IsCancelled> | undefined;
  let last:
    | { readonly execution_id: ExecutionId; readonly at: number; readonly answer: Promise<boolean> }
    | undefined;
  return async (execution_id) => {
    isCancelled ??= openTable(table).then((runs) => runs.isCancelled);
    if (last?.execution_id !== execution_id || clock() - last.at >= LOOK_EVERY_MS) {
      last = { execution_id, at: clock(), answer: isCancelled.then((ask) => ask(execution_id)) };
    }
    const looked = last;
    const cancelled = await looked.answer.catch((error: unknown) => {
      if (last === looked) last = undefined;
      throw error;
    });
    if (cancelled) throw new StatebagError('Run.Cancelled', `run ${execution_id} was cancelled`);
  };
}

type IsCancelled = (execution_id: ExecutionId) => Promise<boolean>;

/** The table of runs; its client is loaded with the first call. */
export async function openTable(table: string): Promise<Runs> {
  const [{ DynamoDBClient }, { openRuns }] = await Promise.all([
    import('@aws-sdk/client-dynamodb'),
    import('@statebag/runs'),
  ]);
  return openRuns({ client: new DynamoDBClient({}), table });
}
