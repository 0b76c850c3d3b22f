import { type ControlPlane, isFieldPointer, type JsonObject, type StateBag, type StatePointer } from '@statebag/contracts';
import { byteSizeOf } from './canonical-json.ts';
import {
  type FieldPlan,
  isMovable,
  largestFirst,
  movedBytes,
  moveOut,
  packOut,
  type SizedField,
  sizedFields,
  smallestFirst,
  totalBytes,
} from './plan-fields.ts';
import { type PlanContext, type PlannedWrite, planWrite, wholeKb } from './planned-write.ts';

/** What a whole-state pointer carries of the control plane, so that first-generation readers find it. */
export type PointerFacts = Pick<ControlPlane, 'guardrail_verified' | 'batch_count_actual'> & Pick<StateBag, 'scheduling_summary'>;

export interface StatePlan {
  readonly state: StateBag['current_state'];
  readonly writes: readonly PlannedWrite[];
  /** What the state takes, where planning measured it. */
  readonly bytes?: number;
}

interface StatePlanContext extends PlanContext {
  /** Fields this delta wrote: they will change again soon, so they are not packed with the others. */
  readonly written: ReadonlySet<string>;
  readonly facts: PointerFacts;
}

/**
 * Moves fields out until what stays inline fits, and no more than that: each large field by itself, largest first; then small ones
 * together, smallest first, those just written last; and where pointers alone are too much, all of them into an index.
 */
export function planState(state: JsonObject, context: StatePlanContext): StatePlan {
  const limit = Math.min(context.thresholds.inlineState, context.thresholds.wholeState);
  const bytes = byteSizeOf(state);
  return bytes <= Math.min(limit, context.thresholds.field) ? { state, writes: [], bytes } : planFields(state, { limit, context });
}

function planFields(state: JsonObject, { limit, context }: Goal): StatePlan {
  const fields = sizedFields(state);
  const start: FieldPlan = { fields: state, bytes: totalBytes(fields), writes: [] };
  const movable = fields.filter((field) => isMovable(field, context));
  if (leastBytes(fields, context) > limit) return indexState(moveAll(start, movable.filter(isOver(context.thresholds.packField)), context), context);
  return inlineState(moveSmall(moveLarge(start, movable, { limit, context }), movable, { limit, context }));
}

interface Goal {
  readonly limit: number;
  readonly context: StatePlanContext;
}

function moveLarge(start: FieldPlan, movable: readonly SizedField[], { limit, context }: Goal): FieldPlan {
  const large = movable.filter(isOver(context.thresholds.packField)).sort(largestFirst);
  const tooLarge = isOver(context.thresholds.field);
  return large.reduce((plan, field) => (plan.bytes > limit || tooLarge(field) ? moveOut(plan, field, context) : plan), start);
}

function moveSmall(start: FieldPlan, movable: readonly SizedField[], { limit, context }: Goal): FieldPlan {
  const isLarge = isOver(context.thresholds.packField);
  const small = movable.filter((field) => !isLarge(field)).sort(smallestFirst);
  const cold = small.filter(({ name }) => !context.written.has(name));
  const hot = small.filter(({ name }) => context.written.has(name)).reverse();
  return [cold, hot].reduce((plan, fields) => packOut(plan, enough(fields, plan.bytes - limit, context), context), start);
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
  const least = fields.map((field) => (isFieldPointer(field.value) ? field.bytes : Math.min(field.bytes, movedBytes(field.name, context))));
  return least.reduce((sum, size) => sum + size, 1);
}

function inlineState({ fields, writes, bytes }: FieldPlan): StatePlan {
  return { state: fields, writes, bytes };
}

function indexState({ fields, bytes, writes }: FieldPlan, context: StatePlanContext): StatePlan {
  const index = planWrite(fields, 'blobs', context);
  return { state: statePointer(index, { bytes, facts: context.facts }), writes: [...writes, index] };
}

/** The pointer that stands for a whole state. */
export function statePointer(index: PlannedWrite, { bytes, facts }: { bytes: number; facts: PointerFacts }): StatePointer {
  return {
    __s3_offloaded: true,
    __s3_path: index.uri,
    __original_size_kb: wholeKb(bytes),
    sha256: index.sha256,
    encoding: index.object.encoding,
    guardrail_verified: facts.guardrail_verified,
    batch_count_actual: facts.batch_count_actual,
    scheduling_summary: facts.scheduling_summary ?? null,
  };
}
