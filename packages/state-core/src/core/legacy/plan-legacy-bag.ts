import { isJsonObject, type Json, type JsonObject, KB } from '@statebag/contracts';
import { CONTROL_FIELDS } from '@statebag/contracts/control-fields';
import { LEGACY_LIMITS } from '@statebag/contracts/limits';
import {
  isFieldPointer,
  isHistoryArchive,
  isStatePointer,
  unescapeReserved,
} from '@statebag/contracts/pointers';
import { byteSizeOf } from '../canonical-json.ts';
import { isLongSchedule, planScheduling } from '../plan-scheduling.ts';
import { fieldPointer, type PlanContext, type PlannedWrite, planWrite, wholeKb } from '../planned-write.ts';
import { type CompressedPayload, compressPayload } from './compressed-payload.ts';

/** A first-generation bag that fits, and what was moved out for it. */
export interface LegacyPlan {
  readonly bag: JsonObject;
  readonly writes: readonly PlannedWrite[];
}

/**
 * The first generation's tiers: fields over 30 KB, a state over 100 KB, history over 50 entries; then all of
 * it as compressed text beside the control fields.
 */
export function planLegacyBag(bag: JsonObject, maxKb: number, context: PlanContext): LegacyPlan {
  const plain = inPlainJson(context);
  const tiers = [moveSchedule, moveLargeMembers, moveLargeFields, moveWholeState, archiveHistory] as const;
  const planned = tiers.reduce<LegacyPlan>((plan, tier) => tier(plan, plain), { bag, writes: [] });
  return fits(planned, maxKb) ? planned : asText(planned, maxKb, plain);
}

function fits({ bag }: LegacyPlan, maxKb: number): boolean {
  return byteSizeOf(bag) <= maxKb * KB;
}

/**
 * The last tier. A map's machine reads the state before any function opens the bag: in front of one the state
 * leaves first, and its pointer stands beside the text.
 */
function asText(plan: LegacyPlan, maxKb: number, context: PlanContext): LegacyPlan {
  const { bag, writes } = opensMap(plan.bag) ? withStateMoved(plan, context) : plan;
  return { writes, bag: fits({ bag, writes }, maxKb) ? bag : compressed(bag) };
}

function opensMap({ status }: JsonObject): boolean {
  return status === 'MAP_REDUCE' || status === 'BATCHED';
}

/** Old readers know plain JSON only. */
function inPlainJson(context: PlanContext): PlanContext {
  return { ...context, thresholds: { ...context.thresholds, compressFrom: Number.POSITIVE_INFINITY } };
}

function moveSchedule(plan: LegacyPlan, context: PlanContext): LegacyPlan {
  const { scheduling_metadata: metadata, ...rest } = plan.bag;
  if (!isLongSchedule(metadata)) return plan;
  const { summary, writes } = planScheduling(metadata, context);
  return { bag: { ...rest, scheduling_summary: summary }, writes: [...plan.writes, ...writes] };
}

/** Members that a branch's payload never carries inline. */
const POINTERS_IN_BRANCHES: ReadonlySet<string> = new Set(['workflow_config', 'partition_map']);
/** What the machine itself looks at, besides the control fields. */
const READ_BY_MACHINE = ['branch_id', 'branch_index', 'branches', 'request', 'error_info'];
const KEPT: ReadonlySet<string> = new Set([
  ...CONTROL_FIELDS,
  ...READ_BY_MACHINE,
  'current_state',
  'state_history',
]);
/** The next payload is that of a branch. */
const OPENS_BRANCHES: ReadonlySet<unknown> = new Set(['PARALLEL_GROUP', 'SEQUENTIAL_BRANCH']);

function moveLargeMembers({ bag, writes }: LegacyPlan, context: PlanContext): LegacyPlan {
  const inBranch = typeof bag['branch_id'] === 'string' || OPENS_BRANCHES.has(bag['status']);
  return moveMembers(
    { bag, writes },
    (name, value) => !KEPT.has(name) && ((inBranch && POINTERS_IN_BRANCHES.has(name)) || isLarge(value)),
    context,
  );
}

/** A state's large fields, then all that is left of it where it is still too large. */
export function planLegacyState(bag: JsonObject, context: PlanContext): LegacyPlan {
  const plain = inPlainJson(context);
  return moveWholeState(moveLargeFields({ bag, writes: [] }, plain), plain);
}

function moveLargeFields(plan: LegacyPlan, context: PlanContext): LegacyPlan {
  const state = plan.bag['current_state'];
  if (!isJsonObject(state) || isStatePointer(state)) return plan;
  const fields = moveMembers({ bag: state, writes: [] }, (_name, value) => isLarge(value), {
    ...context,
    asKept: unescapeReserved,
  });
  return { bag: { ...plan.bag, current_state: fields.bag }, writes: [...plan.writes, ...fields.writes] };
}

interface MovingContext extends PlanContext {
  /** What is stored of a value: behind a pointer nothing is escaped. */
  readonly asKept?: (value: Json) => Json;
}

function moveMembers(
  { bag, writes }: LegacyPlan,
  leaves: (name: string, value: Json) => boolean,
  { asKept = (value) => value, ...context }: MovingContext,
): LegacyPlan {
  const leaving = Object.entries(bag).filter(
    ([name, value]) => value !== undefined && !isFieldPointer(value) && leaves(name, value),
  );
  const moved = leaving.map(([name, value]) => ({ name, write: planWrite(asKept(value), 'blobs', context) }));
  const pointers = Object.fromEntries(
    moved.map(({ name, write }) => [name, fieldPointer(write, context.now)]),
  );
  return { bag: { ...bag, ...pointers }, writes: [...writes, ...moved.map(({ write }) => write)] };
}

function isLarge(value: Json): boolean {
  return byteSizeOf(value) > LEGACY_LIMITS.fieldKb * KB;
}

function moveWholeState(plan: LegacyPlan, context: PlanContext): LegacyPlan {
  const state = plan.bag['current_state'];
  return isJsonObject(state) && byteSizeOf(state) > LEGACY_LIMITS.stateKb * KB
    ? withStateMoved(plan, context)
    : plan;
}

function withStateMoved(plan: LegacyPlan, context: PlanContext): LegacyPlan {
  const state = plan.bag['current_state'];
  if (!isJsonObject(state) || isStatePointer(state)) return plan;
  const write = planWrite(state, 'blobs', context);
  const pointer = {
    ...statePointerFacts(plan.bag),
    __s3_path: write.uri,
    __original_size_kb: wholeKb(write.size),
    sha256: write.sha256,
    encoding: write.object.encoding,
  };
  return {
    bag: { ...plan.bag, current_state: pointer, state_s3_path: write.uri },
    writes: [...plan.writes, write],
  };
}

/** The control facts a first-generation reader looks for in the pointer, under both of their names. */
function statePointerFacts({
  guardrail_verified = false,
  batch_count_actual = 1,
  scheduling_metadata = null,
}: JsonObject): JsonObject {
  return {
    __s3_offloaded: true,
    guardrail_verified,
    batch_count_actual,
    scheduling_summary: null,
    __guardrail_verified: guardrail_verified,
    __batch_count_actual: batch_count_actual,
    __scheduling_metadata: scheduling_metadata,
  };
}

function archiveHistory(plan: LegacyPlan, context: PlanContext): LegacyPlan {
  const history = plan.bag['state_history'];
  if (!Array.isArray(history)) return plan;
  const [first] = history;
  const previous = isHistoryArchive(first) ? first : null;
  const entries: readonly Json[] = previous ? history.slice(1) : history;
  const leaving = entries.length - LEGACY_LIMITS.historyEntries;
  if (leaving <= 0) return plan;
  // a pointer is JSON
  const write = planWrite(
    { entries: entries.slice(0, leaving), previous: previous as Json },
    'history',
    context,
  );
  const archive = {
    type: 'history_archive',
    s3_path: write.uri,
    entry_count: leaving,
    archived_at: context.now,
    sha256: write.sha256,
    encoding: write.object.encoding,
  };
  return {
    bag: { ...plan.bag, state_history: [archive, ...entries.slice(leaving)] },
    writes: [...plan.writes, write],
  };
}

/** Control fields stay readable for the machine; the text beside them holds the whole bag. */
function compressed(bag: JsonObject): JsonObject & CompressedPayload {
  const names = [...CONTROL_FIELDS, ...READ_BY_MACHINE, ...(opensMap(bag) ? ['current_state'] : [])];
  const control = names.filter((name) => Object.hasOwn(bag, name)).map((name) => [name, bag[name]]);
  return { ...Object.fromEntries(control), ...compressPayload(bag) };
}
