import { zstdDecompressSync } from 'node:zlib';
import type { Json, JsonObject, Timestamp } from '@statebag/contracts';
import { THRESHOLDS } from '@statebag/contracts/limits';
import type { Delta, ResultId } from '@statebag/contracts/schemas/segment-result';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { planFirstBag } from '../src/core/first-bag.ts';
import type { NormalisedResult } from '../src/core/normalised-result.ts';
import type { SegmentDraft } from '../src/core/plan-result.ts';
import type { PlanContext, PlannedWrite } from '../src/core/planned-write.ts';
import { seal } from '../src/core/seal.ts';
import { NO_USAGE } from '../src/core/usage.ts';
import { MemoryObjectStore } from '../src/store/memory-object-store.ts';
import type { ObjectStore } from '../src/store/object-store.ts';
import { storeAll } from '../src/store/store-all.ts';
import { openSession, openStore, type StoreSession } from '../src/store/store-session.ts';
import type { SyncContext } from '../src/universal-sync-core.ts';

export const NOW = '2026-01-31T12:00:00.000Z' as Timestamp;
export const LOCATION = {
  bucket: 'state',
  owner_id: 'acme',
  execution_id: 'run-1',
} as PlanContext['location'];
export const CONTEXT: PlanContext = { location: LOCATION, now: NOW, thresholds: THRESHOLDS };
const DEFINITION = '0f'.repeat(32);

/** A run's store and everything that works on it, without waiting between tries. */
export function aRun(
  store: ObjectStore = new MemoryObjectStore(),
  thresholds: PlanContext['thresholds'] = THRESHOLDS,
) {
  const process = openStore(store, {
    retry: { delayAfter: (attempt) => (attempt < 3 ? 0 : undefined), sleep: async () => undefined },
  });
  const session = openSession(process, { ...LOCATION, definition_id: DEFINITION } as Parameters<
    typeof openSession
  >[1]);
  const context: SyncContext = {
    ...CONTEXT,
    thresholds,
    store: session.store,
    states: session.states,
    hydrator: session.hydrator,
  };
  return { process, session, context };
}

/** The first bag of a run with this input, its large fields stored. */
export async function aBag(
  input: JsonObject,
  { context, session }: { context: PlanContext; session: StoreSession },
): Promise<StateBag> {
  const start = { owner_id: 'acme', workflow_id: 'triage', definition_id: DEFINITION, execution_id: 'run-1' };
  const manifest = {
    first_segment: 's1',
    total_segments: 3,
    max_loop_iterations: 125,
    max_branch_iterations: 150,
    max_concurrency: 10,
    initial_state: {},
  };
  const { bag, writes } = planFirstBag(
    { start, manifest, input } as unknown as Parameters<typeof planFirstBag>[0],
    context,
  );
  await storeAll(writes, session);
  return seal(bag, Number.POSITIVE_INFINITY).envelope.state_data;
}

export function idFor(
  bag: Pick<StateBag, 'execution_id' | 'branch_path' | 'loop_counter' | 'segment_to_run'>,
): ResultId {
  const { execution_id, branch_path, loop_counter, segment_to_run } = bag;
  return {
    execution_id,
    branch_path,
    loop_counter,
    segment_id: segment_to_run ?? ('none' as ResultId['segment_id']),
  };
}

/** The result the bag waits for, going on to the same segment. */
export function aResult(
  bag: StateBag,
  delta: NormalisedResult['delta'],
  changes: Partial<NormalisedResult> = {},
): NormalisedResult {
  return {
    action: 'sync',
    result_id: idFor(bag),
    status: 'CONTINUE',
    delta,
    history: [],
    next_segment_to_run: bag.segment_to_run,
    usage: NO_USAGE,
    failures: [],
    control: {},
    lists: {},
    events: 12,
    writes: [],
    ...changes,
  };
}

export function aDraft(bag: StateBag, delta: Delta, changes: Partial<SegmentDraft> = {}): SegmentDraft {
  return {
    status: 'CONTINUE',
    result_id: idFor(bag),
    delta,
    next_segment_to_run: bag.segment_to_run,
    new_history_logs: [],
    error_info: null,
    branches: null,
    segment_type: 'normal',
    usage: NO_USAGE,
    cursor: null,
    wait_until: null,
    request: null,
    ...changes,
  };
}

export function anEntry(id: string, summary = ''): StateBag['state_history'][number] {
  const entry = {
    id,
    segment_id: 's1',
    node_id: 'n1',
    type: 'llm_chat',
    status: 'SUCCEEDED',
    started_at: NOW,
    ended_at: NOW,
    attempt: 1,
    summary,
  };
  return entry as StateBag['state_history'][number];
}

/** Frozen through and through, so that a write into it fails the test. */
export function frozen<Value>(value: Value): Value {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    Object.values(value).forEach(frozen);
  }
  return value;
}

/** What a planned object holds, as text. */
export function storedText({ object: { body, encoding } }: PlannedWrite): string {
  return Buffer.from(encoding === 'json' ? body : zstdDecompressSync(body)).toString();
}

/** Text of a size, different for each seed. */
export function textOf(size: number, seed = 0): string {
  return Array.from({ length: Math.ceil(size / 11) }, (_, index) =>
    ((index + 1) * (seed + 7919)).toString(36).padStart(11, '.'),
  )
    .join('')
    .slice(0, size);
}

export function set(field: string, value: Json): Delta[number] {
  return { op: 'set', field, value };
}
