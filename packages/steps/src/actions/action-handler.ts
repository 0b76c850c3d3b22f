import { isJsonObject, StatebagError } from '@statebag/contracts';
import { type Handler, type Step, type StepDeps, stepHandler } from '@statebag/step-kit';
import { ACTIONS } from '../generated/actions.ts';

/** What a state machine of the first generation means, which names no action. */
const WITHOUT_A_NAME = 'update_and_compress';

/** One function for all actions: the event's `action` names the step, whose own door checks the event. */
export function actionHandler(deps: StepDeps): Handler {
  const steps: Readonly<Record<string, Step>> = ACTIONS;
  const handlers = new Map(Object.entries(steps).map(([name, step]) => [name, stepHandler(step, deps)]));
  return async (event, context) => {
    const action = isJsonObject(event) ? (event['action'] ?? WITHOUT_A_NAME) : undefined;
    const handler = typeof action === 'string' ? handlers.get(action) : undefined;
    if (handler) return handler(event, context);
    throw new StatebagError(
      'Contract.EventRejected',
      `event /action ${JSON.stringify(action)} is none of ${[...handlers.keys()].join(', ')}`,
    );
  };
}
