import {
  type AggregateMapEvent,
  type AggregateResultsEvent,
  type DeltaOperation,
  isFieldPointer,
  isJsonObject,
  type Json,
  type JsonObject,
  LEGACY_LIMITS,
  type StateBag,
  type Timestamp,
} from '@statebag/contracts';
import { validateAggregateResultsEvent } from '@statebag/contracts/validators';
import { byteSizeOf, type NormalisedResult, type ObjectStreams, type PlannedWrite, type StoreCounts, storeAll } from '@statebag/state-core';
import {
  inCanonicalOrder,
  type LegacyPlan,
  type LegacyState,
  legacyIds,
  legacyStateOf,
  openLegacyBag,
  planLegacyBag,
  readWholeState,
  wholeStateAfter,
} from '@statebag/state-core/legacy';
import type { Step, StepTools } from '@statebag/step-kit';
import { readChunks } from '../aggregate-distributed-results/read-chunks.ts';
import { mapResult } from '../aggregate-distributed-results/step.ts';
import { listedResult } from './listed-result.ts';

type Streams = (counts: StoreCounts) => ObjectStreams;

/** The first generation's join of a map: the same outcome as aggregateDistributedResults, taken into a whole state. Returns the bare bag. */
export function aggregateResults(
  streams: Streams,
): Step<AggregateResultsEvent, LegacyState, LegacyPlan & { readonly added: readonly PlannedWrite[] }, JsonObject> {
  return {
    event: validateAggregateResultsEvent,
    reader: ({ state_data }) => legacyIds(state_data),
    facts: ({ state_data }) => ({
      execution_id: legacyIds(state_data).execution_id,
      action: 'aggregate_results',
      segment_id: textOf(state_data['segment_id']),
      branch_path: textOf(state_data['branch_path']) ?? '',
      loop_counter: Number(state_data['loop_counter'] ?? 0),
    }),
    now: timeOf,
    reads: ({ state_data }, { session }) => readWholeState(legacyStateOf(openLegacyBag(state_data)), session.hydrator),
    async run(event, state, tools) {
      const bag = openLegacyBag(event.state_data);
      const result = await resultOf(event, bag, { tools, streams });
      const after = wholeStateAfter(state, await operationsOf(result.delta, tools));
      const planned = planLegacyBag(bagAfter(bag, result, after), event.max_payload_size_kb ?? LEGACY_LIMITS.payloadKb, tools.plan);
      return { ...planned, added: result.writes };
    },
    async finish(_event, { bag, writes, added }, { session }) {
      await storeAll([...added, ...writes], session.store);
      return { reply: bag, sizes: { bag_bytes: byteSizeOf(bag), control_plane_bytes: 0 } };
    },
  };
}

function timeOf({ now }: AggregateResultsEvent): Timestamp {
  return now ?? (new Date().toISOString() as Timestamp); // first-generation machines pass no time; it only ever stands in clock fields
}

interface Reading {
  readonly tools: StepTools;
  readonly streams: Streams;
}

/** Of a map that prepareDistributedExecution planned, or of results that were listed without a plan. */
async function resultOf(event: AggregateResultsEvent, bag: JsonObject, { tools, streams }: Reading): Promise<NormalisedResult> {
  const asEnvelope = { ...bag, branch_path: bag['branch_path'] ?? '', next_action: bag['status'] } as unknown as StateBag; // what the core looks at: ids, place and counters
  if (!event.map) return listedResult(event, asEnvelope, tools);
  const { request } = bag;
  const planned = { state_data: asEnvelope, request, map: event.map, now: timeOf(event) } as unknown as AggregateMapEvent; // our own machine sends what the v3 machine sends
  const reading = { tools, streams: streams(tools.session.counts) };
  return mapResult(planned, { chunks: await readChunks(planned, reading), ...reading });
}

/** Operations with the values that a reducer needs. */
async function operationsOf(delta: NormalisedResult['delta'], { session }: StepTools): Promise<readonly DeltaOperation[]> {
  const operations = isFieldPointer(delta) ? ((await session.hydrator.pointed(delta)) as unknown as DeltaOperation[]) : delta; // its hash was checked: the core wrote it
  return Promise.all(operations.map((operation) => withValue(operation, session.hydrator)));
}

async function withValue(operation: DeltaOperation, hydrator: StepTools['session']['hydrator']): Promise<DeltaOperation> {
  if (operation.op !== 'reduce' || !('pointer' in operation)) return operation;
  const { op, field, reducer, pointer } = operation;
  return { op, field, reducer, value: await hydrator.pointed(pointer) };
}

/** The bag goes on where the map's segment said, ends, or has failed. */
function bagAfter(bag: JsonObject, { status, history, lists, failures }: NormalisedResult, { standing }: LegacyState): JsonObject {
  const { request: _request, ...rest } = bag;
  const [failure] = failures;
  const before = bag['state_history'];
  const ended = (bag['segment_to_run'] ?? null) === null;
  return {
    ...rest,
    ...(lists as JsonObject), // the lists of a bag are JSON
    current_state: inCanonicalOrder(standing),
    state_history: [...(Array.isArray(before) ? before : []), ...(history as unknown as readonly Json[])], // entries are JSON
    loop_counter: Number(bag['loop_counter'] ?? 0) + 1,
    status: status === 'FAILED' ? 'FAILED' : ended ? 'COMPLETE' : 'CONTINUE',
    ...(status === 'FAILED' && { error_info: { error: failure?.error ?? 'Node.Failed', message: failure?.message ?? 'the map failed', node_id: null } }),
  };
}

function textOf(value: Json | undefined): string | null {
  return value === undefined || value === null || isJsonObject(value) ? null : String(value);
}
