import {
  accept,
  type ExecutionId,
  type FieldPointer,
  isStatebagError,
  type Json,
  type JsonObject,
  type LedgerRecord,
  ledgerUri,
  type NodeId,
  type RunLocation,
  type S3Uri,
  type Sha256,
  StatebagError,
  THRESHOLDS,
  type Timestamp,
  type Usage,
} from '@statebag/contracts';
import { validateLedgerRecord } from '@statebag/contracts/validators';
import { canonicalJson, fieldPointer, type ObjectStore, planWrite, type StoredObject, sha256Of, type Thresholds } from '@statebag/state-core';

/** A call to the outside world, resolved and ready. */
export interface OutsideCall {
  /** All that decides the answer. */
  readonly input: JsonObject;
  /** Whether repeating it may do harm: then an intent goes before it, and an unknown outcome is an error unless the node says otherwise. */
  readonly unsafe: false | 'fail' | 'retry';
  readonly perform: (key: Sha256) => Promise<CallResult>;
}

export interface CallResult {
  readonly result: JsonObject;
  readonly usage: Usage;
}

/** Which node calls, and on which turn of which loops and items. */
export interface CallPlace {
  readonly node_id: NodeId;
  readonly node_version: Sha256;
  readonly loop: string;
  readonly item: string;
}

/** Where a call stands in the ledger: its key and place, and what an earlier attempt recorded. */
export interface RecordedCall {
  readonly key: Sha256;
  readonly place: CallPlace;
  readonly recorded: CallResult | null;
}

/** The one way to the outside world: what an earlier attempt recorded is given back, never done again. */
export interface Ledger {
  call(place: CallPlace, call: OutsideCall): Promise<CallResult>;
  /** Looks without calling; null where nothing was recorded yet. */
  lookUp(place: CallPlace, input: JsonObject): Promise<RecordedCall>;
  /** How many calls were answered from the record, and how many records were written. */
  counts(): { readonly hits: number; readonly writes: number };
}

/** Whose ledger it is. */
export interface LedgerOwner {
  readonly location: RunLocation;
  readonly branch_path: string;
  readonly now: Timestamp;
  readonly thresholds?: Thresholds;
  /** Reads a result that was too large for its record. */
  readonly read: (pointer: FieldPointer) => Promise<Json>;
  /** Asked before each call that is not recorded; throws where the run must make none any more. */
  readonly mayCall?: () => Promise<void>;
}

/** The key of a call: the same question at the same place of the same run. */
export function ledgerKey(run: { readonly execution_id: ExecutionId; readonly branch_path: string }, place: CallPlace, input_sha256: Sha256): Sha256 {
  const { node_version, loop, item } = place;
  return sha256Of(canonicalJson([node_version, input_sha256, run.execution_id, run.branch_path, loop, item]));
}

/** A ledger in the run's part of the object store. */
export function createLedger(store: ObjectStore, owner: LedgerOwner): Ledger {
  const counted = { hits: 0, writes: 0 };
  const run = { execution_id: owner.location.execution_id, branch_path: owner.branch_path };

  async function call(place: CallPlace, { input, unsafe, perform }: OutsideCall): Promise<CallResult> {
    const input_sha256 = sha256Of(canonicalJson(input));
    const key = ledgerKey(run, place, input_sha256);
    const recorded = await readRecord(key);
    if (recorded) return hit(recorded);
    await owner.mayCall?.();
    const head = { schema_version: 1, key, node_id: place.node_id, node_version: place.node_version, input_sha256, recorded_at: owner.now } as const;
    if (unsafe !== false) await announce(head, unsafe);
    const { result, usage } = await perform(key);
    const outcome = await writeRecord(head, result, usage);
    return outcome === 'created' ? { result, usage } : adopt(key);
  }

  async function lookUp(place: CallPlace, input: JsonObject): Promise<RecordedCall> {
    const key = ledgerKey(run, place, sha256Of(canonicalJson(input)));
    const record = await readRecord(key);
    return { key, place, recorded: record && (await hit(record)) };
  }

  /** Says what is about to happen, so that a later attempt knows that it may have. */
  async function announce(intent: JsonObject & { readonly key: Sha256; readonly node_id: NodeId }, unsafe: 'fail' | 'retry'): Promise<void> {
    const outcome = await store.put(ledgerUri(owner.location, intent.key, 'intent'), asObject(intent));
    if (outcome === 'created' || unsafe === 'retry') return;
    throw new StatebagError('Ledger.OutcomeUnknown', `node ${intent.node_id}: an earlier attempt began this call and left no result`, {
      details: { key: intent.key },
    });
  }

  async function writeRecord(head: JsonObject & { readonly key: Sha256 }, result: JsonObject, usage: Usage): Promise<'created' | 'existed'> {
    const body = await storedResult(result);
    const outcome = await store.put(ledgerUri(owner.location, head.key, 'record'), asObject({ ...head, usage, ...body }));
    if (outcome === 'created') counted.writes += 1;
    return outcome;
  }

  /** A large result lies beside the record, which then stays small enough to look up. */
  async function storedResult(result: JsonObject): Promise<{ readonly result: JsonObject } | { readonly pointer: FieldPointer }> {
    const thresholds = owner.thresholds ?? THRESHOLDS;
    if (Buffer.byteLength(canonicalJson(result)) <= thresholds.field) return { result };
    const write = planWrite(result, 'blobs', { location: owner.location, now: owner.now, thresholds });
    await store.put(write.uri, write.object);
    return { pointer: fieldPointer(write, owner.now) };
  }

  async function readRecord(key: Sha256): Promise<LedgerRecord | null> {
    const object = await getIfThere(store, ledgerUri(owner.location, key, 'record'));
    return object && accept<LedgerRecord>(validateLedgerRecord, JSON.parse(Buffer.from(object.body).toString('utf8')), 'ledger record');
  }

  async function hit(record: LedgerRecord): Promise<CallResult> {
    counted.hits += 1;
    const value = 'result' in record ? record.result : await owner.read(record.pointer);
    return { result: value as JsonObject, usage: record.usage }; // written above, from a JsonObject
  }

  /** Another attempt was faster: its answer is the run's answer. */
  async function adopt(key: Sha256): Promise<CallResult> {
    const winner = await readRecord(key);
    if (winner) return hit(winner);
    throw new StatebagError('Store.ObjectMissing', `ledger record ${key} exists and cannot be read`);
  }

  return { call, lookUp, counts: () => ({ ...counted }) };
}

function asObject(value: JsonObject): StoredObject {
  return { body: Buffer.from(canonicalJson(value)), encoding: 'json' };
}

async function getIfThere(store: ObjectStore, uri: S3Uri): Promise<StoredObject | null> {
  try {
    return await store.get(uri);
  } catch (error) {
    if (isStatebagError(error) && error.name === 'Store.ObjectMissing') return null; // no record: the call was not made yet
    throw error;
  }
}
