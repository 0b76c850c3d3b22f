import type { SegmentId } from '@statebag/contracts/ids';
import { confine, runPrefix } from '@statebag/contracts/object-keys';
import type { ChunkResult } from '@statebag/contracts/schemas/answer';
import type { HistoryEntry, Usage } from '@statebag/contracts/schemas/history';
import type { AggregateMapEvent, ChunkOutcomes, MapPlan, MapRecord } from '@statebag/contracts/schemas/map';
import type { FieldPointer } from '@statebag/contracts/schemas/pointers';
import type { DeltaOperation } from '@statebag/contracts/schemas/segment-result';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import type { SegmentStatus } from '@statebag/contracts/statuses';
import { validateAggregateMapEvent } from '@statebag/contracts/validators';
import { canonicalJson, fieldPointer, planWrite, sha256Of } from '@statebag/state-core';
import { itemsTold } from '@statebag/state-core/core/items-told';
import { mapFailures, mapStatus, normaliseMap } from '@statebag/state-core/core/normalise-map';
import type { NormalisedResult } from '@statebag/state-core/core/normalised-result';
import { addUsage, NO_USAGE } from '@statebag/state-core/core/usage';
import type { StoreCounts } from '@statebag/state-core/store/counted-store';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import { readVerified } from '@statebag/state-core/store/read-verified';
import { bagStep, type Step, type StepTools } from '@statebag/step-kit';
import { runOfBag } from '../actions/on-bag.ts';
import { type FailedItem, failedItem, listedFailures } from './failed-items.ts';
import { outcomesInOrder, type StoredChunk } from './outcomes-in-order.ts';
import { type Chunks, readChunks } from './read-chunks.ts';
import { type Standing, writeOutputs } from './write-outputs.ts';

/**
 * Takes in what the workers of a map left: outputs into the field in the order of the items, failures into
 * the bag, and what a later try needs.
 */
export function aggregateDistributedResults(streams: (counts: StoreCounts) => ObjectStreams): Step<Envelope> {
  return bagStep<AggregateMapEvent>({
    event: validateAggregateMapEvent,
    facts: ({ state_data: { execution_id, segment_id, branch_path, loop_counter } }) => ({
      execution_id,
      action: 'aggregate_map',
      segment_id,
      branch_path,
      loop_counter,
    }),
    run: runOfBag,
    async normalise(event, tools) {
      const reading = { tools, streams: streams(tools.session.counts) };
      const chunks = await readChunks(event, reading);
      return { into: event.state_data, merge: await mapResult(event, { chunks, ...reading }) };
    },
  });
}

interface Reading {
  readonly tools: StepTools;
  readonly streams: ObjectStreams;
}

/** What a map has come to, as the core merges it. */
export function mapResult(
  event: AggregateMapEvent,
  taking: Taking,
): Promise<NormalisedResult> | NormalisedResult {
  return event.map.plan ? takenIn(event, event.map.plan, taking) : notBegun(event);
}

/** A map that could not be prepared has failed with the reason for that. */
function notBegun({ state_data: bag, map }: AggregateMapEvent): NormalisedResult {
  const error = map.error ?? { Error: 'Node.Failed', Cause: 'the map was not prepared' };
  return normaliseMap({
    bag,
    ordered: [],
    status: 'FAILED',
    failures: mapFailures(bag, [], { error, status: 'FAILED' }),
  });
}

interface Taking extends Reading {
  readonly chunks: Chunks;
}

async function takenIn(
  event: AggregateMapEvent,
  plan: MapPlan,
  { chunks, tools, streams }: Taking,
): Promise<NormalisedResult> {
  const { state_data: bag, request, map } = event;
  const { error = null } = map;
  const { total, tolerated_failure_percentage: tolerated } = plan;
  const taken = await outputsOf(plan, { chunks, tools, streams });
  const counts = { total, succeeded: total - taken.failed.length, failed: taken.failed.length };
  const status = mapStatus({ error, total, failed: counts.failed, toleratedPercentage: tolerated });
  const record = planWrite(recordOf(event, plan, { chunks, failed: taken.failed }), 'map', tools.plan);
  const failures = error ? mapFailures(bag, [], { error, status }) : [];
  return normaliseMap({
    bag,
    ordered: chunks.latest,
    counts,
    status,
    usage: taken.usage,
    failures: [...failures, ...listedFailures(taken.failed, { bag, total, tolerated })],
    delta: status === 'FAILED' ? [] : [operation(request.field, plan.reducer, taken.outputs)],
    history: [historyEntry(event, plan, { status, failed: taken.failed.map(({ index }) => index) })],
    control: { distributed_strategy: plan.mode === 'distributed' ? request.strategy : 'inline' },
    lists: { distributed_outputs: fieldPointer(record, tools.plan.now) as FieldPointer },
    writes: [record],
  });
}

interface Taken {
  readonly outputs: Standing;
  readonly failed: readonly FailedItem[];
  readonly usage: Usage;
}

/** Every item's output in order; null stands for one that failed. */
async function outputsOf({ map_id, total }: MapPlan, { chunks, tools, streams }: Taking): Promise<Taken> {
  const all = [...chunks.earlier, ...chunks.latest];
  const stored = all.filter((chunk): chunk is StoredChunk => typeof chunk.s3_path === 'string');
  const failed: FailedItem[] = [];
  let usage = NO_USAGE;
  const load = async (chunk: StoredChunk): Promise<ChunkOutcomes> => {
    const outcomes = (await past(chunk, tools)) as ChunkOutcomes; // its hash was checked: a worker wrote it
    usage = addUsage(usage, outcomes.usage);
    return outcomes;
  };
  async function* texts(): AsyncGenerator<string> {
    for await (const outcome of outcomesInOrder(stored, total, load)) {
      if (outcome.status !== 'SUCCEEDED') {
        failed.push(failedItem(outcome, chunks.latest));
        yield 'null';
      } else yield canonicalJson('value' in outcome ? outcome.value : await past(outcome.pointer, tools));
    }
  }
  const { location } = tools.plan;
  const name = sha256Of(canonicalJson(all.map(({ chunk_id = null, sha256 = null }) => [chunk_id, sha256])));
  const uri = confine(
    `s3://${location.bucket}/${runPrefix(location)}map/${map_id}/outputs-${name}.json.zst`,
    location,
  );
  const outputs = await writeOutputs(texts(), { uri, tools, streams });
  return { outputs, failed, usage };
}

/**
 * What lies at an address of the run, read past the caches of the invocation: together the objects of a map
 * would fill its memory.
 */
async function past(
  { s3_path, sha256 }: { readonly s3_path: string; readonly sha256?: string | null | undefined },
  { session, plan }: StepTools,
) {
  const { value } = await readVerified(
    { uri: confine(s3_path, plan.location), sha256: sha256 ?? undefined },
    session,
  );
  return value;
}

function operation(field: string, reducer: MapPlan['reducer'], outputs: Standing): DeltaOperation {
  return reducer === null ? { op: 'set', field, ...outputs } : { op: 'reduce', field, reducer, ...outputs };
}

function recordOf(
  { request }: AggregateMapEvent,
  plan: MapPlan,
  { chunks, failed }: { chunks: Chunks; failed: readonly FailedItem[] },
): MapRecord {
  return {
    schema_version: 1,
    node_id: request.node_id,
    total: plan.total,
    items_s3_path: `s3://${plan.bucket}/${plan.items_key}`,
    failed_items: failed.map(({ index }) => index),
    chunk_results: [...chunks.earlier, ...chunks.latest].map((chunk) => known(chunk)),
  };
}

/** Of a chunk, what a later try looks at. */
function known({
  chunk_id = '',
  status = '',
  execution_order = null,
  s3_path = null,
  sha256 = null,
  counts,
  error,
}: ChunkResult): ChunkResult {
  return {
    chunk_id,
    status,
    execution_order,
    s3_path,
    sha256,
    ...(counts && { counts }),
    ...(error !== undefined && { error }),
  };
}

interface Ended {
  readonly status: SegmentStatus;
  /** Places of the items that failed. */
  readonly failed: readonly number[];
}

function historyEntry(
  { state_data: bag, request, now }: AggregateMapEvent,
  { map_id, total }: MapPlan,
  { status, failed }: Ended,
): HistoryEntry {
  // a bag in front of a map has applied the segment that asked for it
  const segment_id = bag.segment_id as SegmentId;
  return {
    id: sha256Of(
      canonicalJson([bag.execution_id, bag.branch_path, segment_id, request.loop, request.node_id, map_id]),
    ),
    segment_id,
    node_id: request.node_id,
    type: 'for_each',
    started_at: now,
    ended_at: now,
    attempt: bag.resume_count + 1,
    status: status === 'FAILED' ? 'FAILED' : 'SUCCEEDED',
    summary: failed.length === 0 ? `${total} items` : `${total} items, ${failed.length} failed`,
    items: itemsTold(total, total, failed),
  };
}
