import type { Lease } from '../leases.ts';
import { freePlaces } from './free-places.ts';
import { type DispatchCounts, type Looked, type RoundDeps, roomOf, roundsOf } from './round.ts';

/** What the dispatcher works with. */
export interface DispatchDeps extends RoundDeps {
  /** One dispatcher is at work at a time. Two would do no harm, and be no faster. */
  readonly lease: Lease;
}

/** One invocation of the dispatcher: who it is, and how long it may take. */
export interface Dispatching {
  readonly holder: string;
  readonly deadline: { remainingMs(): number };
  /** Looks for places that nobody gave back, too: as the schedule does. */
  readonly thorough: boolean;
}

const LEASE_MS = 60_000;
/** What a start that is under way may take before the deadline. */
const RESERVE_MS = 10_000;

/**
 * Begins what waits, round by round, until nothing is left that may begin. Where another is at work it does
 * nothing. A crash at any point loses nothing and begins nothing twice: the record of a run says whether it
 * waits, and the service takes the name of an execution once.
 */
export async function dispatchStarts(
  deps: DispatchDeps,
  { holder, deadline, thorough }: Dispatching,
): Promise<DispatchCounts> {
  const counts: DispatchCounts = { begun: 0, gone: 0, refused: 0, throttled: 0, full: 0 };
  const claim = () => ({ holder, now: deps.clock.now(), ttl_ms: LEASE_MS });
  const hasTime = () => deadline.remainingMs() > RESERVE_MS;
  const round = roundsOf(deps, counts, hasTime);
  for (;;) {
    if (!(await deps.lease.acquire(claim())).held) return counts;
    let looked: Looked;
    try {
      if (thorough) await freePlaces(deps);
      looked = await round();
      while (looked.again && hasTime() && (await deps.lease.renew(claim()))) looked = await round();
    } finally {
      await deps.lease.release({ holder });
    }
    if (!hasTime() || looked.again || !(await cameSince(deps, looked))) return counts;
  }
}

/** Whoever came while the last round ended was told that a dispatcher is at work. */
async function cameSince({ book }: DispatchDeps, { owners, settings }: Looked): Promise<boolean> {
  const seen = new Map(owners.map(({ owner_id, joined_at }) => [owner_id, joined_at]));
  const now = await book.waitingOwners();
  return now.some((owner) => seen.get(owner.owner_id) !== owner.joined_at && roomOf(owner, settings) > 0);
}
