import { isJsonObject, type Json, type JsonObject, LEGACY_LIMITS, type LegacyMergeCallbackEvent, type Timestamp } from '@statebag/contracts';
import { validateLegacyMergeCallbackEvent } from '@statebag/contracts/validators';
import { byteSizeOf, storeAll } from '@statebag/state-core';
import {
  type LegacyPlan,
  type LegacyState,
  legacyIds,
  legacyStateOf,
  mergeLegacyAnswer,
  openLegacyBag,
  planLegacyBag,
  readWholeState,
} from '@statebag/state-core/legacy';
import type { Step } from '@statebag/step-kit';

/** Takes a person's answer into a first-generation bag: text asks for a revision, a decision is merged. Returns the bare bag. */
export const mergeCallback: Step<LegacyMergeCallbackEvent, LegacyState, LegacyPlan, JsonObject> = {
  event: validateLegacyMergeCallbackEvent,
  reader: ({ state_data }) => legacyIds(state_data),
  facts: ({ state_data }) => ({
    execution_id: legacyIds(state_data).execution_id,
    action: 'mergeCallback',
    segment_id: textOf(state_data['segment_id']),
    branch_path: textOf(state_data['branch_path']) ?? '',
    loop_counter: Number(state_data['loop_counter'] ?? 0),
  }),
  now: ({ now }) => now ?? (new Date().toISOString() as Timestamp), // first-generation machines pass no time; it only ever stands in clock fields
  reads: ({ state_data }, { session }) => readWholeState(legacyStateOf(openLegacyBag(state_data)), session.hydrator),
  run: ({ state_data, callback_result, max_payload_size_kb = LEGACY_LIMITS.payloadKb }, state, { plan }) =>
    planLegacyBag(answeredBag(openLegacyBag(state_data), state, callback_result), max_payload_size_kb, plan),
  async finish(_event, { bag, writes }, { session }) {
    await storeAll(writes, session.store);
    return { reply: bag, sizes: { bag_bytes: byteSizeOf(bag), control_plane_bytes: 0 } };
  },
};

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
    ...(status === 'FAILED' && { error_info: error_info ?? { error: 'Node.Failed', message: 'the answer says FAILED and gives no reason', node_id: null } }),
    wait_until: null,
  };
}

function textOf(value: Json | undefined): string | null {
  return value === undefined || value === null ? null : String(value);
}
