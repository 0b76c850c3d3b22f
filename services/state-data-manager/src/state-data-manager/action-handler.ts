import { isJsonObject, StatebagError } from '@statebag/contracts';
import { type InvocationContext, type Step, type StepDeps, stepHandler } from '@statebag/step-kit';
import { ACTIONS } from '../actions/index.ts';

/** What a state machine of the first generation means, which names no action. */
const WITHOUT_A_NAME = 'update_and_compress';

/** One function for all actions: the event's `action` names the step. */
export function actionHandler(deps: StepDeps) {
  const handlers = new Map(Object.entries(ACTIONS).map(([name, step]) => [name, stepHandler(step as unknown as Step<never, never, never, unknown>, deps)])); // each handler's own door checks its event
  return async (event: unknown, context: InvocationContext): Promise<unknown> => {
    const action = isJsonObject(event) ? (event['action'] ?? WITHOUT_A_NAME) : undefined;
    const handler = typeof action === 'string' ? handlers.get(action) : undefined;
    if (!handler) throw new StatebagError('Contract.EventRejected', `event /action ${JSON.stringify(action)} is none of ${[...handlers.keys()].join(', ')}`);
    return handler(event as never, context as never); // as above, and Lambda's context has everything Middy asks of it
  };
}
