import type { SyncEvent } from '@statebag/contracts';
import { validateSyncEvent } from '@statebag/contracts/validators';
import { mergeAction } from './merge-action.ts';
import { normaliseSegmentResult } from './normalise-segment-result.ts';

/** Merges the result of one segment. */
export const sync = mergeAction<SyncEvent>({ event: validateSyncEvent, normalise: normaliseSegmentResult });
