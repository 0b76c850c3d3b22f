import { type JsonObject, StatebagError } from '@statebag/contracts';
import { FORBIDDEN_KEYS, PROGRESS_PREFIX, RESERVED_INPUT_FIELDS } from '@statebag/contracts/control-fields';
import { BUDGET } from '@statebag/contracts/limits';
import { escapeReserved } from '@statebag/contracts/pointers';
import type { StartEvent } from '@statebag/contracts/schemas/events';
import type { Manifest } from '@statebag/contracts/schemas/manifest';
import type { ControlPlane, Envelope, FirstState, StateBag } from '@statebag/contracts/schemas/state-bag';
import { SCHEMA_VERSION } from '@statebag/contracts/statuses';
import { canonicalJson } from './canonical-json.ts';
import type { MergePlan, OpenBag } from './merge-result.ts';
import { planState } from './plan-state.ts';
import type { PlanContext } from './planned-write.ts';
import { seal } from './seal.ts';
import { NO_USAGE } from './usage.ts';

/** What a run starts from. */
export interface Beginning {
  readonly start: Pick<
    StartEvent,
    'owner_id' | 'workflow_id' | 'definition_id' | 'execution_id' | 'idempotency_key'
  >;
  readonly manifest: Manifest;
  readonly input: JsonObject;
}

/**
 * The bag of a run that has not run anything, before anything leaves it: the input over the initial state.
 * @throws `Pointer.LookAlike`
 */
export function openFirstBag({ start, manifest, input }: Beginning, now: PlanContext['now']): OpenBag {
  refuseReserved(input);
  const current_state = inCanonicalOrder(escapedFields({ ...manifest.initial_state, ...input }));
  return { ...firstControl(start, manifest, now), current_state, state_history: [], usage: NO_USAGE };
}

/** The same bag with its large fields moved out. */
export function planOpenBag(bag: OpenBag, context: PlanContext): MergePlan {
  const planned = planState(bag.current_state, { ...context, written: new Set(), facts: bag });
  const { state: current_state, state_s3_path, writes } = planned;
  return { bag: { ...bag, state_s3_path, current_state }, writes };
}

/** Both at once, where nothing runs in between. @throws `Pointer.LookAlike` */
export function planFirstBag(beginning: Beginning, context: PlanContext): MergePlan {
  return planOpenBag(openFirstBag(beginning, context.now), context);
}

/**
 * The envelope that a run began with, where its first one has the result of the first segment in it already.
 * `began` is the state that it began with.
 */
export function firstEnvelope({ state_data, machine_arn }: Envelope, began: FirstState): Envelope {
  const { segment_id, current_state: _after, ...bag } = state_data;
  const { failed_segments: _first, failed_segments_s3_path: _all, pending_branches: _open, ...rest } = bag;
  const begun: StateBag = {
    ...rest,
    segment_id: null,
    segment_to_run: segment_id,
    loop_counter: 0,
    status: 'STARTED',
    next_action: 'STARTED',
    cursor: null,
    wait_until: null,
    history_events: 0,
    ...began,
    last_update_time: bag.start_time,
    state_history: [],
    usage: NO_USAGE,
  };
  return { ...seal(begun, BUDGET.bag).envelope, ...(machine_arn !== undefined && { machine_arn }) };
}

/**
 * Keys as they will be when the value comes back from the store, so that nothing depends on which values left
 * the bag.
 */
function inCanonicalOrder(state: JsonObject): JsonObject {
  return JSON.parse(canonicalJson(state));
}

/** Data as it stands where pointers are recognised: what looks like one is marked as data. */
function escapedFields(fields: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, escapeReserved(value)]));
}

/**
 * Input may not set a test switch, nor what a node has done so far, nor reach a prototype. Anything else is
 * data, also what looks like a pointer.
 * @throws `Pointer.LookAlike` naming the field
 */
export function refuseReserved(input: JsonObject): void {
  for (const field of Object.keys(input)) {
    const problem = reservedProblem(field);
    if (problem)
      throw new StatebagError('Pointer.LookAlike', `the input field ${JSON.stringify(field)} ${problem}`, {
        details: { field },
      });
  }
}

function reservedProblem(field: string): string | undefined {
  if (RESERVED_INPUT_FIELDS.has(field)) return 'is a test switch, which only a deployment can set';
  if (field.startsWith(PROGRESS_PREFIX)) return 'has a name that Statebag keeps for the progress of nodes';
  return FORBIDDEN_KEYS.has(field) ? 'has a name that could reach an object’s prototype' : undefined;
}

function firstControl(start: Beginning['start'], manifest: Manifest, now: PlanContext['now']): ControlPlane {
  return {
    schema_version: SCHEMA_VERSION,
    execution_id: start.execution_id,
    owner_id: start.owner_id,
    workflow_id: start.workflow_id,
    definition_id: start.definition_id,
    idempotency_key: start.idempotency_key ?? null,
    branch_path: '' as ControlPlane['branch_path'], // the root of a run
    segment_id: null,
    segment_to_run: manifest.first_segment,
    total_segments: manifest.total_segments,
    loop_counter: 0,
    resume_count: 0,
    max_loop_iterations: manifest.max_loop_iterations,
    max_branch_iterations: manifest.max_branch_iterations,
    max_concurrency: manifest.max_concurrency,
    distributed_strategy: null,
    status: 'STARTED',
    next_action: 'STARTED',
    cursor: null,
    wait_until: null,
    history_events: 0,
    state_s3_path: null,
    segment_manifest_s3_path: null,
    pre_snapshot_s3_path: null,
    post_snapshot_s3_path: null,
    guardrail_verified: false,
    batch_count_actual: 1,
    start_time: now,
    last_update_time: now,
    payload_size_kb: 0,
  };
}
