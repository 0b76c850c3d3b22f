import type { Json, MergeCallbackEvent } from '@statebag/contracts';
import { validateMergeCallbackEvent } from '@statebag/contracts/validators';
import { mergeAction } from './merge-action.ts';
import { normaliseAnswer } from './normalise-answer.ts';

/** Takes in what a person answered: in its field, and as the run's last answer. */
export const mergeCallback = mergeAction<MergeCallbackEvent>({
  event: validateMergeCallbackEvent,
  normalise(event) {
    const result = normaliseAnswer(event, event.callback_result, { waitingFor: 'PAUSED_FOR_HITP', field: 'hitp_response' });
    const [operation] = Array.isArray(result.delta) ? result.delta : [];
    const answer = operation && ('pointer' in operation ? operation.pointer : 'value' in operation ? operation.value : undefined);
    return answer === undefined ? result : { ...result, lists: { last_hitp_response: answer as Json } }; // a pointer is JSON too
  },
});
