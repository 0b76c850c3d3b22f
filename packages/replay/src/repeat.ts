import { isJsonObject, type Json, type JsonObject, type Timestamp } from '@statebag/contracts';
import type { Cursor } from '@statebag/contracts/schemas/segment-result';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { openSession, type StoreProcess } from '@statebag/state-core/store/store-session';
import type { Handler, StepConfig, StepDeps } from '@statebag/step-kit';
import { stepHandler } from '@statebag/step-kit';
import {
  actionHandler,
  aggregateDistributedResults,
  initializeStateData,
  type Outside,
  prepareDistributedExecution,
  processSegmentChunk,
  segmentHandler,
} from '@statebag/steps';
import type { MetCall, OpenOwnNodes } from '@statebag/workflow';
import { withRecordedTimes } from './as-recorded.ts';
import type { Invocation, RepeatedFunction } from './invocations.ts';
import { type RecordedStore, recordedStore } from './recorded-store.ts';
import type { ReplaySource } from './source.ts';
import { failedAttempts } from './unrecorded-calls.ts';

/** What a run is repeated with. */
export interface Repeating {
  readonly source: ReplaySource;
  readonly config: Pick<StepConfig, 'bucket' | 'thresholds' | 'legacyReadPrefixes'>;
  /** Whether causes of failures held values of the state. */
  readonly showsValues: boolean;
  readonly onCall: (call: MetCall) => void;
  /** What one invocation has read, the next need not read again: all of it is held against hashes. */
  readonly caches: StoreProcess;
  /** The node types of the project that the run used. */
  readonly nodes: OpenOwnNodes | undefined;
}

/** What an invocation came to when it was repeated. */
export interface Repeated {
  readonly store: RecordedStore;
  readonly reply: Json;
}

/** No deadline presses: where the recorded invocation stopped half way, this one stops too. */
const CONTEXT = { getRemainingTimeInMillis: () => 900_000 };

/** Repeats one invocation from what was recorded. @throws what the step throws */
export async function repeated(invocation: Invocation, repeating: Repeating): Promise<Repeated> {
  const { called, event, reply } = invocation;
  const now = timeOf(event);
  const recorded = isJsonObject(reply) ? reply : {};
  const store = recordedStore(repeating.source, { now, handedOver: handedOver(recorded) });
  const process = { ...repeating.caches, store };
  const deps: StepDeps = {
    config: { ...repeating.config, functionName: 'replay' },
    process,
    log: { event: () => {}, line: () => {} },
    clock: () => 0,
  };
  const location = { bucket: repeating.config.bucket, ...runOf(event) };
  const { hydrator } = openSession(process, { ...location, uploads: true });
  const streams = () => comparedStreams(repeating.source, store);
  const outside: Outside = {
    providers: unreached,
    http: unreached,
    invoke: unreached,
    ...(repeating.nodes && { nodes: repeating.nodes }),
    secret: async (name) => name,
    streams,
    showsValues: repeating.showsValues,
    pause: async () => {},
    clock: () => Date.parse(now),
    onCall: repeating.onCall,
    instead: failedAttempts(store, { location, now, retried: Number(event['retry_count'] ?? 0) }),
    leavesAt: leftAt(event, recorded),
    asRecorded: withRecordedTimes(recorded, hydrator),
  };
  const handlers: Readonly<Record<RepeatedFunction, () => Handler>> = {
    initializeStateData: () => stepHandler(initializeStateData, deps),
    stateDataManager: () => actionHandler(deps),
    executeSegment: () => segmentHandler(outside, deps),
    prepareDistributedExecution: () =>
      stepHandler(
        prepareDistributedExecution({
          streams,
          showsValues: repeating.showsValues,
          events: { put: async () => {} },
        }),
        deps,
      ),
    processSegmentChunk: () => stepHandler(processSegmentChunk({ ...outside, streams }), deps),
    aggregateDistributedResults: () => stepHandler(aggregateDistributedResults(streams), deps),
  };
  if (called === 'asyncLlmHandler') return { store, reply };
  const made = await handlers[called]()(event, CONTEXT);
  return { store, reply: JSON.parse(JSON.stringify(made ?? null)) };
}

/** Every call is in the ledger, or failed as the ledger says: nothing is left to reach. */
function unreached(): Promise<never> {
  return Promise.reject(new Error('a replay reaches nothing outside'));
}

function timeOf(event: JsonObject): Timestamp {
  return String(event['now']) as Timestamp; // the step's own door checks it
}

/** The ids of the run, wherever its kind of event has them. */
function runOf(event: JsonObject): Pick<StateBag, 'owner_id' | 'execution_id' | 'definition_id'> {
  const within = [event, event['state_data'], event['start'], event['batch']].find(
    (each) => isJsonObject(each ?? null) && 'execution_id' in (each as JsonObject),
  );
  const { owner_id, execution_id, definition_id } = within as unknown as StateBag; // each kind has them somewhere
  return { owner_id, execution_id, definition_id };
}

function handedOver({ next_action, request }: JsonObject): string | undefined {
  return next_action === 'ASYNC_LLM' && isJsonObject(request) ? String(request['ledger_key']) : undefined;
}

/** Where the recorded invocation was left half way for want of time: nowhere, or at one place. */
function leftAt(event: JsonObject, reply: JsonObject): (next: Cursor) => boolean {
  if (isJsonObject(event['batch'])) {
    const done = finished(reply) - finished(event['batch']['previous']);
    return ({ item }) => reply['status'] === 'CONTINUE' && item === done;
  }
  const { cursor } = isJsonObject(reply['state_data']) ? reply['state_data'] : reply;
  if (!isJsonObject(cursor)) return () => false;
  return ({ node_id, item }) => node_id === cursor['node_id'] && item === cursor['item'];
}

function finished(reply: Json | undefined): number {
  const counts = isJsonObject(reply) ? reply['counts'] : undefined;
  return isJsonObject(counts) ? Number(counts['succeeded']) + Number(counts['failed']) : 0;
}

/** Streams that are read from what was recorded, and held against it where they are written. */
function comparedStreams(
  source: ReplaySource,
  store: RecordedStore,
): ReturnType<NonNullable<Outside['streams']>> {
  return {
    open: (uri, range) => source.open(uri, range),
    async write(uri, pieces, encoding) {
      const held: Uint8Array[] = [];
      for await (const piece of pieces) held.push(piece);
      return { outcome: await store.put(uri, { body: Buffer.concat(held), encoding }) };
    },
  };
}
