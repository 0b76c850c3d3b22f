export {
  type Budget,
  type BudgetLine,
  MEASURES,
  type Measure,
  type NamedEnd,
  type Verdict,
  verdictOfAll,
} from './line.ts';
export type { LooseEnd } from './shape/shape.ts';
export { budgetOfWorkflow, type Declared } from './workflow/budget-of-workflow.ts';
export { LONGEST_NAMES, type NameLengths } from './workflow/names.ts';
