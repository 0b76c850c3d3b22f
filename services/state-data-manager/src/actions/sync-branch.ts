import type { SyncBranchEvent } from '@statebag/contracts';
import { validateSyncBranchEvent } from '@statebag/contracts/validators';
import { segmentSync } from './segment-sync.ts';

/** The same in the bag of a branch, whose pointer is all that its group sees of it. */
export const syncBranch = segmentSync<SyncBranchEvent>(validateSyncBranchEvent);
