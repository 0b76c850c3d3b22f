import type { Json } from '@statebag/contracts';
import type { MergeCallbackEvent } from '@statebag/contracts/schemas/actions';
import { validateMergeCallbackEvent } from '@statebag/contracts/validators';
import type { NormalisedResult } from '@statebag/state-core/core/normalised-result';
import { normaliseAnswer } from './normalise-answer.ts';
import { merging } from './on-bag.ts';

/** Takes in what a person answered: in its field, and as the run's last answer. */
export const mergeCallback = merging<MergeCallbackEvent>(
  'merge_callback',
  validateMergeCallbackEvent,
  (event) => {
    const result = normaliseAnswer(event, event.callback_result, {
      waitingFor: 'PAUSED_FOR_HITP',
      field: 'hitp_response',
    });
    const answer = answerIn(result);
    return answer === undefined ? result : { ...result, lists: { last_hitp_response: answer } };
  },
);

/** The value of the one operation, or the pointer to it. */
function answerIn({ delta }: NormalisedResult): Json | undefined {
  const [operation] = Array.isArray(delta) ? delta : [];
  if (operation && 'pointer' in operation) return operation.pointer as Json; // a pointer is JSON too
  return operation && 'value' in operation ? operation.value : undefined;
}
