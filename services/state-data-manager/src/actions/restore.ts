import { type Envelope, isJsonObject, type JsonObject, type RestoreEvent, type SnapshotRecord, StatebagError } from '@statebag/contracts';
import { validateRestoreEvent, validateSnapshotRecord } from '@statebag/contracts/validators';
import { type MergePlan, restoredBag } from '@statebag/state-core';
import { type Step, sealPlanned } from '@statebag/step-kit';
import { bagStep } from './merge-action.ts';

interface Read {
  readonly record: SnapshotRecord;
  readonly index: JsonObject;
}

/** Takes a run back to a snapshot of its own. */
export const restore: Step<RestoreEvent, Read, MergePlan, Envelope> = {
  ...bagStep(validateRestoreEvent),
  async reads({ snapshot_s3_path }, { session: { hydrator } }) {
    const record = await hydrator.object({ s3_path: snapshot_s3_path, sha256: contentHash(snapshot_s3_path) });
    if (!validateSnapshotRecord(record)) throw new StatebagError('Store.ObjectCorrupt', `${snapshot_s3_path} is not a snapshot record`);
    const { state_s3_path } = record as SnapshotRecord; // the validator says so
    const index = await hydrator.object({ s3_path: state_s3_path, sha256: contentHash(state_s3_path) });
    if (!isJsonObject(index)) throw new StatebagError('Store.ObjectCorrupt', `${state_s3_path} is not the index of a state`);
    return { record: record as SnapshotRecord, index }; // as above
  },
  run: ({ state_data }, { record, index }, { plan }) => restoredBag(state_data, { record, index, context: plan }),
  finish: sealPlanned,
};

/** The hash that a content-addressed object's name holds. */
function contentHash(path: string): string | undefined {
  return /\/([0-9a-f]{64})\.json(?:\.zst|\.gz)?$/.exec(path)?.[1];
}
