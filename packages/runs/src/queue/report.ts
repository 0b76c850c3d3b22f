import type { Timestamp } from '@statebag/contracts';
import type { OwnerId } from '@statebag/contracts/ids';
import type { StartSettings } from '@statebag/contracts/schemas/rollout';
import { eachBounded } from '@statebag/state-core/store/each-bounded';
import type { StartBook } from './start-book.ts';
import { limitsOf } from './start-limits.ts';
import { rank } from './turns.ts';
import type { WaitingRuns } from './waiting-runs.ts';

/** What waits of one owner. */
export interface OwnersWait {
  readonly owner_id: OwnerId;
  /** Runs that wait; after a crash of the dispatcher for some minutes a few more than there are. */
  readonly waiting: number;
  /** Since when the first of them does; null where it is about to be written. */
  readonly oldest: Timestamp | null;
  /** Runs that have a place, and places there are; null without a limit. */
  readonly open: number;
  readonly open_runs: number | null;
  readonly priority: number;
}

const AT_ONCE = 8;

/** What waits, by owner, whose turn is next first. */
export async function whatWaits(
  { starts, waiting }: { readonly starts: StartBook; readonly waiting: Pick<WaitingRuns, 'firstInLine'> },
  settings: StartSettings | undefined,
): Promise<readonly OwnersWait[]> {
  const owners = (await starts.waitingOwners())
    .map((owner) => ({ ...owner, ...limitsOf(settings, owner.owner_id), waiting: owner.waiting }))
    .sort((left, right) => rank(left) - rank(right));
  return eachBounded(owners, AT_ONCE, async ({ owner_id, waiting: count, open, open_runs, priority }) => {
    const { runs } = await waiting.firstInLine(owner_id, 1);
    const oldest = runs[0]?.queued_at ?? null;
    return { owner_id, waiting: count, oldest, open: open.length, open_runs: open_runs ?? null, priority };
  });
}

/** How many runs wait, and for how long the oldest has; 0 where none does. */
export function depthOf(
  waits: readonly OwnersWait[],
  now: number,
): { readonly waiting: number; readonly oldest_age_seconds: number } {
  const since = waits.flatMap(({ oldest }) => (oldest === null ? [] : [Date.parse(oldest)]));
  return {
    waiting: waits.reduce((sum, { waiting }) => sum + waiting, 0),
    oldest_age_seconds: since.length === 0 ? 0 : Math.max(0, Math.round((now - Math.min(...since)) / 1_000)),
  };
}
