export {
  differencesOf,
  type FieldDifference,
  type Judged,
  type Outcome,
  picked,
  type Took,
  type Verdict,
} from './outcome.ts';
export { type FieldSummary, type Summary, summaryOf } from './summary.ts';
export { outerNodes, timeInNodes } from './time-in-nodes.ts';
