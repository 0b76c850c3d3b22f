export { acceptEvent, eventSchema } from './accept-event.ts';
export { type Deadline, deadlineOf, type InvocationContext } from './deadline.ts';
export { defineStep, type Finished, type Step, type StepDeps, type StepTools } from './define-step.ts';
export { returnResult, sealInto, sealPlanned } from './finish.ts';
export { matching, readConfig, type StepConfig } from './read-config.ts';
export { reportBytes, shapedError } from './shaped-error.ts';
export { stepHandler } from './step-handler.ts';
export type { ReplySizes, StepFacts, StepLine, Tally } from './step-line.ts';
export { failureEvent, type LogEvent, powertoolsLog, type StepLog } from './step-log.ts';
