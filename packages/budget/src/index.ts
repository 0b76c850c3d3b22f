export {
  type Budget,
  type BudgetLine,
  MEASURES,
  type Measure,
  type NamedEnd,
  type Verdict,
  verdictOfAll,
} from './line.ts';
export { budgetOfMachine, type MachineData } from './machine/budget-of-machine.ts';
export { type SeenData, seenIn } from './machine/seen.ts';
export type { LooseEnd } from './shape/shape.ts';
export { budgetOfWorkflow, type Declared } from './workflow/budget-of-workflow.ts';
export { LONGEST_NAMES, type NameLengths } from './workflow/names.ts';
