import { type Verdict, verdictOfAll } from '@statebag/budget';
import { annotationsOf } from '../budget/annotations.ts';
import type { Budgeted, BudgetOptions } from '../budget/budgeted.ts';
import { workflowBudget } from '../budget/workflow-budget.ts';
import { EXIT } from '../exit.ts';
import { budgetText } from '../render/budget-text.ts';

/** `statebag budget`: what a run may come to at most, before anything runs. */
export async function budget(path: string, options: BudgetOptions): Promise<number> {
  const budgeted = await workflowBudget(path, options.schema ?? []);
  const { lines } = budgeted.budget;
  const verdict = verdictOfAll(lines);
  process.stdout.write(textOf(budgeted, verdict, options));
  return fails(verdict, options) ? EXIT.runFailed : EXIT.succeeded;
}

function fails(verdict: Verdict, { allowUnbounded = false }: BudgetOptions): boolean {
  return verdict === 'over' || (verdict === 'unbounded' && !allowUnbounded);
}

function textOf(budgeted: Budgeted, verdict: Verdict, options: BudgetOptions): string {
  if (options.json === true) return `${JSON.stringify({ ...budgeted.budget, verdict }, infinityAsNull)}\n`;
  const text = budgetText(budgeted.budget, verdict);
  return options.github === true ? `${text}${annotationsOf(budgeted, options)}` : text;
}

/** JSON has no infinity: what has no bound is null. */
function infinityAsNull(_: string, value: unknown): unknown {
  return value === Infinity ? null : value;
}
