import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { LEGACY_LIMITS } from '@statebag/contracts/limits';
import type { LegacyMergeCallbackEvent } from '@statebag/contracts/schemas/legacy-events';
import { validateLegacyMergeCallbackEvent } from '@statebag/contracts/validators';
import {
  type LegacyState,
  legacyStateOf,
  mergeLegacyAnswer,
  openLegacyBag,
  planLegacyBag,
  readWholeState,
} from '@statebag/state-core/legacy';
import { legacyBagStep } from './legacy-bag-step.ts';

/**
 * Takes a person's answer into a first-generation bag: text asks for a revision, a decision is merged.
 * Returns the bare bag.
 */
export const mergeCallback = legacyBagStep<LegacyMergeCallbackEvent>({
  action: 'mergeCallback',
  event: validateLegacyMergeCallbackEvent,
  async plan(event, { session, plan }) {
    const { callback_result, max_payload_size_kb = LEGACY_LIMITS.payloadKb } = event;
    const bag = openLegacyBag(event.state_data);
    const state = await readWholeState(legacyStateOf(bag), session.hydrator);
    return planLegacyBag(answeredBag(bag, state, callback_result), max_payload_size_kb, plan);
  },
});

/** The bag after the answer: the run goes on where the pause said, or ends. */
function answeredBag(bag: JsonObject, state: LegacyState, answered: Json): JsonObject {
  const { request, ...rest } = bag;
  const field = isJsonObject(request) && typeof request['field'] === 'string' ? request['field'] : null;
  const { fields, response, status, error_info } = mergeLegacyAnswer(state, answered, field);
  const ended = (bag['segment_to_run'] ?? null) === null;
  return {
    ...rest,
    current_state: { ...state.standing, ...fields },
    last_hitp_response: response,
    loop_counter: Number(bag['loop_counter'] ?? 0) + 1,
    status: status === 'FAILED' ? status : ended ? 'COMPLETE' : 'CONTINUE',
    ...(status === 'FAILED' && {
      error_info: error_info ?? {
        error: 'Node.Failed',
        message: 'the answer says FAILED and gives no reason',
        node_id: null,
      },
    }),
    wait_until: null,
  };
}
