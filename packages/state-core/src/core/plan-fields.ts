import type { Json, JsonObject } from '@statebag/contracts';
import { escapeReserved, isEscaped, isFieldPointer, unescapeReserved } from '@statebag/contracts/pointers';
import { byteSizeOf } from './canonical-json.ts';
import type { Place } from './pack.ts';
import { fieldPointer, type PlanContext, type PlannedValue, planWrite } from './planned-write.ts';

/** One top-level field and the bytes it takes where it stands: key, colon, value, comma. */
export interface SizedField {
  readonly name: string;
  readonly value: Json;
  readonly bytes: number;
}

/** Fields on their way: as they will stand, what they take together, and what was moved out for it. */
export interface FieldPlan {
  readonly fields: JsonObject;
  readonly bytes: number;
  readonly writes: readonly PlannedValue[];
}

export function sizedFields(fields: JsonObject): SizedField[] {
  return Object.entries(fields).map(([name, value]) => sized(name, value));
}

function sized(name: string, value: Json): SizedField {
  return { name, value, bytes: byteSizeOf(name) + byteSizeOf(value) + 2 };
}

/** What an object of these fields takes, braces included, as `JSON.stringify` writes it. */
export function totalBytes(fields: readonly SizedField[]): number {
  return fields.reduce((sum, field) => sum + field.bytes, fields.length === 0 ? 2 : 1);
}

/** Bytes a field takes once it is a pointer, at most; a field that is smaller stays. */
export function movedBytes(name: string, { location, now }: PlanContext): number {
  const address = location.bucket.length + location.owner_id.length + location.execution_id.length;
  return WIDEST_POINTER + address + now.length + byteSizeOf(name) + 3;
}

/** A pointer into a pack with everything taken away that is the same for all pointers of a run. */
const WIDEST_POINTER = byteSizeOf({
  type: 's3_reference',
  s3_path: `s3:///runs///blobs/${'f'.repeat(64)}.json.zst`,
  size_kb: 99_999_999,
  stored_at: '',
  size_bytes: 99_999_999_999,
  sha256: 'f'.repeat(64),
  encoding: 'json+zstd',
  offset: 99_999_999,
  length: 9_999_999,
});

/** Largest first; equal sizes in name order, so the same fields always leave in the same order. */
export function largestFirst(left: SizedField, right: SizedField): number {
  return right.bytes - left.bytes || byName(left, right);
}

/** Smallest first; equal sizes in name order. */
export function smallestFirst(left: SizedField, right: SizedField): number {
  return left.bytes - right.bytes || byName(left, right);
}

function byName(left: SizedField, right: SizedField): number {
  return left.name < right.name ? -1 : 1;
}

/** Still inline, and larger than the pointer that would take its place. */
export function isMovable(field: SizedField, context: PlanContext): boolean {
  return !isFieldPointer(field.value) && field.bytes > movedBytes(field.name, context);
}

/** Plans one field's value as an object of its own, and puts its pointer in its place. */
export function moveOut(plan: FieldPlan, field: SizedField, context: PlanContext): FieldPlan {
  const write = planWrite(unescapeReserved(field.value), 'blobs', context);
  const moved = sized(field.name, fieldPointer(write, context.now));
  return {
    fields: { ...plan.fields, [field.name]: moved.value },
    bytes: plan.bytes - field.bytes + moved.bytes,
    writes: [...plan.writes, write],
  };
}

/** The fields, with pointers that lead to where their values were put. */
export function placedFields(fields: JsonObject, place: Place): JsonObject {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isFieldPointer(value) ? place(value) : value]),
  );
}

/** A value as it may stand where pointers are recognised; one that is escaped already is left alone. */
export function escapedOnce(value: Json): Json {
  return isEscapedExactly(value) ? value : escapeReserved(value);
}

function isEscapedExactly(value: Json): boolean {
  return isEscaped(value) && Object.keys(value).length === 1;
}
