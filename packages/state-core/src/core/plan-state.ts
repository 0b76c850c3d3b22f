import type { JsonObject } from '@statebag/contracts';
import { isFieldPointer } from '@statebag/contracts/pointers';
import type { FieldPointer, StatePointer } from '@statebag/contracts/schemas/pointers';
import type { ControlPlane, StateBag } from '@statebag/contracts/schemas/state-bag';
import { byteSizeOf } from './canonical-json.ts';
import { type Over, packedUnder } from './pack.ts';
import {
  type FieldPlan,
  isMovable,
  largestFirst,
  movedBytes,
  moveOut,
  placedFields,
  type SizedField,
  sizedFields,
  smallestFirst,
  totalBytes,
} from './plan-fields.ts';
import { type PlanContext, type PlannedWrite, wholeKb } from './planned-write.ts';

/** What a whole-state pointer carries of the control plane, so that first-generation readers find it. */
export type PointerFacts = Pick<ControlPlane, 'guardrail_verified' | 'batch_count_actual'> &
  Pick<StateBag, 'scheduling_summary'>;

export interface StatePlan {
  readonly state: StateBag['current_state'];
  /** For the control plane: the index that the state is behind, or null where its fields stand inline. */
  readonly state_s3_path: StateBag['state_s3_path'];
  readonly writes: readonly PlannedWrite[];
  /** What the state takes, where planning measured it. */
  readonly bytes?: number;
}

interface StatePlanContext extends PlanContext {
  /** Fields this delta wrote: they will change again soon, so small ones of them leave last. */
  readonly written: ReadonlySet<string>;
  readonly facts: PointerFacts;
}

/**
 * Moves fields out until what stays inline fits, and no more than that: large fields, largest first; then
 * small ones, smallest first, those just written last; and where the pointers take too much, all of them into
 * an index. Whatever leaves is one object.
 */
export function planState(state: JsonObject, context: StatePlanContext): StatePlan {
  const open = openPlan(state, context);
  const { writes, closed } = closePlans([open], context);
  return { ...closed(open), writes };
}

/** Two states of one run, what they share stored once. */
export interface StatePair {
  readonly before: Omit<StatePlan, 'writes'>;
  readonly after: StatePlan;
}

/**
 * The same for a state that nobody has stored yet, with what it became: whatever leaves of the two is one
 * object.
 */
export function planStatePair(before: JsonObject, after: JsonObject, context: StatePlanContext): StatePair {
  const first = openPlan(before, { ...context, written: new Set() });
  const then = openPlan(after, context);
  const { writes, closed } = closePlans([first, then], context);
  return { before: closed(first), after: { ...closed(then), writes } };
}

/** Which fields leave, not yet where to. */
interface OpenPlan extends FieldPlan {
  readonly isIndexed: boolean;
}

function openPlan(state: JsonObject, context: StatePlanContext): OpenPlan {
  const limit = Math.min(context.thresholds.inlineState, context.thresholds.wholeState);
  const bytes = byteSizeOf(state);
  return bytes <= Math.min(limit, context.thresholds.field)
    ? { fields: state, writes: [], bytes, isIndexed: false }
    : planFields(state, { limit, context });
}

function planFields(state: JsonObject, { limit, context }: Goal): OpenPlan {
  const fields = sizedFields(state);
  const start: FieldPlan = { fields: state, bytes: totalBytes(fields), writes: [] };
  const movable = fields.filter((field) => isMovable(field, context));
  if (leastBytes(fields, context) > limit)
    return {
      ...moveAll(start, movable.filter(isOver(context.thresholds.packField)), context),
      isIndexed: true,
    };
  const plan = moveSmall(moveLarge(start, movable, { limit, context }), movable, { limit, context });
  return { ...plan, isIndexed: pointerBytes(plan.fields) > context.thresholds.indexFrom };
}

/** A bag that travels with many pointers is larger than one that travels with the pointer to their index. */
function pointerBytes(fields: JsonObject): number {
  const pointers = sizedFields(fields).filter(({ value }) => isFieldPointer(value));
  return pointers.reduce((sum, { bytes }) => sum + bytes, 0);
}

interface Goal {
  readonly limit: number;
  readonly context: StatePlanContext;
}

function moveLarge(start: FieldPlan, movable: readonly SizedField[], { limit, context }: Goal): FieldPlan {
  const large = movable.filter(isOver(context.thresholds.packField)).sort(largestFirst);
  const tooLarge = isOver(context.thresholds.field);
  return large.reduce(
    (plan, field) => (plan.bytes > limit || tooLarge(field) ? moveOut(plan, field, context) : plan),
    start,
  );
}

function moveSmall(start: FieldPlan, movable: readonly SizedField[], { limit, context }: Goal): FieldPlan {
  const isLarge = isOver(context.thresholds.packField);
  const small = movable.filter((field) => !isLarge(field)).sort(smallestFirst);
  const cold = small.filter(({ name }) => !context.written.has(name));
  const hot = small.filter(({ name }) => context.written.has(name)).reverse();
  return [cold, hot].reduce(
    (plan, fields) => moveAll(plan, enough(fields, plan.bytes - limit, context), context),
    start,
  );
}

/** The first fields that together free the bytes. */
function enough(fields: readonly SizedField[], excess: number, context: StatePlanContext): SizedField[] {
  let freed = 0;
  return fields.filter((field) => {
    if (freed >= excess) return false;
    freed += field.bytes - movedBytes(field.name, context);
    return true;
  });
}

function moveAll(start: FieldPlan, fields: readonly SizedField[], context: PlanContext): FieldPlan {
  return fields.reduce((plan, field) => moveOut(plan, field, context), start);
}

function isOver(limit: number) {
  return (field: SizedField): boolean => field.bytes > limit;
}

/** What would stay if everything movable left. */
function leastBytes(fields: readonly SizedField[], context: PlanContext): number {
  const least = fields.map((field) =>
    isFieldPointer(field.value) ? field.bytes : Math.min(field.bytes, movedBytes(field.name, context)),
  );
  return least.reduce((sum, size) => sum + size, 1);
}

interface ClosedPlans {
  readonly writes: readonly PlannedWrite[];
  readonly closed: (plan: OpenPlan) => Omit<StatePlan, 'writes'>;
}

/** Puts what leaves of all of them into one object, and their indexes beside it. */
function closePlans(plans: readonly OpenPlan[], context: StatePlanContext): ClosedPlans {
  const indexed = plans.filter(({ isIndexed }) => isIndexed);
  const overs = indexed.map(
    ({ fields }): Over =>
      (place) =>
        placedFields(fields, place),
  );
  const values = plans.flatMap(({ writes }) => writes);
  const { writes, place, pointers } = packedUnder(values, overs, context);
  return {
    writes,
    closed(plan) {
      const pointer = pointers[indexed.indexOf(plan)];
      if (pointer) return indexState(pointer, plan, context);
      if (plan.writes.length === 0) return { state: plan.fields, state_s3_path: null, bytes: plan.bytes };
      const state = placedFields(plan.fields, place);
      return { state, state_s3_path: null, bytes: byteSizeOf(state) };
    },
  };
}

function indexState(
  pointer: FieldPointer,
  { bytes }: FieldPlan,
  { facts }: StatePlanContext,
): Omit<StatePlan, 'writes'> {
  return { state: statePointer(pointer, { bytes, facts }), state_s3_path: pointer.s3_path };
}

/** The pointer that stands for a whole state. */
export function statePointer(
  { s3_path, sha256, encoding, offset, length }: FieldPointer,
  { bytes, facts }: { bytes: number; facts: PointerFacts },
): StatePointer {
  return {
    __s3_offloaded: true,
    __s3_path: s3_path,
    __original_size_kb: wholeKb(bytes),
    sha256,
    encoding,
    ...(offset !== undefined && { offset, length }),
    guardrail_verified: facts.guardrail_verified,
    batch_count_actual: facts.batch_count_actual,
    scheduling_summary: facts.scheduling_summary ?? null,
  };
}
