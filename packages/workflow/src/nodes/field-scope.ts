import type { JsonObject } from '@statebag/contracts';

/**
 * Where the field names of a node mean something. A file that is used as a subgraph has fields of its own at
 * each use, so that it can be used many times, and side by side with itself. The empty text is the workflow's
 * own state.
 */
export type FieldScope = {
  readonly reads: string;
  readonly writes: string;
  /** Where a use begins: the file's `initial_state`. */
  readonly begins_with?: JsonObject;
  /**
   * Where a use begins or ends: the fields of the file. No use sees what an earlier one, or an input, left.
   */
  readonly drops?: readonly string[];
};

/** No id has a slash, so a name tells its use, whatever the field is called. */
const SCOPED = '__in/';

/** The field of the state that a name stands for in a use. */
export function scopedField(use: string, field: string): string {
  return use === '' ? field : `${SCOPED}${use}/${field}`;
}

/** Whether a field belongs to a use of a file. Documents may not name it. */
export function isScopedField(field: string): boolean {
  return field.startsWith(SCOPED);
}

/** The name by which a node knows a field. */
export function localName(field: string): string {
  return isScopedField(field) ? field.slice(field.indexOf('/', SCOPED.length) + 1) : field;
}

/** What a use sees of the state, by the names it knows. */
export function fieldsSeenIn(use: string, fields: JsonObject): JsonObject {
  const prefix = scopedField(use, '');
  const seen = Object.entries(fields).filter(([field]) =>
    use === '' ? !isScopedField(field) : field.startsWith(prefix),
  );
  return Object.fromEntries(seen.map(([field, value]) => [field.slice(prefix.length), value]));
}

/** The scope of a node in a file, once the file is used under a name. */
export function usedUnder(use: string, { reads, writes, drops, ...rest }: FieldScope): FieldScope {
  const below = (inner: string) => (inner === '' ? use : `${use}.${inner}`);
  const dropped = drops?.map((field) => scopedField(below(useOf(field)), localName(field)));
  return { ...rest, reads: below(reads), writes: below(writes), ...(dropped && { drops: dropped }) };
}

function useOf(field: string): string {
  return isScopedField(field) ? field.slice(SCOPED.length, field.indexOf('/', SCOPED.length)) : '';
}
