import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { isId } from '@statebag/contracts/ids';
import { LEGACY_LIMITS } from '@statebag/contracts/limits';
import { escapeField, isStatePointer } from '@statebag/contracts/pointers';
import type { Manifest } from '@statebag/contracts/schemas/manifest';
import { canonicalJson } from '../canonical-json.ts';
import { refuseReserved } from '../first-bag.ts';
import type { PlanContext } from '../planned-write.ts';
import { legacyIds, legacyKey } from './legacy-ids.ts';
import { type LegacyPlan, planLegacyBag } from './plan-legacy-bag.ts';

/** The `definition_id` of a run that brings its workflow along. */
export const INLINE_DEFINITION = 'inline';

/** What a first-generation run starts from. */
export interface LegacyBeginning {
  readonly start: JsonObject;
  /** The execution's name: the run's id where the start gives none. */
  readonly executionName: string | null;
  /** Of the definition the start names; null where it brings its workflow along. */
  readonly manifest: Manifest | null;
  /** The input, read from where it lies. */
  readonly input: JsonObject;
}

/** Members of a start that become something else. */
const TAKEN = [
  'schema_version',
  'input',
  'input_s3_path',
  'initial_state',
  'action',
  'now',
  'execution_name',
];

/**
 * The first bag of a first-generation run: bare, and with every member of the start that it does not know.
 * @throws `Pointer.LookAlike`, `Contract.EventRejected`
 */
export function planFirstLegacyBag(
  { start, executionName, manifest, input }: LegacyBeginning,
  context: PlanContext,
): LegacyPlan {
  refuseReserved(input);
  const kept = Object.fromEntries(Object.entries(start).filter(([name]) => !TAKEN.includes(name)));
  const bag: JsonObject = {
    ...kept,
    ...idsOf(start, executionName),
    ...limitsOf(start, manifest, context.thresholds),
    branch_path: '',
    segment_id: null,
    segment_to_run: start['segment_to_run'] ?? manifest?.first_segment ?? 0,
    loop_counter: 0,
    resume_count: 0,
    status: 'STARTED',
    cursor: null,
    wait_until: null,
    state_s3_path: null,
    // a run that is begun again began when it first did
    start_time: typeof start['start_time'] === 'string' ? start['start_time'] : context.now,
    last_update_time: context.now,
    state_history: Array.isArray(start['state_history']) ? start['state_history'] : [],
    current_state: firstState(start, manifest, input),
  };
  return planLegacyBag(bag, LEGACY_LIMITS.payloadKb, context);
}

function idsOf(start: JsonObject, executionName: string | null): JsonObject {
  const { definition_id } = start;
  const workflow_id = start['workflow_id'] ?? start['workflowId'];
  return {
    ...legacyIds(start, executionName),
    workflow_id: isId(workflow_id) ? workflow_id : 'workflow',
    definition_id: isId(definition_id) ? definition_id : INLINE_DEFINITION,
    idempotency_key: legacyKey(start, executionName),
  };
}

/** Of a run without a definition: what the smallest workflow gets. */
const SMALLEST = { max_loop_iterations: 125, max_branch_iterations: 150, max_concurrency: 10 };

function limitsOf(
  start: JsonObject,
  manifest: Manifest | null,
  { functionsAtOnce }: PlanContext['thresholds'],
): JsonObject {
  const map = start['partition_map'];
  const { total_segments = Array.isArray(map) ? map.length : 1, ...limits } = manifest ?? SMALLEST_MANIFEST;
  return {
    total_segments,
    max_loop_iterations: limits.max_loop_iterations,
    max_branch_iterations: limits.max_branch_iterations,
    max_concurrency: Math.min(limits.max_concurrency, functionsAtOnce),
  };
}

const SMALLEST_MANIFEST: typeof SMALLEST & { readonly total_segments?: number } = SMALLEST;

/**
 * A whole state that the start brings along, or the workflow's own with the input over it. Keys as they will
 * be when they come back from the store.
 */
function firstState(start: JsonObject, manifest: Manifest | null, input: JsonObject): Json {
  const given = start['current_state'];
  if (isStatePointer(given)) return given as JsonObject; // a pointer is JSON
  const config = start['workflow_config'];
  const configured =
    isJsonObject(config) && isJsonObject(config['initial_state']) ? config['initial_state'] : {};
  return JSON.parse(
    canonicalJson({
      ...asData(manifest?.initial_state ?? configured),
      ...(isJsonObject(given) ? given : {}),
      ...asData(input),
    }),
  );
}

/** Fields as they stand in a state: none of them, nor all of them together, can be taken for a pointer. */
function asData(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, escapeField(name, value)]));
}
