import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { escapeField, type KeptState } from '@statebag/contracts/pointers';
import type { DeltaOperation } from '@statebag/contracts/schemas/segment-result';
import { canonicalJson } from '../canonical-json.ts';
import { reduceField } from '../reduce.ts';
import type { LegacyState } from './join-legacy-branches.ts';

/**
 * The state of a first-generation bag, wherever it lies: inline, behind its own pointer, or behind the bag's.
 * Its `state_s3_path` does not say which: the pointer's shape does.
 */
export function legacyStateOf({ current_state, state_s3_path }: JsonObject): KeptState {
  if (isJsonObject(current_state)) return { current_state }; // its fields, or the pointer to them
  if (typeof state_s3_path === 'string' && state_s3_path !== '')
    return { current_state: { __s3_offloaded: true, __s3_path: state_s3_path } };
  return { current_state: {} };
}

/** The state of a bag of either generation: one of the first has no `schema_version`. */
export function keptStateOf(bag: KeptState): KeptState {
  return Object.hasOwn(bag, 'schema_version') ? bag : legacyStateOf(bag as unknown as JsonObject); // came as JSON
}

/** Reads pointers: all that a whole state needs of a hydrator. */
interface Reader {
  standing(state: KeptState): Promise<JsonObject>;
  fields(state: KeptState, names: 'all'): Promise<JsonObject>;
}

/** A whole state, with its pointers and with their values: the first generation reads all of it. */
export async function readWholeState(state: KeptState, reader: Reader): Promise<LegacyState> {
  const [standing, values] = await Promise.all([reader.standing(state), reader.fields(state, 'all')]);
  return { standing, values };
}

/** The whole state after some operations: what they do not name stands as it stood. */
export function wholeStateAfter(state: LegacyState, delta: readonly DeltaOperation[]): LegacyState {
  return delta.reduce(applied, state);
}

function applied({ standing, values }: LegacyState, operation: DeltaOperation): LegacyState {
  const { field } = operation;
  const { [field]: _before, ...otherStanding } = standing;
  const { [field]: old, ...otherValues } = values;
  if (operation.op === 'delete') return { standing: otherStanding, values: otherValues };
  // a pointer is JSON
  if (operation.op === 'set' && 'pointer' in operation)
    return { standing: { ...otherStanding, [field]: operation.pointer as Json }, values: otherValues };
  if (!('value' in operation)) throw new Error(`the value that ${field} is combined with was not read`);
  const value =
    operation.op === 'set' ? operation.value : reduceField(operation.reducer, old, operation.value);
  return {
    standing: { ...otherStanding, [field]: escapeField(field, value) },
    values: { ...otherValues, [field]: value },
  };
}

/** Keys as they will be when they come back from the store, so that nothing depends on what left. */
export function inCanonicalOrder(state: JsonObject): JsonObject {
  const ordered: Json = JSON.parse(canonicalJson(state));
  return ordered as JsonObject; // an object's text is an object
}
