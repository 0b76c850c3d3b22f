import { type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { FORBIDDEN_KEYS } from '@statebag/contracts/control-fields';
import {
  isDeleteMarker,
  isFieldPointer,
  type KeptState,
  type ReadFieldPointer,
  type ReadStatePointer,
  unescapeReserved,
  wholeStatePointer,
} from '@statebag/contracts/pointers';
import type { DeltaOperation } from '@statebag/contracts/schemas/segment-result';
import { byteSizeOf } from './canonical-json.ts';
import { escapedOnce } from './plan-fields.ts';
import { reduceField } from './reduce.ts';

/**
 * What a `reduce` reads: the field as it stands before the delta, and the value behind a pointer that was
 * fetched for it.
 */
export interface ReduceInputs {
  readonly standing: (field: string) => Json | undefined;
  readonly fetched: (pointer: ReadFieldPointer) => Json;
}

/** What one delta leaves, by field: its new value or pointer, or `undefined` where it is deleted. */
export type FieldChanges = ReadonlyMap<string, Json | undefined>;

/** Carries out the operations in their order, each on what the ones before it left. */
export function applyOperations(operations: readonly DeltaOperation[], inputs: ReduceInputs): FieldChanges {
  const changes = new Map<string, Json | undefined>();
  for (const operation of operations) {
    const field = fieldOf(operation);
    changes.set(
      field,
      afterOperation(operation, inputs, () =>
        changes.has(field) ? changes.get(field) : inputs.standing(field),
      ),
    );
  }
  return changes;
}

function afterOperation(
  operation: DeltaOperation,
  { fetched }: ReduceInputs,
  standing: () => Json | undefined,
): Json | undefined {
  switch (operation.op) {
    case 'set':
      return 'pointer' in operation ? operation.pointer : escapedOnce(operation.value);
    case 'delete':
      return undefined;
    case 'reduce': {
      const value = 'pointer' in operation ? fetched(operation.pointer) : operation.value;
      return reduceField(operation.reducer, actualValue(standing(), fetched), value);
    }
    default:
      return operation satisfies never;
  }
}

function actualValue(standing: Json | undefined, fetched: ReduceInputs['fetched']): Json | undefined {
  if (standing === undefined) return undefined;
  return isFieldPointer(standing) ? fetched(standing) : unescapeReserved(standing);
}

/**
 * The pointers that must be fetched before the operations can be carried out: those a `reduce` meets, usually
 * none.
 */
export function pointersToReduce(
  operations: readonly DeltaOperation[],
  standing: ReduceInputs['standing'],
): ReadFieldPointer[] {
  const reduced = operations.filter(({ op }) => op === 'reduce').map(({ field }) => field);
  const met = [
    ...reduced.map(standing),
    ...operations
      .filter(({ field }) => reduced.includes(field))
      .map((operation) => ('pointer' in operation ? operation.pointer : undefined)),
  ];
  return met.filter(isFieldPointer);
}

function fieldOf({ field }: DeltaOperation): string {
  if (!FORBIDDEN_KEYS.has(field)) return field;
  throw new StatebagError(
    'Contract.EventRejected',
    `a delta may not write the field ${JSON.stringify(field)}`,
  );
}

/** The state with the changes in it; what they do not touch keeps its identity. */
export function changeFields(fields: JsonObject, changes: FieldChanges): JsonObject {
  if (changes.size === 0) return fields;
  const changed: Record<string, Json> = { ...fields };
  for (const [field, value] of changes) {
    if (value === undefined) delete changed[field];
    else changed[field] = value;
  }
  return changed;
}

/** The whole-state pointer with the changes lying beside it. */
export function changeOverlay(pointer: ReadStatePointer, changes: FieldChanges): ReadStatePointer {
  if (changes.size === 0) return pointer;
  const marked = [...changes].map(([field, value]): [string, Json] => [
    field,
    value === undefined ? DELETED : value,
  ]);
  return { ...pointer, overlay: { ...pointer.overlay, ...Object.fromEntries(marked) } };
}

const DELETED = { __deleted: true } as const;

/** All fields of an index with the overlay on top. */
export function foldOverlay(index: JsonObject, overlay: JsonObject | undefined): JsonObject {
  const changes = Object.entries(overlay ?? {}).map(([field, value]): [string, Json | undefined] => [
    field,
    isDeleteMarker(value) ? undefined : value,
  ]);
  return changeFields(index, new Map(changes));
}

/** The fields that the bag alone knows: all of a plain state, the overlay of one behind an index. */
export function inlineFields(state: KeptState): JsonObject {
  const pointer = wholeStatePointer(state);
  if (pointer) return foldOverlay({}, pointer.overlay);
  return state.current_state as JsonObject; // no pointer: fields, whatever they look like
}

/**
 * True where the overlay with this delta in it would be too large to lie beside its index. What is reduced
 * counts as it was read: a size that came with a pointer decides nothing.
 */
export function needsFold(
  state: KeptState,
  operations: readonly DeltaOperation[],
  { limit, ...inputs }: FoldLimit,
): boolean {
  const pointer = wholeStatePointer(state);
  if (!pointer) return false;
  return (
    byteSizeOf(pointer.overlay ?? {}) + byteSizeOf(operations) + reducedBytes(operations, inputs) > limit
  );
}

interface FoldLimit extends ReduceInputs {
  readonly limit: number;
}

/**
 * What reducers bring into an overlay beyond the operations themselves, at most: a reduced field stands there
 * as a value, whatever it was before.
 */
function reducedBytes(operations: readonly DeltaOperation[], { standing, fetched }: ReduceInputs): number {
  const reduced = new Set(operations.filter(({ op }) => op === 'reduce').map(({ field }) => field));
  const inline = [...reduced]
    .map(standing)
    .filter((value): value is Json => value !== undefined && !isFieldPointer(value));
  const values = [...inline, ...pointersToReduce(operations, standing).map(fetched)];
  return values.reduce<number>((sum, value) => sum + byteSizeOf(value), 0);
}
