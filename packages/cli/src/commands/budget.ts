import { type Verdict, verdictOfAll } from '@statebag/budget';
import { annotationsOf } from '../budget/annotations.ts';
import type { Budgeted, BudgetOptions } from '../budget/budgeted.ts';
import { definitionIn, machineBudget } from '../budget/machine-budget.ts';
import { workflowBudget } from '../budget/workflow-budget.ts';
import { EXIT, UsageError } from '../exit.ts';
import { budgetText } from '../render/budget-text.ts';

/** `statebag budget`: what a run may come to at most, before anything runs. */
export async function budget(path: string, options: BudgetOptions): Promise<number> {
  const budgeted = await budgetedFile(path, options);
  const { lines } = budgeted.budget;
  const verdict = verdictOfAll(lines);
  process.stdout.write(textOf(budgeted, verdict, options));
  return fails(verdict, options) ? EXIT.runFailed : EXIT.succeeded;
}

/** A workflow, or the definition of a machine in Amazon States Language. */
async function budgetedFile(path: string, options: BudgetOptions): Promise<Budgeted> {
  const { schema = [], schemas, history = [] } = options;
  const definition = await definitionIn(path);
  refuseOthers(path, definition === undefined, options);
  return definition === undefined
    ? workflowBudget(path, schema)
    : machineBudget(path, definition, { schemas, histories: history });
}

function refuseOthers(path: string, isWorkflow: boolean, { schema, schemas, history }: BudgetOptions): void {
  const ofMachines = schemas === undefined ? history && '--history' : '--schemas';
  if (isWorkflow && ofMachines !== undefined)
    throw new UsageError(`${ofMachines}: ${path} is a workflow\n  mend: write --schema <node>=<file>`);
  if (!isWorkflow && schema !== undefined)
    throw new UsageError(
      `--schema: ${path} is a machine\n  mend: write --schemas <folder>, with a file for each state`,
    );
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
