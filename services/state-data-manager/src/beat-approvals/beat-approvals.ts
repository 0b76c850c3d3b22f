import { isJsonObject, StatebagError, type Timestamp, timestampOf } from '@statebag/contracts';
import type { DuePage, HeldApproval } from '@statebag/runs';
import { eachBounded } from '@statebag/state-core/store/each-bounded';
import { type Deadline, failureEvent, type OpenApprovals, type StepLog } from '@statebag/step-kit';
import type { RunsDeps } from '../open-runs-deps.ts';
import { type Duty, lookAfter } from './look-after.ts';

/** How many approvals were looked after, by what was done, and how many of those could not be. */
export type BeatCounts = Record<Duty | 'failed', number>;

const PAGE = 100;
const AT_ONCE = 8;
/** What one more page may take. What is left is due in a minute. */
const RESERVE_MS = 15_000;

/**
 * Looks after every approval that is due, page by page. One that fails does not stop the others; it is due
 * again with the next beat.
 */
export async function beatApprovals(
  deps: RunsDeps & { readonly log: StepLog; readonly report: (open: OpenApprovals) => void },
  { now, deadline }: { now: Timestamp; deadline: Deadline },
): Promise<BeatCounts> {
  const counts: BeatCounts = { beat: 0, escalate: 0, end: 0, deliver: 0, nothing: 0, failed: 0 };
  let [open, oldest] = [0, Number.POSITIVE_INFINITY];
  let after: DuePage['next'];
  do {
    const page = await deps.runs.dueApprovals({ now, limit: PAGE, after });
    for (const { asked_at } of page.approvals.filter((each) => each.state === 'OPEN')) {
      open += 1;
      oldest = Math.min(oldest, Date.parse(asked_at));
    }
    await eachBounded(page.approvals, AT_ONCE, async (approval) => {
      counts[await looked(deps, approval, now)] += 1;
    });
    after = page.next;
  } while (after && deadline.remainingMs() > RESERVE_MS);
  deps.report({
    open,
    oldest_age_seconds: open === 0 ? 0 : Math.max(0, Math.round((Date.parse(now) - oldest) / 1_000)),
  });
  return counts;
}

async function looked(
  deps: RunsDeps & { readonly log: StepLog },
  approval: HeldApproval,
  now: Timestamp,
): Promise<Duty | 'failed'> {
  try {
    return await lookAfter(deps, approval, now);
  } catch (error) {
    deps.log.event(
      'error',
      failureEvent(approval.execution_id, error instanceof Error ? error : new Error(String(error))),
    );
    return 'failed';
  }
}

/** When a scheduled event was due: the one clock of a beat. @throws `Contract.EventRejected` */
export function scheduledTime(event: unknown): Timestamp {
  const time = isJsonObject(event) ? Date.parse(String(event['time'])) : Number.NaN;
  if (Number.isNaN(time))
    throw new StatebagError('Contract.EventRejected', 'event /time is not the time of a scheduled event');
  return timestampOf(time);
}
