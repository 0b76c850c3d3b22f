import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { DeleteMarker, FieldPointer, HistoryArchive, StatePointer } from './schemas/pointers.ts';
import { StatebagError } from './statebag-error.ts';

/**
 * A pointer is recognised by its place. That a whole state is behind one, the control field `state_s3_path`
 * says. A field pointer is one only as a top-level field value of `current_state`, a member of an index or
 * overlay, an entry of a history or of a branch list. Anywhere else the same shape is data.
 * Older shapes lack `sha256` and `encoding`: a reader takes the types named `Read…`.
 */
export type ReadFieldPointer = Partial<FieldPointer> & Pick<FieldPointer, 'type' | 's3_path'>;
export type ReadStatePointer = Partial<StatePointer> & Pick<StatePointer, '__s3_offloaded' | '__s3_path'>;
export type ReadHistoryArchive = Partial<HistoryArchive> & Pick<HistoryArchive, 'type' | 's3_path'>;

export function isFieldPointer(value: unknown): value is ReadFieldPointer {
  return isJsonObject(value) && value['type'] === 's3_reference' && typeof value['s3_path'] === 'string';
}

/** The shape alone: the user's own fields may have it. What a v3 bag means, `wholeStatePointer` tells. */
export function isStatePointer(value: unknown): value is ReadStatePointer {
  return isJsonObject(value) && value[WHOLE_STATE_MARK] === true && typeof value['__s3_path'] === 'string';
}

const WHOLE_STATE_MARK = '__s3_offloaded';

/**
 * A state and the control field that says how it is kept: the address of its index, or null where its fields
 * stand inline. The first generation has no such field: there the shape decides, and `escapeField` keeps data
 * from having it.
 */
export interface KeptState {
  readonly current_state: ReadStatePointer | JsonObject;
  readonly state_s3_path?: string | null | undefined;
}

/**
 * The pointer that stands for a whole state; null where the fields stand inline, whatever they look like.
 * @throws `Contract.EventRejected` where the control plane names an index and the state is no pointer to it
 */
export function wholeStatePointer({ current_state, state_s3_path }: KeptState): ReadStatePointer | null {
  if (state_s3_path === null) return null;
  const pointer = isStatePointer(current_state) ? current_state : null;
  if (state_s3_path === undefined || pointer?.__s3_path === state_s3_path) return pointer;
  throw new StatebagError(
    'Contract.EventRejected',
    `state_s3_path names the index ${state_s3_path}, but current_state is no pointer to it`,
  );
}

/** Fields that stand inline, where a kept state is asked for: data, whatever they look like. */
export function inlineState(fields: JsonObject): KeptState {
  return { current_state: fields, state_s3_path: null };
}

export function isHistoryArchive(value: unknown): value is ReadHistoryArchive {
  return isJsonObject(value) && value['type'] === 'history_archive' && typeof value['s3_path'] === 'string';
}

export function isDeleteMarker(value: unknown): value is DeleteMarker {
  return isJsonObject(value) && value['__deleted'] === true;
}

/** What stands where a user's own object looks like one of ours. */
export interface Escaped extends JsonObject {
  readonly __escaped: Json;
}

export function isEscaped(value: unknown): value is Escaped {
  return isJsonObject(value) && Object.hasOwn(value, '__escaped');
}

const RESERVED_TYPES: ReadonlySet<unknown> = new Set(['s3_reference', 'history_archive']);
const RESERVED_KEYS = ['__s3_offloaded', '__s3_path', '__escaped', '__deleted'] as const;

/** True for user data that must not stand bare where pointers are recognised. */
export function looksReserved(value: unknown): boolean {
  return (
    isJsonObject(value) &&
    (RESERVED_TYPES.has(value['type']) || RESERVED_KEYS.some((key) => Object.hasOwn(value, key)))
  );
}

/** User data as it is stored where pointers are recognised. */
export function escapeReserved(value: Json): Json {
  return looksReserved(value) ? { __escaped: value } : value;
}

/**
 * A field of a first-generation state as it is stored: also one by whose name the state would look like the
 * pointer to a whole one.
 */
export function escapeField(name: string, value: Json): Json {
  return name === WHOLE_STATE_MARK ? { __escaped: value } : escapeReserved(value);
}

/** The inverse of `escapeReserved` and `escapeField`. */
export function unescapeReserved(value: Json): Json {
  return isEscaped(value) ? value.__escaped : value;
}
