export {
  type Deadline,
  deadlineOf,
  type Invocation,
  type InvocationContext,
  type RunAt,
  type StepTools,
} from './invocation.ts';
export { lateStreams } from './late-streams.ts';
export { type ModuleCheck, moduleCheck, moduleCheckDoor } from './module-check.ts';
export { openDeps, type StepDeps } from './open-deps.ts';
export { type Environment, matching, readConfig, type StepConfig } from './read-config.ts';
export { shapedError } from './shaped-error.ts';
export {
  type BagStep,
  bagStep,
  type Change,
  type PlainStep,
  plainStep,
  type RunOnMachine,
  type Step,
} from './step.ts';
export { type Handler, stepHandler } from './step-handler.ts';
export type { StepFacts, StepLine, Tally } from './step-line.ts';
export { failureEvent, type LogEvent, powertoolsLog, type StepLog } from './step-log.ts';
export {
  METRIC_NAMES,
  type OpenApprovals,
  reportApprovals,
  reportStarts,
  type WaitingStarts,
} from './step-metrics.ts';
