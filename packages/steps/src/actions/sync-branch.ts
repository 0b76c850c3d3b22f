import type { SyncBranchEvent } from '@statebag/contracts/schemas/actions';
import { validateSyncBranchEvent } from '@statebag/contracts/validators';
import { bagStep } from '@statebag/step-kit';
import { onBag } from './on-bag.ts';
import { segmentChange } from './sync.ts';

/** The same in the bag of a branch, whose pointer is all that its group sees of it. */
export const syncBranch = bagStep<SyncBranchEvent>({
  ...onBag('sync_branch', validateSyncBranchEvent),
  normalise: segmentChange,
});
