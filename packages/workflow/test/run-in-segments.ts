import type { BranchPath, Cursor, DeltaOperation, ExecutionId, JsonObject, OwnerId, SegmentId, Timestamp } from '@statebag/contracts';
import { canonicalJson, MemoryObjectStore, type ObjectStore, reduceField, type SegmentDraft } from '@statebag/state-core';
import { type CompiledWorkflow, fieldsToHydrate } from '../src/compile/segment-definition.ts';
import { createLedger, type Ledger } from '../src/ledger/ledger.ts';
import type { LlmProviders } from '../src/providers/llm-provider.ts';
import { runSegment } from '../src/run/run-segment.ts';

export const TEST_RUN = { execution_id: 'run-1' as ExecutionId, start_time: '2026-01-31T12:00:00.000Z' as Timestamp }; // good ids by sight

interface SegmentsRun {
  readonly providers: LlmProviders;
  readonly input: JsonObject;
  readonly store?: ObjectStore;
  readonly clock?: () => number;
  /** Milliseconds every invocation may take; each begins when the clock is read. */
  readonly timeout?: number;
}

interface Ended {
  readonly drafts: readonly SegmentDraft[];
  readonly state: JsonObject;
}

/** A ledger over a store, as the runner makes it. */
export function testLedger(store: ObjectStore): Ledger {
  const location = { bucket: 'test-bucket', owner_id: 'owner' as OwnerId, execution_id: TEST_RUN.execution_id }; // a good id by sight
  return createLedger(store, {
    location,
    branch_path: '',
    now: TEST_RUN.start_time,
    read: async (pointer) => JSON.parse(Buffer.from((await store.get(pointer.s3_path)).body).toString()),
  });
}

/** What the state machine does with plain segments: one after the other, each on its own read view, every value once through JSON text. */
export async function runInSegments({ segments, manifest }: CompiledWorkflow, run: SegmentsRun): Promise<Ended> {
  const { providers, store = new MemoryObjectStore(), clock = () => 0, timeout = Number.POSITIVE_INFINITY } = run;
  const drafts: SegmentDraft[] = [];
  let state = throughText({ ...manifest.initial_state, ...run.input });
  let cursor: Cursor | null = null;
  for (let next: SegmentId | null = manifest.first_segment; next !== null; ) {
    const segment = segments.get(next);
    if (!segment) throw new Error(`no segment ${next}`);
    const control = { ...TEST_RUN, branch_path: '' as BranchPath, now: TEST_RUN.start_time, loop_counter: drafts.length, resume_count: 0, cursor };
    const view = picked(state, fieldsToHydrate(segment, cursor));
    const draft: SegmentDraft = await runSegment({
      segment,
      state: view,
      run: control,
      deadline: clock() + timeout,
      clock,
      ledger: testLedger(store),
      providers,
    });
    drafts.push(draft);
    state = throughText(draft.delta.reduce(applied, state));
    [next, cursor] = [draft.next_segment_to_run, draft.cursor];
  }
  return { drafts, state };
}

function picked(state: JsonObject, fields: readonly string[] | 'all'): JsonObject {
  return fields === 'all' ? state : Object.fromEntries(Object.entries(state).filter(([field]) => fields.includes(field)));
}

function throughText(state: JsonObject): JsonObject {
  return JSON.parse(canonicalJson(state));
}

function applied(state: JsonObject, operation: DeltaOperation): JsonObject {
  const { [operation.field]: _, ...others } = state;
  if (operation.op === 'delete') return others;
  if (!('value' in operation)) throw new Error('a draft holds values only');
  if (operation.op === 'set') return { ...state, [operation.field]: operation.value };
  return { ...state, [operation.field]: reduceField(operation.reducer, state[operation.field], operation.value) };
}
