import { isJsonObject, type JsonObject, StatebagError } from '@statebag/contracts';
import { type ExecutionId, isId, type OwnerId } from '@statebag/contracts/ids';
import { LEGACY_LIMITS } from '@statebag/contracts/limits';
import type { UpdateAndCompressEvent } from '@statebag/contracts/schemas/actions';
import { validateUpdateAndCompressEvent } from '@statebag/contracts/validators';
import type { PlanContext } from '@statebag/state-core';
import {
  applyLegacyTurn,
  type LegacyPlan,
  openLegacyBag,
  planLegacyBag,
  updateLegacyBag,
} from '@statebag/state-core/legacy';
import { plainStep } from '@statebag/step-kit';
import { enteredAt, storedBag } from '../legacy/legacy-bag-step.ts';

/** The first generation's merge: takes the whole state of a result, returns the bare bag. */
export const updateAndCompress = plainStep<UpdateAndCompressEvent, JsonObject>({
  event: validateUpdateAndCompressEvent,
  facts: ({ state_data: { execution_id } }) => ({
    execution_id: isId(execution_id) ? execution_id : null,
    action: 'update_and_compress',
    segment_id: null,
    branch_path: '',
    loop_counter: 0,
  }),
  run(event, invocation) {
    const tools = invocation.open({ ...idsOf(event.state_data), now: enteredAt(event) });
    const planned = plannedBag(event, tools.plan);
    if (planned.writes.length > 0) requireIds(event.state_data);
    return storedBag(planned, tools);
  },
});

function plannedBag(event: UpdateAndCompressEvent, plan: PlanContext): LegacyPlan {
  const { execution_result = null, max_payload_size_kb = LEGACY_LIMITS.payloadKb } = event;
  const bag = openLegacyBag(event.state_data);
  const isTurn = event.whole_state === true && isJsonObject(execution_result);
  const after = isTurn ? applyLegacyTurn(bag, execution_result) : updateLegacyBag(bag, execution_result);
  return planLegacyBag(after, max_payload_size_kb, plan);
}

/** A bag that does not say whose it is may be merged as long as nothing of it has to be stored. */
const UNIDENTIFIED = 'unidentified';

function idsOf({ owner_id, execution_id }: JsonObject) {
  // text of the id grammar; no run of this name has objects
  return {
    owner_id: (isId(owner_id) ? owner_id : UNIDENTIFIED) as OwnerId,
    execution_id: (isId(execution_id) ? execution_id : UNIDENTIFIED) as ExecutionId,
  };
}

/** Nothing is stored for a run that does not say whose it is. */
function requireIds({ owner_id, execution_id }: JsonObject): void {
  if (isId(owner_id) && isId(execution_id)) return;
  throw new StatebagError(
    'Contract.EventRejected',
    'state_data needs owner_id and execution_id: part of it must be stored',
  );
}
