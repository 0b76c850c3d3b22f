import { confine, type JsonObject, type MapPlan, type PrepareDistributedEvent, runPrefix, StatebagError, WORKFLOW_LIMITS } from '@statebag/contracts';
import { validatePrepareDistributedEvent } from '@statebag/contracts/validators';
import type { LifecycleEvents } from '@statebag/runs';
import { canonicalJson, type ObjectStreams, type StoreCounts, sha256Of } from '@statebag/state-core';
import type { Step, StepTools } from '@statebag/step-kit';
import { listItems, mapNodeOf, mapSettings, readsOfItems, type SegmentDefinition } from '@statebag/workflow';
import { type OpenItems, openFailed, openSource } from './open-items.ts';
import { planChunks } from './plan-chunks.ts';
import { segmentOfMap } from './segment-of-map.ts';
import { writeItems } from './write-items.ts';

/** What preparing needs besides the run's own part of the store. */
export interface PrepareDeps {
  readonly streams: (counts: StoreCounts) => ObjectStreams;
  readonly events: LifecycleEvents;
}

interface Read {
  readonly segment: SegmentDefinition;
  readonly state: JsonObject;
}

/** Finds out which items a map has, writes them down, and decides who works on them. Every attempt writes and answers the same. */
export function prepareDistributedExecution({ streams, events }: PrepareDeps): Step<PrepareDistributedEvent, Read, MapPlan, MapPlan> {
  return {
    event: validatePrepareDistributedEvent,
    reader: ({ owner_id, execution_id, definition_id }) => ({ owner_id, execution_id, definition_id }),
    facts: ({ execution_id, segment_id, branch_path, loop_counter }) => ({ execution_id, action: 'prepare_map', segment_id, branch_path, loop_counter }),
    now: ({ now }) => now,
    async reads(event, tools) {
      const segment = await segmentOfMap(event, tools);
      const reads = event.request.retry_of === null ? readsOfItems(mapNodeOf(segment, event.request.node_id)) : [];
      return { segment, state: await tools.session.hydrator.fields(event.current_state, reads) };
    },
    run: (event, read, tools) => prepared(event, read, { tools, streams: streams(tools.session.counts) }),
    async finish(event, plan) {
      if (plan.mode !== 'empty') await events.put(startedEvent(event, plan));
      return { reply: plan, sizes: { bag_bytes: 0, control_plane_bytes: 0 } };
    },
  };
}

interface Storing {
  readonly tools: StepTools;
  readonly streams: ObjectStreams;
}

async function prepared(event: PrepareDistributedEvent, { segment, state }: Read, storing: Storing): Promise<MapPlan> {
  const node = mapNodeOf(segment, event.request.node_id);
  const settings = mapSettings(node);
  const { items, total, version } = await openItems(event, { segment, state }, storing);
  const map_id = sha256Of(canonicalJson([event.branch_path, event.loop_counter, event.resume_count, node.version, version]));
  const { location } = storing.tools.plan;
  const folder = `${runPrefix(location)}map/${map_id}`;
  const uri = confine(`s3://${location.bucket}/${folder}/items.jsonl`, location);
  const written = await writeItems(items, { uri, ...storing, toldOf: WORKFLOW_LIMITS.inlineMapItems, refuseMore: settings.refuseMore });
  return {
    ...planChunks(written, settings, uri),
    ...{ map_id, bucket: location.bucket, items_key: `${folder}/items.jsonl`, results_prefix: `${folder}/results` },
    total: total ?? written.count,
    to_run: written.count,
    tolerated_failure_percentage: settings.toleratedFailurePercentage,
    reducer: settings.reducer,
  };
}

async function openItems(event: PrepareDistributedEvent, { segment, state }: Read, storing: Storing): Promise<OpenItems> {
  const { request, execution_id, start_time, now } = event;
  if (request.retry_of) return openFailed(request.retry_of, storing);
  const { node_id, loop } = request;
  const deadline = Date.now() + storing.tools.deadline.remainingMs();
  const run = { execution_id, start_time, now };
  return openSource(await nodeFailure(node_id, () => listItems({ segment, node_id, loop, state, run, deadline, clock: Date.now })), event, storing);
}

/** An error of the list's own expression names its node. */
async function nodeFailure<Result>(node_id: string, work: () => Promise<Result>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StatebagError)) throw error;
    throw new StatebagError(error.name, `node ${node_id}: ${error.message}`, { cause: error, details: { node_id } });
  }
}

function startedEvent({ execution_id, owner_id, workflow_id, definition_id, now, request, branch_path, loop_counter }: PrepareDistributedEvent, plan: MapPlan) {
  const { node_id, strategy } = request;
  return {
    ...{ event_type: 'DISTRIBUTED_STARTED' as const, execution_id, owner_id, workflow_id, definition_id, at: now },
    ...{ node_id, branch_path, loop_counter, strategy, total_items: plan.to_run },
  };
}
