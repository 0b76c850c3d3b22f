import { type InvocationContext, type StepDeps, stepHandler } from '@statebag/step-kit';
import { initializeLegacyState, isLegacyStart } from './legacy-step.ts';
import { initializeStateData } from './step.ts';

/** One function for both generations: a start without an action is the first one's. */
export function initHandler(deps: StepDeps) {
  const [current, legacy] = [stepHandler(initializeStateData, deps), stepHandler(initializeLegacyState, deps)];
  // Each one's own door checks its event, and Lambda's context has everything Middy asks of it.
  return async (event: unknown, context: InvocationContext): Promise<unknown> =>
    isLegacyStart(event) ? legacy(event as never, context as never) : current(event as never, context as never);
}
