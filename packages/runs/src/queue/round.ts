import type { OwnerId } from '@statebag/contracts/ids';
import type { StartSettings } from '@statebag/contracts/schemas/rollout';
import { eachBounded } from '@statebag/state-core/store/each-bounded';
import { type Begun, beginInTurn, type TurnDeps } from './begin-in-turn.ts';
import type { Executions } from './executions.ts';
import { type Pace, paceOf } from './pace.ts';
import type { StartBook, WaitingOwner } from './start-book.ts';
import { limitsOf, startsPerSecond } from './start-limits.ts';
import { type Line, nextTurns, rank, type Turn } from './turns.ts';
import type { WaitingRuns } from './waiting-runs.ts';

/** What a round works with. */
export interface RoundDeps extends Omit<TurnDeps, 'pace' | 'limitOf' | 'book' | 'waiting' | 'executions'> {
  readonly book: StartBook;
  readonly waiting: WaitingRuns;
  readonly executions: Executions;
  readonly settings: () => Promise<StartSettings | undefined>;
}

/** What was done, by what became of it. */
export type DispatchCounts = Record<Begun, number>;

/** How the queue stood when it was last looked at. */
export interface Looked {
  readonly owners: readonly WaitingOwner[];
  readonly settings: StartSettings | undefined;
  /** Something was done, or is about to appear: look again. */
  readonly again: boolean;
}

/** Starts under way at once. */
const AT_ONCE = 16;
const MOST_IN_A_ROUND = 300;
/** Longer than any function takes from joining to writing the run: what is not there by then never comes. */
const SETTLED_MS = 120_000;
/** So long a run that is counted may be missing in the index. */
const BEHIND_MS = 5_000;
const LOOK_AGAIN_MS = 50;

/** One second's worth of starts: looks who waits, and begins those whose turn it is. */
export function roundsOf(deps: RoundDeps, counts: DispatchCounts, hasTime: () => boolean) {
  let paced: { readonly perSecond: number; readonly pace: Pace } | undefined;
  return async (): Promise<Looked> => {
    const owners = await deps.book.waitingOwners();
    if (owners.length === 0) return { owners, settings: undefined, again: false };
    const settings = await deps.settings();
    const perSecond = startsPerSecond(settings);
    if (paced?.perSecond !== perSecond) paced = { perSecond, pace: paceOf(perSecond, deps.clock) };
    const { lines, behind } = await linesOf(deps, { owners, settings, most: mostOf(perSecond) });
    const turns = nextTurns(lines, mostOf(perSecond), deps.clock.now());
    const limitOf = (owner_id: OwnerId) => limitsOf(settings, owner_id).open_runs;
    const { out, again } = await takeTurns({ ...deps, pace: paced.pace, limitOf }, turns, {
      counts,
      hasTime,
    });
    if (!out && (again || behind)) await deps.clock.pause(LOOK_AGAIN_MS);
    return { owners, settings, again: again || behind };
  };
}

function mostOf(perSecond: number): number {
  return Math.max(1, Math.min(MOST_IN_A_ROUND, Math.ceil(perSecond)));
}

/** Places that an owner has left. */
export function roomOf({ owner_id, open }: WaitingOwner, settings: StartSettings | undefined): number {
  const { open_runs } = limitsOf(settings, owner_id);
  return open_runs === undefined ? Number.POSITIVE_INFINITY : Math.max(0, open_runs - open.length);
}

interface Standing {
  readonly owners: readonly WaitingOwner[];
  readonly settings: StartSettings | undefined;
  readonly most: number;
}

/** The lines of those whose turn comes first, each as long as it may have turns in this round. */
async function linesOf(
  deps: Pick<RoundDeps, 'book' | 'waiting' | 'clock'>,
  { owners, settings, most }: Standing,
): Promise<{ readonly lines: readonly Line[]; readonly behind: boolean }> {
  const next = owners
    .map((owner) => ({ owner, ...limitsOf(settings, owner.owner_id), room: roomOf(owner, settings) }))
    .filter(({ room }) => room > 0)
    .sort((left, right) => rank({ ...left.owner, ...left }) - rank({ ...right.owner, ...right }))
    .slice(0, most);
  const now = deps.clock.now();
  let behind = false;
  const lines = await eachBounded(next, AT_ONCE, async ({ owner, priority, room }): Promise<Line> => {
    const { owner_id, turn, joined_at, waiting } = owner;
    const limit = Math.min(room, longest(most, next.length), waiting);
    const { runs, all } = await deps.waiting.firstInLine(owner_id, limit);
    if (runs.length === 0 && now - joined_at < BEHIND_MS) behind = true;
    if (all && runs.length < waiting && now - joined_at > SETTLED_MS)
      await deps.book.correct(owner, runs.length);
    return { owner_id, priority, turn, runs: runs.map(({ execution_id }) => execution_id) };
  });
  return { lines, behind };
}

/** One priority may take most turns of a round, so lines are read longer than their even share. */
function longest(most: number, owners: number): number {
  return Math.max(1, Math.ceil((2 * most) / owners));
}

interface Taking {
  readonly counts: DispatchCounts;
  readonly hasTime: () => boolean;
}

interface Turned {
  /** A run left the line. */
  readonly out: boolean;
  /** The next look finds something else: a run left, or the index was behind, or the service was busy. */
  readonly again: boolean;
}

/** Takes turns in their order, several at once. */
async function takeTurns(
  deps: TurnDeps & Pick<RoundDeps, 'book'>,
  turns: readonly Turn[],
  { counts, hasTime }: Taking,
): Promise<Turned> {
  const served = new Map<OwnerId, { count: number; turn: number }>();
  let [again, failure]: [boolean, unknown] = [false, undefined];
  const ordered = inOrder(deps.pace);
  await eachBounded(turns, AT_ONCE, async (turn) => {
    const { pace, done } = ordered();
    try {
      if (failure !== undefined || !hasTime()) return;
      const { became, out } = await beginInTurn({ ...deps, pace }, turn);
      counts[became] += 1;
      again ||= became !== 'full';
      if (out) serve(served, turn);
    } catch (error) {
      failure ??= error; // what is under way ends, and is counted
    } finally {
      done();
    }
  });
  for (const [owner_id, { count, turn }] of served) await deps.book.served(owner_id, { count, turn });
  if (failure !== undefined) throw failure;
  return { out: served.size > 0, again };
}

/** Several turns are prepared at once, and take the pace in the order in which they were asked for. */
function inOrder(pace: Pace): () => { readonly pace: Pace; readonly done: () => void } {
  let last = Promise.resolve();
  return () => {
    const before = last;
    const { promise, resolve: done } = Promise.withResolvers<void>();
    last = promise;
    const next = async () => {
      await before;
      await pace.next();
      done();
    };
    return { pace: { ...pace, next }, done };
  };
}

function serve(served: Map<OwnerId, { count: number; turn: number }>, { owner_id, turn }: Turn): void {
  const before = served.get(owner_id);
  served.set(owner_id, { count: (before?.count ?? 0) + 1, turn: Math.max(before?.turn ?? 0, turn) });
}
