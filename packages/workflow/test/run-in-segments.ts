import type { Json, JsonObject, Timestamp } from '@statebag/contracts';
import type { BranchPath, ExecutionId, OwnerId, SegmentId } from '@statebag/contracts/ids';
import type { AsyncModelCall } from '@statebag/contracts/schemas/model-call';
import type { AsyncLlmRequest } from '@statebag/contracts/schemas/pause-request';
import type { Cursor, DeltaOperation } from '@statebag/contracts/schemas/segment-result';
import { canonicalJson } from '@statebag/state-core';
import type { SegmentDraft } from '@statebag/state-core/core/plan-result';
import { reduceField } from '@statebag/state-core/core/reduce';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import {
  type CompiledWorkflow,
  fieldsToHydrate,
  type SegmentDefinition,
} from '../src/compile/segment-definition.ts';
import { createLedger, type Ledger } from '../src/ledger/ledger.ts';
import type { OpenOwnNodes } from '../src/own/own-nodes.ts';
import { askModel } from '../src/providers/ask-model.ts';
import { noFiles, type OpenFile } from '../src/providers/attached-files.ts';
import type { LlmProviders } from '../src/providers/llm-provider.ts';
import { runSegment } from '../src/run/run-segment.ts';
import { runMap } from './run-map.ts';

// good ids by sight
export const TEST_RUN = {
  execution_id: 'run-1' as ExecutionId,
  start_time: '2026-01-31T12:00:00.000Z' as Timestamp,
};

interface SegmentsRun {
  readonly providers: LlmProviders;
  readonly input: JsonObject;
  readonly store?: ObjectStore;
  readonly clock?: () => number;
  /** Milliseconds every invocation may take; each begins when the clock is read. */
  readonly timeout?: number;
  readonly openFile?: OpenFile;
  readonly nodes?: OpenOwnNodes;
}

interface Ended {
  readonly drafts: readonly SegmentDraft[];
  readonly state: JsonObject;
  /** All that changed, branches included. */
  readonly delta: readonly DeltaOperation[];
}

/** A ledger over a store, as the runner makes it. */
export function testLedger(store: ObjectStore, branch_path = ''): Ledger {
  // a good id by sight
  const location = {
    bucket: 'test-bucket',
    owner_id: 'owner' as OwnerId,
    execution_id: TEST_RUN.execution_id,
  };
  return createLedger(store, {
    location,
    branch_path,
    now: TEST_RUN.start_time,
    read: async (pointer) => JSON.parse(Buffer.from((await store.get(pointer.s3_path)).body).toString()),
  });
}

/**
 * What the state machine does: segments one after the other, branches of a group one by one, approvals
 * approved, workers' questions asked; every value once through JSON text.
 */
export async function runInSegments(workflow: CompiledWorkflow, run: SegmentsRun): Promise<Ended> {
  const whole = {
    segments: workflow.segments,
    run: {
      store: new MemoryObjectStore(),
      clock: () => 0,
      timeout: Number.POSITIVE_INFINITY,
      openFile: noFiles,
      nodes: async () => new Map(),
      ...run,
    },
  };
  return runFrom(
    workflow.manifest.first_segment,
    { state: throughText({ ...workflow.manifest.initial_state, ...run.input }), branch_path: '' },
    whole,
  );
}

interface Whole {
  readonly segments: CompiledWorkflow['segments'];
  readonly run: Required<SegmentsRun>;
}

async function runFrom(
  first: SegmentId,
  start: { readonly state: JsonObject; readonly branch_path: string },
  whole: Whole,
): Promise<Ended> {
  const drafts: SegmentDraft[] = [];
  const delta: DeltaOperation[] = [];
  let { state } = start;
  let cursor: Cursor | null = null;
  for (let next: SegmentId | null = first; next !== null; ) {
    const segment = definitionOf(next, whole);
    const draft: SegmentDraft = await runOne(
      segment,
      { state, cursor, branch_path: start.branch_path, loop_counter: drafts.length },
      whole.run,
    );
    drafts.push(draft);
    state = afterDelta(state, draft.delta);
    const more = await afterwards(segment, draft, { state, branch_path: start.branch_path }, whole);
    state = afterDelta(state, more);
    delta.push(...draft.delta, ...more);
    [next, cursor] = [draft.next_segment_to_run, draft.cursor];
  }
  return { drafts, state, delta };
}

function afterDelta(state: JsonObject, delta: readonly DeltaOperation[]): JsonObject {
  return throughText(delta.reduce(applied, state));
}

function definitionOf(id: SegmentId, { segments }: Whole): SegmentDefinition {
  const segment = segments.get(id);
  if (segment) return segment;
  throw new Error(`no segment ${id}`);
}

interface Standing {
  readonly state: JsonObject;
  readonly cursor: Cursor | null;
  readonly branch_path: string;
  readonly loop_counter: number;
}

/** One invocation of one segment. */
export function runOne(
  segment: SegmentDefinition,
  { state, ...standing }: Standing,
  run: Omit<Required<SegmentsRun>, 'input' | 'openFile' | 'nodes'> & Pick<SegmentsRun, 'openFile' | 'nodes'>,
): Promise<SegmentDraft> {
  const { clock, store, providers, timeout, openFile, nodes } = run;
  // made of indices
  const control = {
    ...TEST_RUN,
    ...standing,
    branch_path: standing.branch_path as BranchPath,
    now: TEST_RUN.start_time,
    resume_count: 0,
  };
  const view = picked(state, fieldsToHydrate(segment, standing.cursor));
  return runSegment({
    segment,
    state: view,
    run: control,
    deadline: clock() + timeout,
    clock,
    ledger: testLedger(store, standing.branch_path),
    providers,
    ...(openFile && { openFile }),
    ...(nodes && { nodes }),
    pause: async () => undefined,
  });
}

type At = { readonly state: JsonObject; readonly branch_path: string };

/**
 * What changes between a segment that hands over and its successor: an answer, or what the branches did, in
 * their order.
 */
async function afterwards(
  segment: SegmentDefinition,
  draft: SegmentDraft,
  at: At,
  whole: Whole,
): Promise<readonly DeltaOperation[]> {
  if (draft.request?.kind === 'approval')
    return [{ op: 'set', field: draft.request.field, value: { choice: 'approve' } }];
  if (draft.request?.kind === 'async_llm')
    return [{ op: 'set', field: draft.request.field, value: await askedByWorker(draft.request, whole.run) }];
  if (draft.request?.kind === 'map') {
    const { store, ...run } = whole.run;
    return runMap({
      ...run,
      segment,
      request: draft.request,
      state: at.state,
      run: { ...TEST_RUN, now: TEST_RUN.start_time },
      ledger: testLedger(store, at.branch_path),
    });
  }
  const deltas: DeltaOperation[] = [];
  for (const { first_segment, branch_path = '', optional } of draft.branches ?? []) {
    const { drafts, delta } = await runFrom(first_segment, { state: at.state, branch_path }, whole);
    const failed = drafts.at(-1)?.status === 'FAILED';
    if (failed && !optional)
      throw new Error(`branch ${branch_path} failed: ${drafts.at(-1)?.error_info?.message}`);
    if (!failed) deltas.push(...delta);
  }
  return deltas;
}

/** What a worker of its own does, without the record. */
async function askedByWorker(
  { call, ledger_key: key }: AsyncLlmRequest,
  { providers, openFile }: Required<SegmentsRun>,
): Promise<Json> {
  const question = call as AsyncModelCall; // as the node wrote it; the driver stores nothing
  const { result } = await askModel(question, { providers, openFile, key, timeLeft: (millis) => millis });
  return result['answer'] ?? null;
}

function picked(state: JsonObject, fields: readonly string[] | 'all'): JsonObject {
  return fields === 'all'
    ? state
    : Object.fromEntries(Object.entries(state).filter(([field]) => fields.includes(field)));
}

function throughText(state: JsonObject): JsonObject {
  return JSON.parse(canonicalJson(state));
}

function applied(state: JsonObject, operation: DeltaOperation): JsonObject {
  const { [operation.field]: _, ...others } = state;
  if (operation.op === 'delete') return others;
  if (!('value' in operation)) throw new Error('a draft holds values only');
  if (operation.op === 'set') return { ...state, [operation.field]: operation.value };
  return {
    ...state,
    [operation.field]: reduceField(operation.reducer, state[operation.field], operation.value),
  };
}
