import { isJsonObject, StatebagError } from '@statebag/contracts';
import { type InvocationContext, type StepDeps, stepHandler } from '@statebag/step-kit';
import { sync } from '../actions/sync.ts';

/** Every action by its name; one module each. */
const ACTIONS = { sync } as const;

/** One function for all actions: the event's `action` names the step. */
export function actionHandler(deps: StepDeps) {
  const handlers = new Map(Object.entries(ACTIONS).map(([name, step]) => [name, stepHandler(step, deps)]));
  return async (event: unknown, context: InvocationContext): Promise<unknown> => {
    const action = isJsonObject(event) ? (event['action'] ?? 'update_and_compress') : undefined;
    const handler = handlers.get(String(action));
    if (!handler) throw new StatebagError('Contract.EventRejected', `event /action ${JSON.stringify(action)} is none of ${[...handlers.keys()].join(', ')}`);
    return handler(event as never, context as never); // the handler's own door checks the event
  };
}
