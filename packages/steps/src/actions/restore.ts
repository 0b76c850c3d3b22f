import { isJsonObject, StatebagError } from '@statebag/contracts';
import type { ObjectKind } from '@statebag/contracts/object-keys';
import type { RestoreEvent } from '@statebag/contracts/schemas/actions';
import type { SnapshotRecord } from '@statebag/contracts/schemas/snapshot';
import { validateRestoreEvent, validateSnapshotRecord } from '@statebag/contracts/validators';
import { restoredBag } from '@statebag/state-core/core/snapshot';
import type { StateHydrator } from '@statebag/state-core/store/state-hydrator';
import { bagStep } from '@statebag/step-kit';
import { onBag } from './on-bag.ts';

/** Takes a run back to a snapshot of its own. */
export const restore = bagStep<RestoreEvent>({
  ...onBag('restore', validateRestoreEvent),
  async normalise({ state_data, snapshot_s3_path }, { session: { hydrator }, plan }) {
    const record = await recordAt(snapshot_s3_path, hydrator);
    const index = await addressed(record.state_s3_path, 'blobs', hydrator);
    if (isJsonObject(index)) return restoredBag(state_data, { record, index, context: plan });
    throw new StatebagError('Store.ObjectCorrupt', `${record.state_s3_path} is not the index of a state`);
  },
});

async function recordAt(path: string, hydrator: StateHydrator): Promise<SnapshotRecord> {
  const record = await addressed(path, 'snapshots', hydrator);
  if (validateSnapshotRecord(record)) return record as SnapshotRecord; // the validator says so
  throw new StatebagError('Store.ObjectCorrupt', `${path} is not a snapshot record`);
}

/** An object whose name holds the hash of its content. */
function addressed(s3_path: string, kind: ObjectKind, hydrator: StateHydrator) {
  const sha256 = /\/([0-9a-f]{64})\.json(?:\.zst|\.gz)?$/.exec(s3_path)?.[1];
  return hydrator.object({ s3_path, sha256 }, [kind]);
}
