import { type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { type ExecutionId, isId, type OwnerId } from '@statebag/contracts/ids';
import { sha256Of } from '../canonical-json.ts';

/** Whose run it is, and which. */
export interface LegacyIds {
  readonly owner_id: OwnerId;
  readonly execution_id: ExecutionId;
}

/**
 * The ids of a first-generation bag or start, in either spelling. A run without an id of its own has that of
 * its idempotency key, else of its
 * execution. Nothing is read or stored for a run that does not say whose it is.
 * @throws `Contract.EventRejected`
 */
export function legacyIds(members: JsonObject, executionName: string | null = null): LegacyIds {
  const owner = members['owner_id'] ?? members['ownerId'];
  const execution =
    members['execution_id'] ?? members['executionId'] ?? members['idempotency_key'] ?? executionName;
  if (!isId(owner))
    throw new StatebagError(
      'Contract.EventRejected',
      `owner_id ${JSON.stringify(owner ?? null)} is no id: the event does not say whose run it is`,
    );
  return { owner_id: owner as OwnerId, execution_id: executionOf(execution) }; // isId is its grammar
}

/**
 * The key that a first-generation run is started under: its idempotency key. A run without one is its own.
 */
export function legacyKey(start: JsonObject, executionName: string | null): string {
  const { idempotency_key: key } = start;
  return typeof key === 'string' && key !== '' ? key : legacyIds(start, executionName).execution_id;
}

function executionOf(name: Json): ExecutionId {
  if (typeof name !== 'string' || name === '')
    throw new StatebagError(
      'Contract.EventRejected',
      'the event has no execution_id: it does not say which run it is of',
    );
  return (isId(name) ? name : sha256Of(name)) as string as ExecutionId; // an id, or a hash, which is one
}
