import { createHash } from 'node:crypto';
import type { Json, JsonObject } from '@statebag/contracts';
import { THRESHOLDS } from '@statebag/contracts/limits';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { ChunkReply, MapPlan } from '@statebag/contracts/schemas/map';
import type { Branch, SegmentResult } from '@statebag/contracts/schemas/segment-result';
import type { Envelope, StateBag } from '@statebag/contracts/schemas/state-bag';
import type { Thresholds } from '@statebag/state-core';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import type { ObjectStore, StoredObject } from '@statebag/state-core/store/object-store';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import { type Handler, type Step, type StepDeps, stepHandler } from '@statebag/step-kit';
import { compileWorkflow, publishDefinition, readWorkflow } from '@statebag/workflow';
import {
  actionHandler,
  aggregateDistributedResults,
  executeSegment,
  initializeStateData,
  type Outside,
  prepareDistributedExecution,
  processSegmentChunk,
} from '../../src/index.ts';

export const BUCKET = 'state';
export const OWNER = 'acme';
export const RUN = 'run-1';
const NOW = '2026-01-31T12:00:00.000Z';
const CONTEXT = { getRemainingTimeInMillis: () => 600_000 };

/** What a run in memory is made of. */
export interface RunInMemory {
  readonly document: JsonObject;
  readonly start: { readonly input: JsonObject } | { readonly upload: JsonObject };
  readonly outside: Outside;
  /** What a person answers, and what came of an asynchronous call. */
  readonly answer: Json;
  readonly thresholds: Partial<Thresholds>;
  /** What a read gives, the so-manyth of the run; without it what was written. */
  readonly onRead?: (read: number, object: StoredObject) => StoredObject;
}

/** How a run ended, and what it has read. */
export interface EndedInMemory {
  readonly bag: StateBag;
  readonly state: JsonObject;
  /** Next actions in their order. */
  readonly way: readonly string[];
  readonly read: readonly string[];
}

/**
 * Runs a workflow on the real functions, in the order in which the state machine calls them, over a store that
 * notes every address that is read. After each segment a snapshot is taken and restored.
 */
export async function runInMemory(run: RunInMemory): Promise<EndedInMemory> {
  const world = await open(run);
  const way: string[] = [];
  let envelope = await begin(world, run);
  while (!ENDS.has(envelope.next_action)) {
    way.push(envelope.next_action);
    envelope = await turn(world, envelope, run.answer);
  }
  const { state_data: bag } = envelope;
  const state = await openSession(world.process, bagReader(bag)).hydrator.fields(bag, 'all');
  return { bag, state, way: [...way, envelope.next_action], read: world.read };
}

const ENDS: ReadonlySet<string> = new Set(['COMPLETE', 'FAILED']);

/** The id of a definition before anything ran: what a forger knows. */
export function definitionOf(document: JsonObject): string {
  return compiled(document).definition_id;
}

interface World {
  readonly read: string[];
  readonly process: StepDeps['process'];
  readonly call: (
    step: 'init' | 'manage' | 'execute' | 'prepare' | 'chunk' | 'join',
    event: object,
  ) => Promise<JsonObject>;
  readonly definition_id: string;
}

async function open({ document, outside, thresholds, start, onRead }: RunInMemory): Promise<World> {
  const memory = new MemoryObjectStore();
  const read: string[] = [];
  const store: ObjectStore = {
    put: (uri, object) => memory.put(uri, object),
    get: async (uri, range) => {
      read.push(uri);
      const object = await memory.get(uri, range);
      const md5 = createHash('md5').update(object.body).digest('hex'); // as S3 keeps it
      return onRead ? onRead(read.length - 1, { ...object, md5 }) : object;
    },
  };
  const workflow = compiled(document);
  await publishDefinition(workflow, { bucket: BUCKET, owner_id: OWNER as never }, memory);
  await plant(memory, `runs/${OWNER}/run-2/blobs/${'a'.repeat(64)}.json`, { secret: 'of another run' });
  if ('upload' in start) await plant(memory, `uploads/${OWNER}/input.json`, start.upload);
  const process = () =>
    openStore(store, { retry: { delayAfter: () => undefined, sleep: async () => undefined } });
  const deps = (): StepDeps => ({
    config: { bucket: BUCKET, functionName: 'test', thresholds: { ...THRESHOLDS, ...thresholds } },
    process: process(), // of each call its own: nothing is remembered, so everything is read
    log: { event: () => undefined, line: () => undefined },
    clock: () => 0,
  });
  const streams = () => memoryStreams(store);
  const handler = (step: Step<never>) => () => stepHandler(step, deps());
  const handlers: Record<string, () => Handler> = {
    init: handler(initializeStateData as Step<never>),
    manage: () => actionHandler(deps()),
    execute: handler(executeSegment(outside) as Step<never>),
    prepare: handler(
      prepareDistributedExecution({
        streams,
        events: { put: async () => undefined },
        showsValues: false,
      }) as Step<never>,
    ),
    chunk: handler(processSegmentChunk({ ...outside, streams }) as Step<never>),
    join: handler(aggregateDistributedResults(streams) as Step<never>),
  };
  const call: World['call'] = async (step, event) =>
    crossed(await handlers[step]?.()(crossed(event), CONTEXT as never));
  return { read, process: process(), call, definition_id: workflow.definition_id };
}

/** As it crosses the wire. */
function crossed(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject; // events and replies are objects
}

function compiled(document: JsonObject) {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), { file: 'hostile.json' });
  if (!workflow) throw new Error(`the workflow is not valid: ${JSON.stringify(diagnostics)}`);
  return compileWorkflow(workflow);
}

async function plant(store: ObjectStore, key: string, value: Json): Promise<void> {
  const body = Buffer.from(JSON.stringify(value));
  await store.put(`s3://${BUCKET}/${key}` as S3Uri, { body, encoding: 'json' }); // a good address by sight
}

function memoryStreams(store: ObjectStore): ObjectStreams {
  return {
    async open(uri, range) {
      const { body } = await store.get(uri);
      const piece = range ? body.subarray(range.offset, range.offset + range.bytes) : body;
      return { body: (async function* () { yield piece; })(), etag: '"e"' }; // biome-ignore format: one piece
    },
    async write(uri, pieces, encoding) {
      const held: Uint8Array[] = [];
      for await (const piece of pieces) held.push(piece);
      return { outcome: await store.put(uri, { body: Buffer.concat(held), encoding }) };
    },
  };
}

async function begin({ call, definition_id }: World, { start }: RunInMemory): Promise<Envelope> {
  const ids = {
    schema_version: 3,
    owner_id: OWNER,
    workflow_id: 'hostile',
    definition_id,
    execution_id: RUN,
  };
  const given =
    'input' in start
      ? { input: start.input }
      : { input_s3_path: `s3://${BUCKET}/uploads/${OWNER}/input.json` };
  return asEnvelope(await call('init', { action: 'init', start: { ...ids, ...given }, now: NOW }));
}

function asEnvelope(reply: JsonObject): Envelope {
  return reply as unknown as Envelope; // a reply of a function that checks its own shape
}

async function turn(world: World, envelope: Envelope, answer: Json): Promise<Envelope> {
  const { state_data, next_action } = envelope;
  switch (next_action) {
    case 'STARTED':
    case 'CONTINUE':
      return segment(world, await throughSnapshot(world, state_data), 'sync');
    case 'PARALLEL_GROUP':
      return group(world, envelope);
    case 'PAUSED_FOR_HITP':
      return manage(world, {
        action: 'merge_callback',
        state_data,
        callback_result: addressed(envelope, answer),
      });
    case 'ASYNC_LLM':
      return manage(world, { action: 'merge_async', state_data, async_result: addressed(envelope, answer) });
    case 'MAP_REDUCE':
    case 'BATCHED':
      return map(world, envelope);
    default:
      throw new Error(`nothing in the workflow leads to ${next_action}`);
  }
}

async function manage({ call }: World, event: object): Promise<Envelope> {
  return asEnvelope(await call('manage', { now: NOW, ...event }));
}

/** The bag that comes back from a snapshot; only the counters of resumes tell it. */
async function throughSnapshot(world: World, state_data: StateBag): Promise<StateBag> {
  const kept = await manage(world, { action: 'create_snapshot', state_data, snapshot_type: 'manual' });
  const { snapshot_s3_path } = kept;
  const restored = await manage(world, { action: 'restore', state_data, snapshot_s3_path });
  return { ...restored.state_data, resume_count: state_data.resume_count };
}

async function segment(
  world: World,
  state_data: StateBag,
  action: 'sync' | 'sync_branch',
  branch?: Branch,
): Promise<Envelope> {
  const result = await world.call('execute', {
    ...picked(state_data),
    segment_id: state_data.segment_to_run,
  });
  return manage(world, {
    action,
    state_data,
    execution_result: { ...(result as unknown as SegmentResult), retry_count: 0 },
    retry_count: 0,
    ...(branch && { branch: { branch_id: branch.branch_id, branch_index: branch.branch_index } }),
  });
}

/** What the state machine passes of a bag to the function that runs a segment. */
function picked({
  schema_version,
  execution_id,
  owner_id,
  workflow_id,
  definition_id,
  branch_path,
  loop_counter,
  resume_count,
  max_loop_iterations,
  cursor,
  start_time,
  state_s3_path,
  current_state,
}: StateBag) {
  const ids = { schema_version, execution_id, owner_id, workflow_id, definition_id };
  const place = { branch_path, loop_counter, resume_count, max_loop_iterations, cursor, start_time };
  return { ...ids, ...place, now: NOW, state_s3_path, current_state };
}

async function group(world: World, { state_data, branches = [] }: Envelope): Promise<Envelope> {
  const pointers: Json[] = [];
  for (const branch of branches) {
    let bag: StateBag = {
      ...state_data,
      branch_path: branch.branch_path ?? state_data.branch_path,
      segment_id: null,
      segment_to_run: branch.first_segment,
      loop_counter: 0,
      state_history: [],
    };
    for (let status = ''; status !== 'COMPLETE'; ) {
      const { state_data: after, branch_pointer } = await segment(world, bag, 'sync_branch', branch);
      bag = after;
      status = branch_pointer?.status ?? '';
      if (status === 'FAILED') throw new Error(`the branch failed: ${JSON.stringify(bag.failed_segments)}`);
    }
    pointers.push(bag.branch_pointer as Json); // a pointer is JSON
  }
  return manage(world, { action: 'aggregate_branches', state_data, branches: pointers, group: branches });
}

function addressed({ state_data, request }: Envelope, value: Json): JsonObject {
  const { execution_id, branch_path, loop_counter, segment_id } = state_data;
  const field = request && 'field' in request ? request.field : '';
  const result_id = { execution_id, branch_path, loop_counter: loop_counter - 1, segment_id };
  return { result_id, field, status: 'CONTINUE', value };
}

async function map(world: World, { state_data, request }: Envelope): Promise<Envelope> {
  const { max_loop_iterations: _most, cursor: _cursor, now, ...place } = picked(state_data);
  const common = { ...place, segment_id: state_data.segment_id, request };
  const plan = (await world.call('prepare', { ...common, now })) as unknown as MapPlan;
  const results: ChunkReply[] = [];
  for (const items of plan.chunks ?? []) {
    const event = { batch: { ...common, previous: null }, items, now, retry_count: 0 };
    results.push((await world.call('chunk', event)) as unknown as ChunkReply);
  }
  return asEnvelope(await world.call('join', { state_data, request, map: { plan, results }, now }));
}

function bagReader({ owner_id, execution_id, definition_id }: StateBag) {
  return { bucket: BUCKET, owner_id, execution_id, definition_id };
}
