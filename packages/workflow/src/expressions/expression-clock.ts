import { EXPRESSION_LIMITS } from './expression-limits.ts';

/** Lets expressions run one at a time and says when one has had its share of the processor. */
export interface ExpressionClock {
  /** Runs it when no other expression of this clock runs: they never wait for anything, so nothing is lost by taking turns. */
  inTurn<Result>(work: () => Promise<Result>): Promise<Result>;
  /** True once the running expression has used up its time: processor time, so a busy machine does not fail it. */
  isOver(): boolean;
}

/** The clock is asked at every step of an expression; the processor's is read once in so many. */
const STEPS_BETWEEN = 64;

export function createExpressionClock(): ExpressionClock {
  let last: Promise<unknown> = Promise.resolve();
  let begun = 0;
  let steps = 0;
  let over = false;
  return {
    inTurn(work) {
      const turn = last.then(() => {
        [begun, steps, over] = [processorMillis(), 0, false];
        return work();
      });
      last = turn.catch(() => {}); // whoever asked for this turn gets its error; the next one only waits for its end
      return turn;
    },
    isOver() {
      steps += 1;
      if (steps % STEPS_BETWEEN === 0) over = processorMillis() - begun > EXPRESSION_LIMITS.millis;
      return over;
    },
  };
}

function processorMillis(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
