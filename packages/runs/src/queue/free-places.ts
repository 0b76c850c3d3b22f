import type { ExecutionId } from '@statebag/contracts/ids';
import type { StartSettings } from '@statebag/contracts/schemas/rollout';
import { eachBounded } from '@statebag/state-core/store/each-bounded';
import { answerOf } from '../aws-failure.ts';
import type { Executions } from './executions.ts';
import type { Clock } from './pace.ts';
import { roomOf } from './round.ts';
import type { StartBook, WaitingOwner } from './start-book.ts';
import type { WaitingRuns } from './waiting-runs.ts';

export interface PlacesDeps {
  readonly book: StartBook;
  readonly waiting: Pick<WaitingRuns, 'readWaiting'>;
  readonly settings: () => Promise<StartSettings | undefined>;
  readonly executions: Pick<Executions, 'describeExecution'>;
  readonly clock: Clock;
}

const AT_ONCE = 8;
/** Places that are looked at in one go, of each owner; the next ones with the next minute. */
const LOOKED_AT = 20;
const MINUTE_MS = 60_000;
/** Longer than a start takes from its place to its execution. */
const SETTLED_MS = 120_000;

/**
 * Gives back places whose runs are not open: the start broke off, or its end was never told. Only of owners
 * whose runs wait for one; the caller holds the lease of the dispatcher.
 */
export async function freePlaces(deps: PlacesDeps): Promise<void> {
  const owners = await deps.book.waitingOwners();
  if (owners.length === 0) return;
  const settings = await deps.settings();
  for (const owner of owners.filter((each) => roomOf(each, settings) === 0))
    await eachBounded(lookedAt(owner, deps.clock.now()), AT_ONCE, async (execution_id) => {
      if (!(await isOpen(deps, owner, execution_id))) await deps.book.give(owner.owner_id, execution_id);
    });
}

function lookedAt({ open }: WaitingOwner, now: number): readonly ExecutionId[] {
  const sorted = [...open].sort();
  const pages = Math.ceil(sorted.length / LOOKED_AT);
  const page = Math.floor(now / MINUTE_MS) % Math.max(1, pages);
  return sorted.slice(page * LOOKED_AT, (page + 1) * LOOKED_AT);
}

async function isOpen(
  { waiting, executions, clock }: PlacesDeps,
  { taken_at }: WaitingOwner,
  execution_id: ExecutionId,
): Promise<boolean> {
  const run = (await waiting.readWaiting(execution_id))?.run;
  if (run === undefined) return clock.now() - taken_at < SETTLED_MS; // its start may be about to record it
  if (run.status !== 'RUNNING') return false;
  if (run.queued_at !== undefined) return false; // a dispatcher broke off: it takes a place again in its turn
  const executionArn = run.execution_arns.at(-1);
  if (executionArn === undefined || clock.now() - Date.parse(run.started_at) < SETTLED_MS) return true;
  return isRunning(executions, executionArn);
}

async function isRunning(executions: PlacesDeps['executions'], executionArn: string): Promise<boolean> {
  return answerOf(executionArn, async () => {
    try {
      const { status } = await executions.describeExecution({ executionArn });
      return status === 'RUNNING';
    } catch (error) {
      if (error instanceof Error && error.name === 'ExecutionDoesNotExist') return false;
      throw error;
    }
  });
}
