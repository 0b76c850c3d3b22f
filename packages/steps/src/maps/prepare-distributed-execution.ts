import { type JsonObject, StatebagError } from '@statebag/contracts';
import { WORKFLOW_LIMITS } from '@statebag/contracts/limits';
import { confine, runPrefix } from '@statebag/contracts/object-keys';
import type { PrepareDistributedEvent } from '@statebag/contracts/schemas/events';
import type { MapPlan } from '@statebag/contracts/schemas/map';
import { validatePrepareDistributedEvent } from '@statebag/contracts/validators';
import type { LifecycleEvents } from '@statebag/runs';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import type { StoreCounts } from '@statebag/state-core/store/counted-store';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import { plainStep, type Step, type StepTools } from '@statebag/step-kit';
import { listItems, mapNodeOf, mapSettings, readsOfItems, type SegmentDefinition } from '@statebag/workflow';
import { placeFacts, segmentOfMap } from '../execute-segment.ts';
import { type OpenItems, openFailed, openSource } from './open-items.ts';
import { planChunks } from './plan-chunks.ts';
import { writeItems } from './write-items.ts';

/** What preparing needs besides the run's own part of the store. */
export interface PrepareDeps {
  readonly streams: (counts: StoreCounts) => ObjectStreams;
  readonly events: LifecycleEvents;
  /** Whether messages of a failed list show the values it met. */
  readonly showsValues: boolean;
}

/**
 * Finds out which items a map has, writes them down, and decides who works on them. Every attempt writes and
 * answers the same.
 */
export function prepareDistributedExecution({ streams, events, showsValues }: PrepareDeps): Step<MapPlan> {
  return plainStep<PrepareDistributedEvent, MapPlan>({
    event: validatePrepareDistributedEvent,
    facts: (event) => placeFacts('prepare_map', event),
    async run(event, invocation) {
      const { owner_id, execution_id, definition_id, now } = event;
      const tools = invocation.open({ owner_id, execution_id, definition_id, now });
      const segment = await segmentOfMap(event, tools);
      const state = await stateFor(event, segment, tools);
      const storing = { tools, streams: streams(tools.session.counts), showsValues };
      const plan = await prepared(event, { segment, state }, storing);
      if (plan.mode !== 'empty') await events.put(startedEvent(event, plan));
      return plan;
    },
  });
}

interface Read {
  readonly segment: SegmentDefinition;
  /** What the list of the items reads; another try works on items that were written down before. */
  readonly state: JsonObject;
}

function stateFor(
  event: PrepareDistributedEvent,
  segment: SegmentDefinition,
  { session }: StepTools,
): Promise<JsonObject> {
  const { request } = event;
  const reads = request.retry_of === null ? readsOfItems(mapNodeOf(segment, request.node_id)) : [];
  return session.hydrator.workingFields(event, reads);
}

interface Storing {
  readonly tools: StepTools;
  readonly streams: ObjectStreams;
  readonly showsValues: boolean;
}

async function prepared(
  event: PrepareDistributedEvent,
  { segment, state }: Read,
  storing: Storing,
): Promise<MapPlan> {
  const node = mapNodeOf(segment, event.request.node_id);
  const settings = mapSettings(node);
  const { items, total, version } = await openItems(event, { segment, state }, storing);
  const map_id = sha256Of(
    canonicalJson([event.branch_path, event.loop_counter, event.resume_count, node.version, version]),
  );
  const { location } = storing.tools.plan;
  const folder = `${runPrefix(location)}map/${map_id}`;
  const uri = confine(`s3://${location.bucket}/${folder}/items.jsonl`, location);
  const written = await writeItems(items, {
    uri,
    ...storing,
    toldOf: WORKFLOW_LIMITS.inlineMapItems,
    refuseMore: settings.refuseMore,
  });
  return {
    ...planChunks(written, settings, uri),
    map_id,
    bucket: location.bucket,
    items_key: `${folder}/items.jsonl`,
    results_prefix: `${folder}/results`,
    total: total ?? written.count,
    to_run: written.count,
    tolerated_failure_percentage: settings.toleratedFailurePercentage,
    reducer: settings.reducer,
  };
}

async function openItems(
  event: PrepareDistributedEvent,
  { segment, state }: Read,
  storing: Storing,
): Promise<OpenItems> {
  const { request, execution_id, start_time, now } = event;
  if (request.retry_of) return openFailed(request.retry_of, storing);
  const { node_id, loop } = request;
  const deadline = Date.now() + storing.tools.deadline.remainingMs();
  const run = { execution_id, start_time, now };
  const { showsValues } = storing;
  return openSource(
    await nodeFailure(node_id, () =>
      listItems({ segment, node_id, loop, state, run, deadline, clock: Date.now, showsValues }),
    ),
    event,
    storing,
  );
}

/** An error of the list's own expression names its node. */
async function nodeFailure<Result>(node_id: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StatebagError)) throw error;
    throw new StatebagError(error.name, `node ${node_id}: ${error.message}`, {
      cause: error,
      details: { node_id },
    });
  }
}

function startedEvent(
  {
    execution_id,
    owner_id,
    workflow_id,
    definition_id,
    now,
    request,
    branch_path,
    loop_counter,
  }: PrepareDistributedEvent,
  plan: MapPlan,
) {
  const { node_id, strategy } = request;
  return {
    event_type: 'DISTRIBUTED_STARTED' as const,
    execution_id,
    owner_id,
    workflow_id,
    definition_id,
    at: now,
    node_id,
    branch_path,
    loop_counter,
    strategy,
    total_items: plan.to_run,
  };
}
