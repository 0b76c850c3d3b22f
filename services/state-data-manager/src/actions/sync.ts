import type { SyncEvent } from '@statebag/contracts';
import { validateSyncEvent } from '@statebag/contracts/validators';
import { segmentSync } from './segment-sync.ts';

/** Merges the result of one segment. */
export const sync = segmentSync<SyncEvent>(validateSyncEvent);
