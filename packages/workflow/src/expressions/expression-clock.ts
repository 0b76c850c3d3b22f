import { StatebagError } from '@statebag/contracts';
import { EXPRESSION_LIMITS, type Room } from './expression-limits.ts';
import { valueSize } from './value-size.ts';

/**
 * Lets expressions run one at a time and ends one that has had its share of the processor, or meets too
 * much.
 */
export interface ExpressionClock {
  /**
   * Runs it when no other expression of this clock runs: they never wait for anything, so nothing is lost by
   * taking turns.
   */
  inTurn<Result>(room: Room, work: () => Promise<Result>): Promise<Result>;
  /**
   * True once the running expression has used up its time: processor time, so a busy machine does not fail
   * it.
   */
  isOver(): boolean;
  /** Told of each value that an expression meets. @throws `Expression.LimitExceeded` */
  meet(value: unknown): void;
  /** Told of work that no step shows, as a search. @throws `Expression.LimitExceeded` */
  checkTime(): void;
}

/** The clock is asked at every step of an expression; the processor's is read once in so many. */
const STEPS_BETWEEN = 64;
/** Members that a built-in function gets done with in the time of a step, or less. */
const MEMBERS_PER_STEP = 500;

export function createExpressionClock(): ExpressionClock {
  let last: Promise<unknown> = Promise.resolve();
  let room: Room = { millis: EXPRESSION_LIMITS.millis, valueSize: 0 };
  let begun = 0;
  let steps = 0;
  let over = false;

  function spend(more: number): boolean {
    steps += more;
    if (steps < STEPS_BETWEEN) return over;
    steps = 0;
    over = processorMillis() - begun > room.millis;
    return over;
  }

  function checkTime(weight: number): void {
    if (spend(weight)) throw outOfTime(room);
  }

  function meet(value: unknown): void {
    if ((typeof value !== 'object' || value === null) && typeof value !== 'string') return;
    const size = valueSize(value, room.valueSize);
    if (size > MEMBERS_PER_STEP) checkTime(size / MEMBERS_PER_STEP);
  }

  return {
    inTurn(given, work) {
      const turn = last.then(() => {
        [room, begun, steps, over] = [given, processorMillis(), 0, false];
        return work();
      });
      // whoever asked for this turn gets its error; the next one only waits for its end
      last = turn.catch(() => {});
      return turn;
    },
    isOver: () => spend(1),
    meet,
    checkTime: () => checkTime(STEPS_BETWEEN),
  };
}

function processorMillis(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}

function outOfTime({ millis }: Room): StatebagError {
  return new StatebagError('Expression.LimitExceeded', `it took more than ${millis} ms`);
}
