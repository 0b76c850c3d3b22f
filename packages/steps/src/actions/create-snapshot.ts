import { wholeStatePointer } from '@statebag/contracts/pointers';
import type { CreateSnapshotEvent } from '@statebag/contracts/schemas/actions';
import { validateCreateSnapshotEvent } from '@statebag/contracts/validators';
import { planSnapshot } from '@statebag/state-core/core/snapshot';
import { bagStep } from '@statebag/step-kit';
import { onBag } from './on-bag.ts';

/** Keeps a record that `restore` can take the run back to. The next action stays what it was. */
export const createSnapshot = bagStep<CreateSnapshotEvent>({
  ...onBag('create_snapshot', validateCreateSnapshotEvent),
  async normalise({ state_data, snapshot_type }, { session, plan }) {
    const standing = isWhollyStored(state_data) ? null : await session.hydrator.standing(state_data);
    const planned = planSnapshot(state_data, { type: snapshot_type, standing }, plan);
    return { ...planned, beside: () => ({ snapshot_s3_path: planned.snapshot_s3_path }) };
  },
});

/** True where an object of the store is the index and nothing else, and no change lies beside it. */
function isWhollyStored(bag: CreateSnapshotEvent['state_data']): boolean {
  const pointer = wholeStatePointer(bag);
  return pointer !== null && pointer.offset === undefined && Object.keys(pointer.overlay ?? {}).length === 0;
}
