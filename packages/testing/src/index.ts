export type { Answers, CallMade } from './answers.ts';
export type { Approve, AskedPerson, PersonsAnswer } from './approvals.ts';
export { type FixtureOptions, type FixtureRun, fromFixture } from './from-fixture.ts';
export {
  asRecorded,
  called,
  type Matched,
  matchers,
  mustHold,
  stayedUnder,
  succeeded,
  tookPath,
} from './matchers.ts';
export type { TestedDocument, TestedNodes } from './read-tested.ts';
export { runWorkflow, type TestOptions, type TestRun } from './run-workflow.ts';
