import { isJsonObject, type JsonObject, type LatestStateEvent, LEGACY_LIMITS, StatebagError } from '@statebag/contracts';
import { byteSizeOf, storeAll } from '@statebag/state-core';
import { type LegacyPlan, openLegacyBag, planLegacyBag } from '@statebag/state-core/legacy';
import type { Step, StepTools } from '@statebag/step-kit';
import type { LatestState, LatestStates } from '../save-latest-state/latest-states.ts';
import { counterOf, latestStateKey, latestStateStep } from '../save-latest-state/step.ts';

/**
 * The bag that a first-generation run goes on with: the latest that was saved for this execution, else the one it was given. A run that
 * failed and is started again goes on where it stopped, and counts that: what it asks and what it starts is asked and started anew. Another
 * execution under the same key begins anew.
 */
export function loadLatestState(states: LatestStates): Step<LatestStateEvent, JsonObject, LegacyPlan, JsonObject> {
  return {
    ...latestStateStep('loadLatestState'),
    async reads({ state_data }, { session: { hydrator } }) {
      const latest = await states.read(latestStateKey(state_data));
      if (!latest || latest.execution_id !== state_data['execution_id']) return state_data;
      const bag = latest.loop_counter > counterOf(state_data) ? await savedBag(latest, hydrator) : state_data;
      return { ...bag, resume_count: latest.resume_count + 1 };
    },
    run: ({ max_payload_size_kb = LEGACY_LIMITS.payloadKb }, bag, { plan }) => planLegacyBag(bag, max_payload_size_kb, plan),
    async finish(_event, { bag, writes }, { session }) {
      await storeAll(writes, session.store);
      return { reply: bag, sizes: { bag_bytes: byteSizeOf(bag), control_plane_bytes: 0 } };
    },
  };
}

async function savedBag({ s3_path, sha256 }: LatestState, hydrator: StepTools['session']['hydrator']): Promise<JsonObject> {
  const bag = await hydrator.object({ s3_path, sha256 });
  if (isJsonObject(bag)) return openLegacyBag(bag);
  throw new StatebagError('Store.ObjectCorrupt', `${s3_path} is not the bag of a run`);
}
