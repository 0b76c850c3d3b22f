import { type Outcome, type Summary, summaryOf } from '@statebag/rollout/backtest';
import type { BacktestLedger, BacktestPlan } from './backtest-ledger.ts';
import type { BacktestEnd } from './run-backtest.ts';

/** What a backtest came to: the JSON of `--json`, and what the pages are made of. */
export interface BacktestReport {
  readonly id: string;
  readonly workflow: string;
  readonly file: string;
  readonly ended: BacktestEnd;
  readonly max_cost_usd: number | null;
  /** Fields that were compared. */
  readonly compared: BacktestPlan['fields'];
  readonly judge: string | null;
  readonly summary: Summary;
  readonly outcomes: readonly Outcome[];
}

export function reportOf(
  { plan, outcomes }: BacktestLedger,
  { ended, max_cost_usd }: Pick<BacktestReport, 'ended' | 'max_cost_usd'>,
): BacktestReport {
  const all = outcomes();
  return {
    id: plan.id,
    workflow: plan.workflow.name,
    file: plan.file,
    ended,
    max_cost_usd,
    compared: plan.fields,
    judge: judgeText(plan),
    summary: summaryOf(all, plan.runs.length),
    outcomes: all,
  };
}

function judgeText({ judge }: BacktestPlan): string | null {
  if (judge === null) return null;
  return judge.by === 'expression' ? judge.text : `node ${judge.node} of ${judge.workflow.name}`;
}

/** Whether nothing speaks against the new workflow: every run is the same, or different as the judge wants. */
export function isPassed({ ended, summary }: BacktestReport): boolean {
  const { failed, different, judged } = summary;
  return ended === 'done' && failed === 0 && different === (judged?.passed ?? 0);
}
