import type { MergeAsyncEvent } from '@statebag/contracts';
import { validateMergeAsyncEvent } from '@statebag/contracts/validators';
import { mergeAction } from './merge-action.ts';
import { normaliseAnswer } from './normalise-answer.ts';

/** Takes in what an asynchronous call came to. */
export const mergeAsync = mergeAction<MergeAsyncEvent>({
  event: validateMergeAsyncEvent,
  normalise: (event) => normaliseAnswer(event, event.async_result, { waitingFor: 'ASYNC_LLM', field: 'async_result' }),
});
