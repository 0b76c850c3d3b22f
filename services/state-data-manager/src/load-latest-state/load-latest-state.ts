import { isJsonObject, type JsonObject, StatebagError } from '@statebag/contracts';
import { LEGACY_LIMITS } from '@statebag/contracts/limits';
import type { LatestStateEvent } from '@statebag/contracts/schemas/legacy-events';
import { validateLatestStateEvent } from '@statebag/contracts/validators';
import { openLegacyBag, planLegacyBag } from '@statebag/state-core/legacy';
import type { StateHydrator } from '@statebag/state-core/store/state-hydrator';
import type { Step } from '@statebag/step-kit';
import { legacyBagStep, turnsOf } from '@statebag/steps';
import { type LatestState, type LatestStates, latestStateKey } from '../latest-states.ts';

/**
 * The bag that a first-generation run goes on with: the latest that was saved for this execution, else the
 * one it was given. A run that failed and is started again goes on where it stopped, and counts that: what it
 * asks and what it starts is asked and started anew. Another execution under the same key begins anew.
 */
export function loadLatestState(states: LatestStates): Step<JsonObject> {
  return legacyBagStep<LatestStateEvent>({
    action: 'loadLatestState',
    event: validateLatestStateEvent,
    async plan({ state_data, max_payload_size_kb = LEGACY_LIMITS.payloadKb }, { session, plan }) {
      const latest = await states.read(latestStateKey(state_data));
      const bag = await bagToGoOnWith(state_data, latest, session.hydrator);
      return planLegacyBag(bag, max_payload_size_kb, plan);
    },
  });
}

async function bagToGoOnWith(
  given: JsonObject,
  latest: LatestState | null,
  hydrator: StateHydrator,
): Promise<JsonObject> {
  if (!latest || latest.execution_id !== given['execution_id']) return given;
  const bag = latest.loop_counter > turnsOf(given) ? await savedBag(latest, hydrator) : given;
  return { ...bag, resume_count: latest.resume_count + 1 };
}

async function savedBag({ s3_path, sha256 }: LatestState, hydrator: StateHydrator): Promise<JsonObject> {
  const bag = await hydrator.object({ s3_path, sha256 });
  if (isJsonObject(bag)) return openLegacyBag(bag);
  throw new StatebagError('Store.ObjectCorrupt', `${s3_path} is not the bag of a run`);
}
