import type { JsonObject } from '@statebag/contracts';
import type { LatestStateEvent } from '@statebag/contracts/schemas/legacy-events';
import { validateLatestStateEvent } from '@statebag/contracts/validators';
import { byteSizeOf, planWrite, type ValueAddress } from '@statebag/state-core';
import { legacyIds, openLegacyBag } from '@statebag/state-core/legacy';
import { storeAll } from '@statebag/state-core/store/store-all';
import { plainStep, type Step } from '@statebag/step-kit';
import { legacyFacts, legacyRun, turnsOf } from '@statebag/steps';
import { type LatestStates, latestStateKey } from '../latest-states.ts';

/**
 * Keeps the bag of a first-generation run: all of it in one object, and where it lies under the run's key.
 * The bag of a branch is kept for its join alone.
 */
export function saveLatestState(states: LatestStates): Step<JsonObject> {
  return plainStep<LatestStateEvent, JsonObject>({
    event: validateLatestStateEvent,
    facts: ({ state_data }) => legacyFacts('saveLatestState', state_data),
    async run(event, invocation) {
      const { session, plan } = invocation.open(legacyRun(event));
      const bag = openLegacyBag(event.state_data);
      const write = planWrite(bag, 'snapshots', plan);
      await storeAll([write], session);
      if (bag['branch_id'] === undefined)
        await states.save(latestStateKey(bag), { ...latestOf(bag, write), saved_at: plan.now });
      invocation.tally.bag_bytes = byteSizeOf(bag);
      return pointerTo(bag, write);
    },
  });
}

function latestOf(bag: JsonObject, { uri, sha256 }: ValueAddress) {
  const { resume_count } = bag;
  return {
    execution_id: legacyIds(bag).execution_id,
    s3_path: uri,
    sha256,
    loop_counter: turnsOf(bag),
    resume_count: typeof resume_count === 'number' ? resume_count : 0,
  };
}

/** At most 512 bytes, whatever the run or branch has become. */
function pointerTo(
  { branch_id = null, branch_index = null, status = null }: JsonObject,
  { uri, sha256 }: ValueAddress,
): JsonObject {
  return { branch_id, branch_index, status, s3_path: uri, sha256 };
}
