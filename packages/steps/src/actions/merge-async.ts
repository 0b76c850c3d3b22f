import type { MergeAsyncEvent } from '@statebag/contracts/schemas/actions';
import { validateMergeAsyncEvent } from '@statebag/contracts/validators';
import { normaliseAnswer } from './normalise-answer.ts';
import { merging } from './on-bag.ts';

/** Takes in what an asynchronous call came to. */
export const mergeAsync = merging<MergeAsyncEvent>('merge_async', validateMergeAsyncEvent, (event) =>
  normaliseAnswer(event, event.async_result, { waitingFor: 'ASYNC_LLM', field: 'async_result' }),
);
