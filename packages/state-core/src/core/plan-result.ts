import { type Json, StatebagError } from '@statebag/contracts';
import { BUDGET } from '@statebag/contracts/limits';
import { escapeReserved, unescapeReserved } from '@statebag/contracts/pointers';
import type { ErrorInfo, HistoryEntry } from '@statebag/contracts/schemas/history';
import type { PauseRequest } from '@statebag/contracts/schemas/pause-request';
import type { FieldPointer } from '@statebag/contracts/schemas/pointers';
import type {
  Branch,
  Delta,
  DeltaOperation,
  SegmentResult,
} from '@statebag/contracts/schemas/segment-result';
import { byteSizeOf } from './canonical-json.ts';
import { type Over, type Place, packed, packedUnder } from './pack.ts';
import { movedBytes } from './plan-fields.ts';
import { archiveOldest } from './plan-history.ts';
import {
  fieldPointer,
  type PlanContext,
  type PlannedValue,
  type PlannedWrite,
  planWrite,
} from './planned-write.ts';
import { reduceField } from './reduce.ts';
import { shortened } from './shortened.ts';

/** A segment result as the nodes left it: every value inline, of any size, and as it is (nothing escaped). */
export type SegmentDraft = Omit<SegmentResult, 'delta' | 'new_history_logs' | 'branches'> & {
  readonly delta: Delta;
  readonly new_history_logs: readonly HistoryEntry[];
  readonly branches: readonly Branch[] | null;
};

/** A result that can travel, and what must be stored before it does. */
export interface ResultPlan {
  readonly result: SegmentResult;
  readonly writes: readonly PlannedWrite[];
}

/**
 * Makes a result fit 65,536 bytes: large values leave first, then the list of operations itself, the oldest
 * history, a long list of branches.
 * @throws `Bag.BudgetExceeded` where even that is not enough.
 */
export function planResult(draft: SegmentDraft, context: PlanContext): ResultPlan {
  const { standing, writes } = planDelta(operationsOf(draft), context);
  const plan = planBesideDelta(draft, context);
  const result = { ...plan.result, delta: standing };
  const size = byteSizeOf(result);
  if (size > BUDGET.result)
    throw new StatebagError(
      'Bag.BudgetExceeded',
      `the result takes ${size} bytes; the budget is ${BUDGET.result}`,
      { details: { size } },
    );
  return { result, writes: [...writes, ...plan.writes] };
}

/**
 * A result that is merged where it was made: its values leave with the state that they become part of, and
 * not before.
 */
export function planBesideDelta(
  draft: SegmentDraft,
  context: PlanContext,
): ResultPlan & { readonly result: { readonly delta: Delta } } {
  const { history, writes } = archiveOldest([...draft.new_history_logs], context);
  const branches = planBranches(draft.branches, context);
  const request = planRequest(draft.request, context);
  const result = {
    ...draft,
    delta: operationsOf(draft),
    new_history_logs: history,
    error_info: draft.error_info && shortenedError(draft.error_info),
    branches: branches.standing,
    request: request.standing,
  };
  return { result, writes: [...writes, ...branches.writes, ...request.writes] };
}

function operationsOf({ delta }: SegmentDraft): DeltaOperation[] {
  return combineOperations(delta).map(withEscapes);
}

/**
 * Several operations on one field become one where that needs no look at the state, so that a pointer never
 * stands before a `reduce`.
 */
export function combineOperations(delta: Delta): Delta {
  const byField = new Map<string, DeltaOperation[]>();
  for (const operation of delta)
    byField.set(operation.field, afterEarlier(byField.get(operation.field) ?? [], operation));
  return [...byField.values()].flat();
}

function afterEarlier(earlier: DeltaOperation[], operation: DeltaOperation): DeltaOperation[] {
  const last = earlier.at(-1);
  if (operation.op !== 'reduce') return [operation];
  if (last === undefined || last.op === 'reduce' || 'pointer' in last || 'pointer' in operation)
    return [...earlier, operation];
  const { value: old }: { readonly op: string; readonly value?: Json } = last; // a deletion leaves none
  return [{ op: 'set', field: operation.field, value: reduceField(operation.reducer, old, operation.value) }];
}

function withEscapes(operation: DeltaOperation): DeltaOperation {
  return operation.op === 'set' && 'value' in operation
    ? { ...operation, value: escapeReserved(operation.value) }
    : operation;
}

/** What stands in the result, and what was stored for it. */
interface Planned<Standing> {
  readonly standing: Standing;
  readonly writes: readonly PlannedWrite[];
}

function planDelta(delta: Delta, context: PlanContext): Planned<SegmentResult['delta']> {
  const operations = [...delta];
  const writes: PlannedValue[] = [];
  let total: number = byteSizeOf(operations);
  for (const candidate of largestFirst(delta)) {
    if (staysInline(candidate, total, context)) continue;
    const { standing, write } = moveValueOut(candidate.operation, context);
    operations[candidate.index] = standing;
    total -= candidate.bytes - byteSizeOf(standing);
    writes.push(write);
  }
  if (total > context.thresholds.inlineDelta) {
    return listOut(operations, writes, context);
  }
  const stored = packed(writes, context);
  return { standing: operations.map(placedBy(stored.place)), writes: stored.writes };
}

/** The list of operations leaves too, into the object of the values it points to. */
function listOut(
  operations: readonly DeltaOperation[],
  values: readonly PlannedValue[],
  context: PlanContext,
): Planned<SegmentResult['delta']> {
  const over: Over = (place) => operations.map(placedBy(place));
  const { pointers, writes } = packedUnder(values, [over], context);
  const [pointer] = pointers;
  return { standing: pointer ?? [...operations], writes };
}

function placedBy(place: Place): (operation: DeltaOperation) => DeltaOperation {
  return (operation) =>
    'pointer' in operation ? { ...operation, pointer: place(operation.pointer) } : operation;
}

interface SizedOperation {
  readonly index: number;
  readonly operation: Extract<DeltaOperation, { value: Json }>;
  readonly bytes: number;
}

/** Of equal sizes the one that comes first: sorting keeps their order. */
function largestFirst(delta: Delta): SizedOperation[] {
  const inline = delta.flatMap((operation, index) =>
    'value' in operation ? [{ index, operation, bytes: byteSizeOf(operation) }] : [],
  );
  return inline.sort((left, right) => right.bytes - left.bytes);
}

function staysInline({ operation, bytes }: SizedOperation, total: number, context: PlanContext): boolean {
  const { inlineDelta, packField, field } = context.thresholds;
  const fits = total <= inlineDelta || bytes <= packField;
  return (fits && bytes <= field) || bytes <= movedBytes(operation.field, context);
}

function moveValueOut(
  operation: SizedOperation['operation'],
  context: PlanContext,
): { standing: DeltaOperation; write: PlannedValue } {
  const write = planWrite(
    operation.op === 'set' ? unescapeReserved(operation.value) : operation.value,
    'blobs',
    context,
  );
  const { value: _stored, ...rest } = operation;
  return { standing: { ...rest, pointer: fieldPointer(write, context.now) }, write };
}

function wholeOut(standing: Json, context: PlanContext): Planned<FieldPointer> {
  const whole = planWrite(standing, 'blobs', context);
  return { standing: fieldPointer(whole, context.now), writes: [whole] };
}

function planBranches(
  branches: readonly Branch[] | null,
  context: PlanContext,
): Planned<SegmentResult['branches']> {
  const fits = byteSizeOf(branches) <= context.thresholds.pointerList;
  return fits ? { standing: branches && [...branches], writes: [] } : wholeOut(branches, context);
}

/** What a person or a model is asked may be long; a request travels beside a bag and must not. */
function planRequest(request: PauseRequest | null, context: PlanContext): Planned<PauseRequest | null> {
  if (request?.kind === 'approval' && byteSizeOf(request.message) > REQUEST_PART_BYTES) {
    const message = wholeOut(request.message, context);
    return { standing: { ...request, message: message.standing }, writes: message.writes };
  }
  if (request?.kind === 'async_llm' && byteSizeOf(request.call) > REQUEST_PART_BYTES) {
    const call = wholeOut(request.call as Json, context); // an object or a pointer: JSON either way
    return { standing: { ...request, call: call.standing }, writes: call.writes };
  }
  return { standing: request, writes: [] };
}

const REQUEST_PART_BYTES = 1_024;

function shortenedError({ error, message, node_id }: ErrorInfo): ErrorInfo {
  return { error: shortened(error, ERROR_NAME_BYTES), message: shortened(message, MESSAGE_BYTES), node_id };
}

const ERROR_NAME_BYTES = 256;
/** Enough to tell what happened; the whole text is in the log. */
const MESSAGE_BYTES = 2_048;
