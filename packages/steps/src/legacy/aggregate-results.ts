import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { LEGACY_LIMITS } from '@statebag/contracts/limits';
import { isFieldPointer } from '@statebag/contracts/pointers';
import type { AggregateResultsEvent } from '@statebag/contracts/schemas/legacy-events';
import type { AggregateMapEvent } from '@statebag/contracts/schemas/map';
import type { DeltaOperation } from '@statebag/contracts/schemas/segment-result';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { validateAggregateResultsEvent } from '@statebag/contracts/validators';
import { hasFailed } from '@statebag/state-core/core/map-results';
import { mapFailures, mapStatus, normaliseMap } from '@statebag/state-core/core/normalise-map';
import type { NormalisedResult } from '@statebag/state-core/core/normalised-result';
import {
  inCanonicalOrder,
  type LegacyState,
  legacyStateOf,
  openLegacyBag,
  planLegacyBag,
  readWholeState,
  wholeStateAfter,
} from '@statebag/state-core/legacy';
import type { StoreCounts } from '@statebag/state-core/store/counted-store';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import type { StateHydrator } from '@statebag/state-core/store/state-hydrator';
import type { Step, StepTools } from '@statebag/step-kit';
import { mapResult } from '../maps/aggregate-distributed-results.ts';
import { readChunks } from '../maps/read-chunks.ts';
import { readOutputs, readResults } from '../maps/read-results.ts';
import { enteredAt, legacyBagStep, turnsOf } from './legacy-bag-step.ts';

/**
 * The first generation's join of a map: the same outcome as aggregateDistributedResults, taken into a whole
 * state. Returns the bare bag.
 */
export function aggregateResults(streams: OpenStreams): Step<JsonObject> {
  return legacyBagStep<AggregateResultsEvent>({
    action: 'aggregate_results',
    event: validateAggregateResultsEvent,
    async plan(event, tools) {
      const bag = openLegacyBag(event.state_data);
      const state = await readWholeState(legacyStateOf(bag), tools.session.hydrator);
      const result = await resultOf(event, bag, { tools, streams });
      const after = wholeStateAfter(state, await operationsOf(result.delta, tools));
      const { max_payload_size_kb = LEGACY_LIMITS.payloadKb } = event;
      const planned = planLegacyBag(bagAfter(bag, result, after), max_payload_size_kb, tools.plan);
      return { ...planned, writes: [...result.writes, ...planned.writes] };
    },
  });
}

type OpenStreams = (counts: StoreCounts) => ObjectStreams;

/** Of a map that prepareDistributedExecution planned, or of results that were listed without a plan. */
async function resultOf(
  event: AggregateResultsEvent,
  bag: JsonObject,
  { tools, streams }: { readonly tools: StepTools; readonly streams: OpenStreams },
): Promise<NormalisedResult> {
  // what the core looks at: ids, place and counters
  const asEnvelope = {
    ...bag,
    branch_path: bag['branch_path'] ?? '',
    next_action: bag['status'],
  } as unknown as StateBag;
  if (!event.map) return listedResult(event, asEnvelope, tools);
  const { request } = bag;
  // our own machine sends what the v3 machine sends
  const planned = {
    state_data: asEnvelope,
    request,
    map: event.map,
    now: enteredAt(event),
  } as unknown as AggregateMapEvent;
  const reading = { tools, streams: streams(tools.session.counts) };
  return mapResult(planned, { chunks: await readChunks(planned, reading), ...reading });
}

/** Where results go that nobody asked for by a field. */
const FIELD = 'map_results';
/** Whoever calls it decides what a failure means: some failing is no reason to end. */
const TOLERATED_PERCENTAGE = 100;

/**
 * What a map came to whose results are listed, or lie where a ResultWriter left them: outputs into the state,
 * in execution order.
 */
async function listedResult(
  event: AggregateResultsEvent,
  bag: StateBag,
  tools: StepTools,
): Promise<NormalisedResult> {
  const ordered = await readResults(event.execution_result ?? null, tools);
  const failed = ordered.filter(hasFailed).length;
  const error = errorOf(event);
  const total = ordered.length;
  const status = mapStatus({ error, total, failed, toleratedPercentage: TOLERATED_PERCENTAGE });
  const value = await readOutputs(ordered, tools);
  return normaliseMap({
    bag,
    ordered,
    status,
    failures: mapFailures(bag, ordered, { error, status }),
    delta: status === 'FAILED' ? [] : [{ op: 'set', field: fieldOf(event), value }],
  });
}

function fieldOf({ field, state_data: { request } }: AggregateResultsEvent): string {
  const asked = isJsonObject(request) ? request['field'] : undefined;
  return field ?? (typeof asked === 'string' ? asked : FIELD);
}

function errorOf({ map_error }: AggregateResultsEvent) {
  if (!map_error) return null;
  const { Error: name, Cause: cause } = map_error;
  return {
    Error: typeof name === 'string' ? name : 'Node.Failed',
    ...(typeof cause === 'string' && { Cause: cause }),
  };
}

/** Operations with the values that a reducer needs. */
async function operationsOf(
  delta: NormalisedResult['delta'],
  { session }: StepTools,
): Promise<readonly DeltaOperation[]> {
  // its hash was checked: the core wrote it
  const operations = isFieldPointer(delta)
    ? ((await session.hydrator.pointed(delta)) as unknown as DeltaOperation[])
    : delta;
  return Promise.all(operations.map((operation) => withValue(operation, session.hydrator)));
}

async function withValue(operation: DeltaOperation, hydrator: StateHydrator): Promise<DeltaOperation> {
  if (operation.op !== 'reduce' || !('pointer' in operation)) return operation;
  const { op, field, reducer, pointer } = operation;
  return { op, field, reducer, value: await hydrator.pointed(pointer) };
}

/** The bag goes on where the map's segment said, ends, or has failed. */
function bagAfter(
  bag: JsonObject,
  { status, history, lists, failures }: NormalisedResult,
  { standing }: LegacyState,
): JsonObject {
  const { request: _request, ...rest } = bag;
  const [failure] = failures;
  const before = bag['state_history'];
  const ended = (bag['segment_to_run'] ?? null) === null;
  return {
    ...rest,
    ...(lists as JsonObject), // the lists of a bag are JSON
    current_state: inCanonicalOrder(standing),
    // entries are JSON
    state_history: [...(Array.isArray(before) ? before : []), ...(history as unknown as readonly Json[])],
    loop_counter: turnsOf(bag) + 1,
    status: status === 'FAILED' ? 'FAILED' : ended ? 'COMPLETE' : 'CONTINUE',
    ...(status === 'FAILED' && {
      error_info: {
        error: failure?.error ?? 'Node.Failed',
        message: failure?.message ?? 'the map failed',
        node_id: null,
      },
    }),
  };
}
