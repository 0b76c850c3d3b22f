import type { ExecutionId, OwnerId } from '@statebag/contracts/ids';
import { START_QUEUE } from '@statebag/contracts/limits';

/** The waiting runs of an owner, those that came first in front, with what decides when its turn is. */
export interface Line {
  readonly owner_id: OwnerId;
  readonly priority: number;
  /** When the owner last had its turn, or began to wait (epoch milliseconds). */
  readonly turn: number;
  /** Runs that may begin: no more than the owner has places. */
  readonly runs: readonly ExecutionId[];
}

/** A run whose turn it is, and which turn. */
export interface Turn {
  readonly owner_id: OwnerId;
  readonly execution_id: ExecutionId;
  readonly turn: number;
}

/**
 * The next runs to begin, in their order: the owner is next that has waited longest since its last turn,
 * where each step of priority counts as a minute of waiting. So of n owners of one priority each gets its
 * turn within n, and nobody waits for ever. At most `count`.
 */
export function nextTurns(lines: readonly Line[], count: number, now: number): Turn[] {
  const standing = lines.map(({ runs, ...line }) => ({ ...line, left: [...runs] }));
  const turns: Turn[] = [];
  let turn = Math.max(now, ...lines.map((line) => line.turn)); // clocks of others may be ahead
  while (turns.length < count) {
    const next = earliest(standing.filter(({ left }) => left.length > 0));
    const execution_id = next?.left.shift();
    if (next === undefined || execution_id === undefined) return turns;
    turn += 1;
    next.turn = turn;
    turns.push({ owner_id: next.owner_id, execution_id, turn });
  }
  return turns;
}

interface Ranked {
  readonly owner_id: OwnerId;
  readonly priority: number;
  turn: number;
}

function earliest<Owner extends Ranked>(owners: readonly Owner[]): Owner | undefined {
  return owners.reduce<Owner | undefined>(
    (first, each) => (first === undefined || isBefore(each, first) ? each : first),
    undefined,
  );
}

function isBefore(left: Ranked, right: Ranked): boolean {
  const [at, other] = [rank(left), rank(right)];
  return at === other ? left.owner_id < right.owner_id : at < other;
}

/** When an owner's turn is, as if it had begun to wait earlier by what its priority is worth. */
export function rank({ turn, priority }: Pick<Line, 'turn' | 'priority'>): number {
  return turn - priority * START_QUEUE.priorityStepMs;
}
