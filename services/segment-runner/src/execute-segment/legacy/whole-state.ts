import { type DeltaOperation, escapeReserved, type Json, type JsonObject, type StateBag } from '@statebag/contracts';
import { canonicalJson, reduceField } from '@statebag/state-core';
import type { LegacyState } from '@statebag/state-core/legacy';
import type { StepTools } from '@statebag/step-kit';

/** A whole state, with its pointers and with their values: the first generation reads all of it. */
export async function readWholeState(state: StateBag['current_state'], { session: { hydrator } }: StepTools): Promise<LegacyState> {
  const [standing, values] = await Promise.all([hydrator.standing(state), hydrator.fields(state, 'all')]);
  return { standing, values };
}

/** The state after a segment: what it did not change stands as it stood. */
export function stateAfter(state: LegacyState, delta: readonly DeltaOperation[]): LegacyState {
  return delta.reduce(applied, state);
}

function applied({ standing, values }: LegacyState, operation: DeltaOperation): LegacyState {
  const { field } = operation;
  const { [field]: _before, ...otherStanding } = standing;
  const { [field]: old, ...otherValues } = values;
  if (operation.op === 'delete') return { standing: otherStanding, values: otherValues };
  if (!('value' in operation)) throw new Error(`the runner left a pointer for ${field} before anything was stored`);
  const value = operation.op === 'set' ? operation.value : reduceField(operation.reducer, old, operation.value);
  return { standing: { ...otherStanding, [field]: escapeReserved(value) }, values: { ...otherValues, [field]: value } };
}

/** Keys as they will be when they come back from the store, so that nothing depends on what left. */
export function inCanonicalOrder(state: JsonObject): JsonObject {
  const ordered: Json = JSON.parse(canonicalJson(state));
  return ordered as JsonObject; // an object's text is an object
}
