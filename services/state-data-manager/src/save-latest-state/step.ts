import type { Json, JsonObject, LatestStateEvent, Timestamp } from '@statebag/contracts';
import { validateLatestStateEvent } from '@statebag/contracts/validators';
import { byteSizeOf, type PlannedWrite, planWrite, storeAll } from '@statebag/state-core';
import { legacyIds, openLegacyBag } from '@statebag/state-core/legacy';
import type { Step } from '@statebag/step-kit';
import type { LatestStates } from './latest-states.ts';

/** The bag as one object, and what points to it. */
interface SavedBag {
  readonly write: PlannedWrite;
  readonly bag: JsonObject;
}

/** Keeps the bag of a first-generation run: all of it in one object, and where it lies under the run's key. The bag of a branch is kept for its join alone. */
export function saveLatestState(states: LatestStates): Step<LatestStateEvent, null, SavedBag, JsonObject> {
  return {
    ...latestStateStep('saveLatestState'),
    reads: async () => null,
    run({ state_data }, _read, { plan }) {
      const bag = openLegacyBag(state_data);
      return { bag, write: planWrite(bag, 'snapshots', plan) };
    },
    async finish(_event, { bag, write }, { session, plan }) {
      await storeAll([write], session.store);
      if (bag['branch_id'] === undefined) await states.save(latestStateKey(bag), { ...latestOf(bag, write), saved_at: plan.now });
      return { reply: pointerTo(bag, write), sizes: { bag_bytes: byteSizeOf(bag), control_plane_bytes: 0 } };
    },
  };
}

/** What the steps on a latest state have in common. */
export function latestStateStep(action: string): Pick<Step<LatestStateEvent, never, never, never>, 'event' | 'reader' | 'facts' | 'now'> {
  return {
    event: validateLatestStateEvent,
    reader: ({ state_data }) => legacyIds(state_data),
    facts: ({ state_data }) => ({
      execution_id: legacyIds(state_data).execution_id,
      action,
      segment_id: textOf(state_data['segment_id']),
      branch_path: textOf(state_data['branch_path']) ?? '',
      loop_counter: counterOf(state_data),
    }),
    now: ({ now }) => now ?? (new Date().toISOString() as Timestamp), // first-generation machines pass no time; it only ever stands in clock fields
  };
}

/** The key a run was started under: its idempotency key, else its own id. */
export function latestStateKey(bag: JsonObject) {
  const { owner_id, execution_id } = legacyIds(bag);
  return { owner_id, key: textOf(bag['idempotency_key']) ?? execution_id };
}

/** Turns that a bag has counted. */
export function counterOf({ loop_counter }: JsonObject): number {
  return typeof loop_counter === 'number' ? loop_counter : 0;
}

function latestOf(bag: JsonObject, { uri, sha256 }: PlannedWrite) {
  const { resume_count } = bag;
  return {
    ...{ execution_id: legacyIds(bag).execution_id, s3_path: uri, sha256, loop_counter: counterOf(bag) },
    resume_count: typeof resume_count === 'number' ? resume_count : 0,
  };
}

/** At most 512 bytes, whatever the run or branch has become. */
function pointerTo({ branch_id = null, branch_index = null, status = null }: JsonObject, { uri, sha256 }: PlannedWrite): JsonObject {
  return { branch_id, branch_index, status, s3_path: uri, sha256 };
}

function textOf(value: Json | undefined): string | null {
  return value === undefined || value === null ? null : String(value);
}
