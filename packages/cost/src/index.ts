export {
  type Amounts,
  type CostResult,
  type Dollars,
  type Estimate,
  estimateOf,
  priced,
  sum,
  times,
} from './amounts.ts';
export { MODES } from './assumptions.ts';
export { amountsOfPlan } from './plan-amounts.ts';
export { amountsOfRehearsal, amountsOfRun } from './run-amounts.ts';
export { readStepLines } from './step-lines.ts';
