import { type DeltaOperation, escapeReserved, isJsonObject, type Json, type JsonObject, type StateBag } from '@statebag/contracts';
import { canonicalJson } from '../canonical-json.ts';
import { reduceField } from '../reduce.ts';
import type { LegacyState } from './join-legacy-branches.ts';

/** The state of a first-generation bag, wherever it lies: inline, behind its own pointer, or behind the bag's. */
export function legacyStateOf({ current_state, state_s3_path }: JsonObject): StateBag['current_state'] {
  if (isJsonObject(current_state)) return current_state; // its fields, or the pointer to them
  if (typeof state_s3_path === 'string' && state_s3_path !== '') return { __s3_offloaded: true, __s3_path: state_s3_path } as StateBag['current_state']; // facts that are not read are lacking
  return {};
}

/** Reads pointers: all that a whole state needs of a hydrator. */
interface Reader {
  standing(state: StateBag['current_state']): Promise<JsonObject>;
  fields(state: StateBag['current_state'], names: 'all'): Promise<JsonObject>;
}

/** A whole state, with its pointers and with their values: the first generation reads all of it. */
export async function readWholeState(state: StateBag['current_state'], reader: Reader): Promise<LegacyState> {
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
  if (operation.op === 'set' && 'pointer' in operation) return { standing: { ...otherStanding, [field]: operation.pointer as Json }, values: otherValues }; // a pointer is JSON
  if (!('value' in operation)) throw new Error(`the value that ${field} is combined with was not read`);
  const value = operation.op === 'set' ? operation.value : reduceField(operation.reducer, old, operation.value);
  return { standing: { ...otherStanding, [field]: escapeReserved(value) }, values: { ...otherValues, [field]: value } };
}

/** Keys as they will be when they come back from the store, so that nothing depends on what left. */
export function inCanonicalOrder(state: JsonObject): JsonObject {
  const ordered: Json = JSON.parse(canonicalJson(state));
  return ordered as JsonObject; // an object's text is an object
}
