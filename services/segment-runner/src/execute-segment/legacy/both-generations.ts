import { type InvocationContext, type StepDeps, stepHandler } from '@statebag/step-kit';
import { executeSegment, type Outside } from '../step.ts';
import { executeLegacySegment, isLegacyEvent } from './step.ts';

/** One bundle serves both generations: an event without a `schema_version` is the first one's. */
export function bothGenerations(outside: Outside, deps: StepDeps) {
  const [current, legacy] = [stepHandler(executeSegment(outside), deps), stepHandler(executeLegacySegment(outside), deps)];
  // Each one's own door checks its event, and Lambda's context has everything Middy asks of it.
  return async (event: unknown, context: InvocationContext): Promise<unknown> =>
    isLegacyEvent(event) ? legacy(event, context as never) : current(event as never, context as never);
}
