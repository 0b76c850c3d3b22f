import type { ExecutionId } from '@statebag/contracts/ids';
import type { Outcome } from '@statebag/rollout/backtest';
import { type Trying, tryRun } from './try-run.ts';

/** How it ended: with every run tried, without money for the rest, or because somebody stopped it. */
export type BacktestEnd = 'done' | 'out of money' | 'stopped';

export interface Backtesting extends Trying {
  /** So many runs are tried side by side. */
  readonly at_once: number;
  readonly onOutcome: (outcome: Outcome) => void;
}

/**
 * Tries every run of the plan that has no outcome yet. What is under way when the money ends is ended: none
 * of its calls is lost, because a later attempt shares its past.
 */
export async function runBacktest(backtesting: Backtesting): Promise<BacktestEnd> {
  const { ledger, at_once, signal } = backtesting;
  const tried = new Set(ledger.outcomes().map(({ run }) => run));
  const waiting = ledger.plan.runs.filter((run) => !tried.has(run));
  let ranOut = false;
  const work = async () => {
    for (let run = waiting.shift(); run !== undefined; run = waiting.shift()) {
      if (ranOut || signal.aborted) return;
      if (!(await triedOne(run, backtesting))) ranOut = true;
    }
  };
  try {
    await Promise.all(Array.from({ length: at_once }, work));
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  if (signal.aborted) return 'stopped';
  return ranOut ? 'out of money' : 'done';
}

/** False where the money does not suffice. */
async function triedOne(run: ExecutionId, backtesting: Backtesting): Promise<boolean> {
  const outcome = await tryRun(run, backtesting);
  if (outcome === 'out of money') return false;
  backtesting.ledger.add({ what: 'ended', outcome });
  backtesting.onOutcome(outcome);
  return true;
}
