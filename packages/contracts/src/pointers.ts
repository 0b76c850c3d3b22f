import { isJsonObject, type Json, type JsonObject } from './json.ts';
import type { BranchPointer, DeleteMarker, FieldPointer, HistoryArchive, StatePointer } from './schemas/pointers.ts';

/**
 * Pointers are recognised only as a top-level field value of `current_state`, a member of an index or overlay,
 * an entry of a history or of a branch list. Anywhere else the same shape is data.
 * Older shapes lack `sha256` and `encoding`: `ReadPointer` types are what a reader may meet.
 */
export type ReadFieldPointer = Partial<FieldPointer> & Pick<FieldPointer, 'type' | 's3_path'>;
export type ReadStatePointer = Partial<StatePointer> & Pick<StatePointer, '__s3_offloaded' | '__s3_path'>;
export type ReadHistoryArchive = Partial<HistoryArchive> & Pick<HistoryArchive, 'type' | 's3_path'>;

export function isFieldPointer(value: unknown): value is ReadFieldPointer {
  return isJsonObject(value) && value['type'] === 's3_reference' && typeof value['s3_path'] === 'string';
}

export function isStatePointer(value: unknown): value is ReadStatePointer {
  return isJsonObject(value) && value['__s3_offloaded'] === true && typeof value['__s3_path'] === 'string';
}

export function isHistoryArchive(value: unknown): value is ReadHistoryArchive {
  return isJsonObject(value) && value['type'] === 'history_archive' && typeof value['s3_path'] === 'string';
}

export function isBranchPointer(value: unknown): value is BranchPointer {
  return isJsonObject(value) && typeof value['branch_id'] === 'string' && typeof value['s3_path'] === 'string' && typeof value['sha256'] === 'string';
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

/** True for user data that must not stand bare where pointers are recognised. Refused in start input, escaped in results. */
export function looksReserved(value: unknown): boolean {
  return isJsonObject(value) && (RESERVED_TYPES.has(value['type']) || RESERVED_KEYS.some((key) => Object.hasOwn(value, key)));
}

/** User data as it is stored where pointers are recognised. */
export function escapeReserved(value: Json): Json {
  return looksReserved(value) ? { __escaped: value } : value;
}

/** The inverse of `escapeReserved`. */
export function unescapeReserved(value: Json): Json {
  return isEscaped(value) ? value.__escaped : value;
}
