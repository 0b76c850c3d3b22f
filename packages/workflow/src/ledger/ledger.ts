import {
  isStatebagError,
  type Json,
  type JsonObject,
  type Sha256,
  StatebagError,
  type Timestamp,
} from '@statebag/contracts';
import { ERRORS } from '@statebag/contracts/errors';
import type { ExecutionId, NodeId } from '@statebag/contracts/ids';
import { THRESHOLDS } from '@statebag/contracts/limits';
import { ledgerUri, type RunLocation } from '@statebag/contracts/object-keys';
import type { Usage } from '@statebag/contracts/schemas/history';
import type { LedgerEnd, LedgerRecord } from '@statebag/contracts/schemas/ledger-record';
import type { FieldPointer } from '@statebag/contracts/schemas/pointers';
import { canonicalJson, fieldPointer, planWrite, sha256Of, type Thresholds } from '@statebag/state-core';
import type { ObjectStore, PutOutcome } from '@statebag/state-core/store/object-store';
import type { CallEnd } from '../http/http-client.ts';
import { askedOf } from './asked.ts';
import { type CallPlace, ledgerKey } from './ledger-key.ts';
import { asObject, readEnd, readRecord, withHash } from './ledger-records.ts';
import { type CallBefore, callsBefore, recordedBefore, unfinishedBefore } from './shared-past.ts';

/** A call to the outside world, resolved and ready. */
export interface OutsideCall {
  /** All that decides the answer. */
  readonly input: JsonObject;
  /**
   * Whether repeating it may do harm: then an intent goes before it, and an unknown outcome is an error
   * unless the node says otherwise.
   */
  readonly unsafe: false | 'fail' | 'retry';
  /** What it throws may say in `details.end` how far the call came. */
  readonly perform: (key: Sha256) => Promise<CallResult>;
}

export interface CallResult {
  readonly result: JsonObject;
  readonly usage: Usage;
}

/** A call as the ledger meets it, whether it is recorded or not. */
export interface MetCall {
  readonly key: Sha256;
  readonly branch_path: string;
  readonly place: CallPlace;
  /** All that decides the answer. */
  readonly input: JsonObject;
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

/** Which call a record, an intent or an end is about. */
type CallHead = JsonObject & { readonly key: Sha256; readonly node_id: NodeId };

/** The same with what readers are told. */
type ToldCall = CallHead & Pick<LedgerRecord, 'place' | 'asked' | 'asked_bytes'>;

interface FailedAttempt {
  readonly attempt: number;
  readonly end: CallEnd;
  readonly error: StatebagError;
}

/** Of a call that fails again and again, the first attempts say it all. */
const MOST_FAILURES_KEPT = 5;

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
  /** Told of each call before it is looked up. */
  readonly onCall?: (call: MetCall) => void;
  /** What stands in the place of a call that is not recorded: nothing is announced, made or recorded then. */
  readonly instead?: (call: MetCall) => Promise<CallResult>;
}

/** A ledger in the run's part of the object store. */
export const createLedger = (store: ObjectStore, owner: LedgerOwner): Ledger =>
  new StoredLedger(store, owner);

class StoredLedger implements Ledger {
  readonly #store: ObjectStore;
  readonly #owner: LedgerOwner;
  readonly #run: { readonly execution_id: ExecutionId; readonly branch_path: string };
  #hits = 0;
  #writes = 0;

  constructor(store: ObjectStore, owner: LedgerOwner) {
    this.#store = store;
    this.#owner = owner;
    this.#run = { execution_id: owner.location.execution_id, branch_path: owner.branch_path };
  }

  async call(place: CallPlace, { input, unsafe, perform }: OutsideCall): Promise<CallResult> {
    const text = canonicalJson(input);
    const input_sha256 = sha256Of(text);
    const key = this.#met(place, input, input_sha256);
    const recorded = await this.#recorded(key, place, input_sha256);
    if (recorded) return this.#hit(recorded);
    if (this.#owner.instead) return this.#owner.instead(this.#metCall(place, input, key));
    await this.#owner.mayCall?.();
    const head = {
      schema_version: 1,
      key,
      node_id: place.node_id,
      node_version: place.node_version,
      input_sha256,
      recorded_at: this.#owner.now,
    } as const;
    if (unsafe === 'fail') await this.#refuseUnknown(head, place);
    const { loop, item } = place;
    const told = { place: { branch_path: this.#run.branch_path, loop, item }, ...askedOf(input, text) };
    const attempt = unsafe === false ? null : await this.#announce(head, unsafe);
    const { result, usage } = await perform(key).catch((error: unknown) =>
      attempt === null || unsafe === false
        ? this.#failed({ ...head, ...told }, error)
        : this.#ended({ ...head, ...told }, error, { attempt, unsafe }),
    );
    const outcome = await this.#writeRecord({ ...head, ...told }, result, usage);
    return outcome === 'created' ? { result, usage } : this.#adopt(key);
  }

  async lookUp(place: CallPlace, input: JsonObject): Promise<RecordedCall> {
    const input_sha256 = sha256Of(canonicalJson(input));
    const key = this.#met(place, input, input_sha256);
    const record = await this.#recorded(key, place, input_sha256);
    return { key, place, recorded: record && (await this.#hit(record)) };
  }

  #met(place: CallPlace, input: JsonObject, input_sha256: Sha256): Sha256 {
    const key = ledgerKey(this.#run, place, input_sha256);
    this.#owner.onCall?.(this.#metCall(place, input, key));
    return key;
  }

  #metCall(place: CallPlace, input: JsonObject, key: Sha256): MetCall {
    return { key, branch_path: this.#run.branch_path, place, input };
  }

  /** What this run recorded, or one that it was forked from, at the same place. */
  async #recorded(key: Sha256, place: CallPlace, input_sha256: Sha256): Promise<LedgerRecord | null> {
    const own = await readRecord(this.#store, this.#owner.location, key);
    if (own) return own;
    return recordedBefore(this.#store, this.#past(place, input_sha256));
  }

  #past(place: CallPlace, input_sha256: Sha256): readonly CallBefore[] {
    return callsBefore(this.#owner.location, { branch_path: this.#run.branch_path, place, input_sha256 });
  }

  /**
   * What a run before began, and left no result of, may have happened: a fork does not do it again either.
   */
  async #refuseUnknown(head: CallHead & { readonly input_sha256: Sha256 }, place: CallPlace): Promise<void> {
    const run = await unfinishedBefore(this.#store, this.#past(place, head.input_sha256));
    if (run) throw outcomeUnknown(head, `run ${run} began this call and left no result`);
  }

  /**
   * Says what is about to happen, so that a later attempt knows that it may have. Gives the number of this
   * attempt: one more than those that did nothing outside.
   */
  async #announce(intent: CallHead, unsafe: 'fail' | 'retry'): Promise<number> {
    for (let attempt = 0; ; attempt += 1) {
      const uri = ledgerUri(this.#owner.location, intent.key, { of: 'intent', attempt });
      if ((await this.#store.put(uri, asObject(intent))) === 'created') return attempt;
      const before = await readEnd(this.#store, this.#owner.location, { key: intent.key, attempt });
      if (before && before.end !== 'unknown') continue;
      if (unsafe === 'retry') return attempt;
      const left = before ? `${before.error}: ${before.message}` : 'it ended in between and left no result';
      throw outcomeUnknown(intent, `an earlier attempt began this call; ${left}`);
    }
  }

  /**
   * Records how far a failed attempt came, where its failure says so. An unknown end that would be tried
   * again is said at once: the next attempt could say no more.
   */
  async #ended(
    head: ToldCall,
    error: unknown,
    { attempt, unsafe }: { readonly attempt: number; readonly unsafe: 'fail' | 'retry' },
  ): Promise<never> {
    const end = isStatebagError(error) ? callEnd(error.details['end']) : null;
    if (!isStatebagError(error) || end === null) throw error;
    await this.#putEnd(head, { attempt, end, error });
    if (end !== 'unknown' || unsafe === 'retry' || !ERRORS[error.name].retryable) throw error;
    throw outcomeUnknown(head, `the call left and no answer came; ${error.name}: ${error.message}`, error);
  }

  /**
   * Records a failed attempt of a call that may be made again: for readers only. Whatever becomes of the
   * record, the call is what failed.
   */
  async #failed(head: ToldCall, error: unknown): Promise<never> {
    if (!isStatebagError(error)) throw error;
    const end = callEnd(error.details['end']) ?? 'unknown';
    try {
      for (let attempt = 0; attempt < MOST_FAILURES_KEPT; attempt += 1)
        if ((await this.#putEnd(head, { attempt, end, error })) === 'created') break;
    } catch {
      throw error;
    }
    throw error;
  }

  #putEnd(
    { key, node_id, place, asked, asked_bytes }: ToldCall,
    { attempt, end, error }: FailedAttempt,
  ): Promise<PutOutcome> {
    const said: LedgerEnd = {
      schema_version: 1,
      key,
      node_id,
      end,
      error: error.name,
      message: error.message,
      recorded_at: this.#owner.now,
      ...(place && { place }),
      ...(asked && { asked }),
      ...(asked_bytes !== undefined && { asked_bytes }),
    };
    return this.#store.put(
      ledgerUri(this.#owner.location, key, { of: 'end', attempt }),
      asObject(withHash(said)),
    );
  }

  async #writeRecord(head: ToldCall, result: JsonObject, usage: Usage): Promise<PutOutcome> {
    const body = await this.#storedResult(result);
    const outcome = await this.#store.put(
      ledgerUri(this.#owner.location, head.key, 'record'),
      asObject(withHash({ ...head, usage, ...body })),
    );
    if (outcome === 'created') this.#writes += 1;
    return outcome;
  }

  /** A large result lies beside the record, which then stays small enough to look up. */
  async #storedResult(
    result: JsonObject,
  ): Promise<{ readonly result: JsonObject } | { readonly pointer: FieldPointer }> {
    const thresholds = this.#owner.thresholds ?? THRESHOLDS;
    if (Buffer.byteLength(canonicalJson(result)) <= thresholds.field) return { result };
    const write = planWrite(result, 'blobs', {
      location: this.#owner.location,
      now: this.#owner.now,
      thresholds,
    });
    await this.#store.put(write.uri, write.object);
    return { pointer: fieldPointer(write, this.#owner.now) };
  }

  async #hit(record: LedgerRecord): Promise<CallResult> {
    this.#hits += 1;
    const value = 'result' in record ? record.result : await this.#owner.read(record.pointer);
    return { result: value as JsonObject, usage: record.usage }; // written above, from a JsonObject
  }

  /** Another attempt was faster: its answer is the run's answer. */
  async #adopt(key: Sha256): Promise<CallResult> {
    const winner = await readRecord(this.#store, this.#owner.location, key);
    if (winner) return this.#hit(winner);
    throw new StatebagError('Store.ObjectMissing', `ledger record ${key} exists and cannot be read`);
  }

  counts() {
    return { hits: this.#hits, writes: this.#writes };
  }
}

function outcomeUnknown({ key, node_id }: CallHead, what: string, cause?: unknown): StatebagError {
  const details = { key, end: 'unknown', node_id };
  return new StatebagError('Ledger.OutcomeUnknown', `node ${node_id}: ${what}`, { cause, details });
}

function callEnd(value: unknown): CallEnd | null {
  return value === 'not_sent' || value === 'answered' || value === 'unknown' ? value : null;
}
