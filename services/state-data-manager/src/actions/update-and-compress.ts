import {
  type ExecutionId,
  isId,
  isJsonObject,
  type JsonObject,
  LEGACY_LIMITS,
  type OwnerId,
  StatebagError,
  type Timestamp,
  type UpdateAndCompressEvent,
} from '@statebag/contracts';
import { validateUpdateAndCompressEvent } from '@statebag/contracts/validators';
import { byteSizeOf, storeAll } from '@statebag/state-core';
import { applyLegacyTurn, type LegacyPlan, openLegacyBag, planLegacyBag, updateLegacyBag } from '@statebag/state-core/legacy';
import type { Step } from '@statebag/step-kit';

/** The first generation's merge: takes the whole state of a result, returns the bare bag. */
export const updateAndCompress: Step<UpdateAndCompressEvent, null, LegacyPlan, JsonObject> = {
  event: validateUpdateAndCompressEvent,
  reader: ({ state_data }) => ({ owner_id: idOr(state_data['owner_id']) as OwnerId, execution_id: idOr(state_data['execution_id']) as ExecutionId }), // idOr gives text of the id grammar
  facts: ({ state_data }) => ({
    execution_id: idOr(state_data['execution_id']),
    action: 'update_and_compress',
    segment_id: null,
    branch_path: '',
    loop_counter: 0,
  }),
  now: ({ now }) => now ?? (new Date().toISOString() as Timestamp), // first-generation machines pass no time; it only ever stands in clock fields
  reads: async () => null,
  run({ state_data, execution_result = null, max_payload_size_kb = LEGACY_LIMITS.payloadKb, whole_state = false }, _read, { plan }) {
    const bag = openLegacyBag(state_data);
    const isTurn = whole_state && isJsonObject(execution_result);
    const planned = planLegacyBag(isTurn ? applyLegacyTurn(bag, execution_result) : updateLegacyBag(bag, execution_result), max_payload_size_kb, plan);
    if (planned.writes.length > 0) requireIds(state_data);
    return planned;
  },
  async finish(_event, { bag, writes }, { session }) {
    await storeAll(writes, session.store);
    return { reply: bag, sizes: { bag_bytes: byteSizeOf(bag), control_plane_bytes: 0 } };
  },
};

const UNIDENTIFIED = 'unidentified';

function idOr(id: unknown): string {
  return isId(id) ? id : UNIDENTIFIED;
}

/** Nothing is stored for a run that does not say whose it is. */
function requireIds({ owner_id, execution_id }: JsonObject): void {
  if (isId(owner_id) && isId(execution_id)) return;
  throw new StatebagError('Contract.EventRejected', 'state_data needs owner_id and execution_id: part of it must be stored');
}
