import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { ledgerUri, type RunLocation } from '@statebag/contracts/object-keys';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import { canonicalJson } from '@statebag/state-core';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import { openSession, openStore, type StoreProcess } from '@statebag/state-core/store/store-session';
import type { StepConfig } from '@statebag/step-kit';
import type { MetCall, OpenOwnNodes } from '@statebag/workflow';
import { auditObjects } from './audit-objects.ts';
import { firstDifference, type Parting } from './first-difference.ts';
import { type Invocation, invocationsOf } from './invocations.ts';
import type { ObjectFault, RecordedStore } from './recorded-store.ts';
import { repeated } from './repeat.ts';
import { historiesOf, type ReplaySource } from './source.ts';

/** A run that has ended, or stands still, and how its functions were set. */
export interface ReplayedRun {
  readonly source: ReplaySource;
  readonly location: RunLocation;
  /** The first execution and its resumes. */
  readonly executionArns: readonly string[];
  readonly config: Pick<StepConfig, 'bucket' | 'thresholds' | 'legacyReadPrefixes'>;
  readonly showsValues: boolean;
  /** The node types of the project that the run used; none if not given. */
  readonly nodes?: OpenOwnNodes | undefined;
}

/** Where a repeated invocation parted from the recorded one. */
export interface Difference extends Partial<Parting> {
  readonly execution_arn: string;
  /** State of the state machine, and the segment that its bag waited for. */
  readonly state: string;
  readonly segment: string | null;
  /** What was different where it is no field. */
  readonly what?: string;
}

export interface ReplayReport {
  readonly equal: boolean;
  /** Invocations that ran segments or items of lists; all others merged, prepared or joined. */
  readonly segments: Count;
  readonly others: Count;
  /** Attempts that had failed: what they came to depends on when they were ended. They are not repeated. */
  readonly failed_attempts: number;
  /** Calls to the outside that were answered from the ledger. */
  readonly calls: number;
  readonly objects: number;
  readonly differences: readonly Difference[];
  /** Objects that are not what the run wrote. */
  readonly faults: readonly ObjectFault[];
}

interface Count {
  readonly repeated: number;
  readonly equal: number;
}

/**
 * Repeats everything that the functions of a run did, from the ledger and what it stored, and compares each
 * reply with the recorded one.
 */
export async function replayRun(run: ReplayedRun): Promise<ReplayReport> {
  const calls = new Map<string, MetCall>();
  const caches = openStore(readOnly(run.source), { retry: NO_RETRY });
  const differences: Difference[] = [];
  const faults = new Map<string, ObjectFault>();
  const counts = { segments: { repeated: 0, equal: 0 }, others: { repeated: 0, equal: 0 } };
  let failed = 0;
  for await (const { executionArn, events } of historiesOf(run.source, run.executionArns)) {
    const asked = invocationsOf(executionArn, events);
    failed += asked.failed;
    for (const invocation of asked.invocations) {
      const { difference, damaged } = await compared(invocation, run, { calls, caches });
      const count = RUNS.has(invocation.called) ? counts.segments : counts.others;
      count.repeated += 1;
      if (difference === null) count.equal += 1;
      else differences.push(difference);
      for (const fault of damaged) faults.set(fault.uri, fault);
    }
  }
  const audit = await auditObjects(run.source, { location: run.location, calls });
  for (const fault of audit.faults) faults.set(fault.uri, fault);
  return {
    equal: differences.length === 0 && faults.size === 0,
    ...counts,
    failed_attempts: failed,
    calls: calls.size,
    objects: audit.objects,
    differences,
    faults: [...faults.values()],
  };
}

/** What is damaged stays so: it is said at once. */
const NO_RETRY = { delayAfter: () => undefined, sleep: async () => {} };
const RUNS: ReadonlySet<string> = new Set(['executeSegment', 'processSegmentChunk']);

interface Compared {
  readonly difference: Difference | null;
  readonly damaged: readonly ObjectFault[];
}

async function compared(
  invocation: Invocation,
  run: ReplayedRun,
  { calls, caches }: { readonly calls: Map<string, MetCall>; readonly caches: StoreProcess },
): Promise<Compared> {
  const { executionArn: execution_arn, state, event } = invocation;
  const at = { execution_arn, state, segment: segmentOf(event) ?? firstSegment(invocation) };
  try {
    if (invocation.called === 'asyncLlmHandler')
      return { difference: await apart(invocation, run, at), damaged: [] };
    const onCall = (call: MetCall) => void calls.set(call.key, call);
    const { store, reply } = await repeated(invocation, { ...run, nodes: run.nodes, caches, onCall });
    const parting = await parted(invocation, reply, { store, run });
    return { difference: parting && { ...at, ...parting }, damaged: store.faults };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { difference: { ...at, what: `${name}: ${message}` }, damaged: [] };
  }
}

function segmentOf(event: JsonObject): string | null {
  const { state_data, batch, segment_id } = event;
  const bag = [state_data, batch].find((each) => isJsonObject(each ?? null)) as JsonObject | undefined; // of a bag or its part
  const segment = bag?.['segment_to_run'] ?? bag?.['segment_id'] ?? segment_id;
  return typeof segment === 'string' ? segment : null;
}

/** A run's first segment stands in no event: the bag after it says which it was. */
function firstSegment({ event, reply }: Invocation): string | null {
  if (event['action'] !== 'init' || !isEnvelope(reply)) return null;
  const { state_data } = reply as unknown as Envelope; // the reply of a step that sealed a bag
  return state_data.segment_id;
}

type Place = Pick<Difference, 'execution_arn' | 'state' | 'segment'>;

/** A model that was asked apart has told the machine what the ledger holds. */
async function apart(
  { event, reply }: Invocation,
  { source, location }: ReplayedRun,
  at: Place,
): Promise<Difference | null> {
  const { request } = event;
  const key = isJsonObject(request) ? String(request['ledger_key']) : '';
  const { body } = await source.get(ledgerUri(location, key, 'record'));
  const record: JsonObject = JSON.parse(Buffer.from(body).toString('utf8'));
  const said = isJsonObject(reply) ? reply : {};
  const parting = firstDifference(
    { answer: await pointedIn(said, source, location, 'value'), usage: said['usage'] ?? null },
    { answer: answerIn(await pointedIn(record, source, location, 'result')), usage: record['usage'] ?? null },
  );
  return parting && { ...at, ...parting };
}

function answerIn(result: Json): Json {
  return isJsonObject(result) ? (result['answer'] ?? null) : result;
}

async function pointedIn(
  holder: JsonObject,
  source: ReplaySource,
  location: RunLocation,
  member: string,
): Promise<Json> {
  if (!('pointer' in holder)) return holder[member] ?? null;
  const { hydrator } = openSession(openStore(readOnly(source)), location);
  return hydrator.value(holder['pointer'] ?? null);
}

/** Where the replies part: in the state that they stand for, and if not there, as they are. */
async function parted(
  { reply: recorded }: Invocation,
  replayed: Json,
  { store, run }: { readonly store: RecordedStore; readonly run: ReplayedRun },
): Promise<Parting | null> {
  if (canonicalJson(recorded) === canonicalJson(replayed)) return null;
  const states = isEnvelope(recorded) && isEnvelope(replayed);
  const inState = states
    ? firstDifference(
        await stateOf(recorded, readOnly(run.source), run.location),
        await stateOf(replayed, over(store, run.source), run.location),
        '$.state',
      )
    : null;
  return inState ?? firstDifference(recorded, replayed);
}

function isEnvelope(reply: Json): reply is JsonObject {
  return isJsonObject(reply) && isJsonObject(reply['state_data'] ?? null);
}

async function stateOf(reply: JsonObject, store: ObjectStore, location: RunLocation): Promise<JsonObject> {
  const { state_data } = reply as unknown as Envelope; // the reply of a step that sealed a bag
  return openSession(openStore(store), location).hydrator.fields(state_data, 'all');
}

function readOnly(source: Pick<ReplaySource, 'get'>): ObjectStore {
  return {
    get: (uri, range) => source.get(uri, range),
    put: () => Promise.reject(new Error('a replay writes nothing')),
  };
}

/** What the repeated invocation wrote, over what is there. */
function over({ written }: RecordedStore, source: Pick<ReplaySource, 'get'>): ObjectStore {
  return {
    ...readOnly(source),
    async get(uri, range) {
      const own = written.get(uri);
      if (!own) return source.get(uri, range);
      return range ? { ...own, body: own.body.subarray(range.offset, range.offset + range.bytes) } : own;
    },
  };
}
