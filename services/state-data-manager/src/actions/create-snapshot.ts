import { type CreateSnapshotEvent, type Envelope, isStatePointer, type JsonObject, type S3Uri } from '@statebag/contracts';
import { validateCreateSnapshotEvent } from '@statebag/contracts/validators';
import { planSnapshot, type SnapshotPlan } from '@statebag/state-core';
import { type Step, sealPlanned } from '@statebag/step-kit';
import { bagStep } from './merge-action.ts';

type Reply = Envelope & { readonly snapshot_s3_path: S3Uri };

/** Keeps a record that `restore` can take the run back to. The next action stays what it was. */
export const createSnapshot: Step<CreateSnapshotEvent, JsonObject | null, SnapshotPlan, Reply> = {
  ...bagStep(validateCreateSnapshotEvent),
  reads: ({ state_data: { current_state } }, { session: { hydrator } }) =>
    isWhollyStored(current_state) ? Promise.resolve(null) : hydrator.standing(current_state),
  run: ({ state_data, snapshot_type }, standing, { plan }) => planSnapshot(state_data, { type: snapshot_type, standing }, plan),
  async finish(event, planned, tools) {
    const { reply, sizes } = await sealPlanned(event, planned, tools);
    return { reply: { ...reply, snapshot_s3_path: planned.snapshot_s3_path }, sizes };
  },
};

/** True where the index in the store is the state: nothing lies beside it. */
function isWhollyStored(state: CreateSnapshotEvent['state_data']['current_state']): boolean {
  return isStatePointer(state) && Object.keys(state.overlay ?? {}).length === 0;
}
