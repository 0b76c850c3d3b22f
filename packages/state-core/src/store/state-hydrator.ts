import {
  type Confinement,
  confine,
  type HistoryEntry,
  isFieldPointer,
  isHistoryArchive,
  isJsonObject,
  isStatePointer,
  type Json,
  type JsonObject,
  type ReadFieldPointer,
  type ReadStatePointer,
  type StateBag,
  StatebagError,
  type StateHistory,
  unescapeReserved,
} from '@statebag/contracts';
import { foldOverlay } from '../core/merge-state.ts';
import type { HistoryBlock } from '../core/plan-history.ts';
import type { StoreCounts } from './counted-store.ts';
import { eachBounded } from './each-bounded.ts';
import type { LruCache } from './lru-cache.ts';
import type { ObjectStore } from './object-store.ts';
import { type IntegrityRetry, type Read, readVerified } from './read-verified.ts';

/** What one invocation reads with: its own confinement and counts, and the cache and retry strategy of the process. */
export interface HydratorDeps {
  readonly store: ObjectStore;
  readonly reader: Confinement;
  readonly cache: LruCache<Read>;
  readonly counts: StoreCounts;
  readonly retry: IntegrityRetry;
  readonly concurrency: number;
}

/** An address and the hash its content must have; older pointers have none. */
type Address = { readonly s3_path: string; readonly sha256?: string | undefined };

/** Replaces pointers by what they stand for. Never returns less than was asked for: it throws a typed error instead. */
export class StateHydrator {
  readonly #deps: HydratorDeps;
  readonly #underway = new Map<string, Promise<Json>>();

  constructor(deps: HydratorDeps) {
    this.#deps = deps;
  }

  /** The named top-level fields as nodes see them; a field that is not there is absent. */
  async fields(state: StateBag['current_state'], names: readonly string[] | 'all'): Promise<JsonObject> {
    const standing = await this.standing(state);
    const wanted = names === 'all' ? Object.keys(standing) : names.filter((name) => Object.hasOwn(standing, name));
    const values = await eachBounded(wanted, this.#deps.concurrency, async (name): Promise<[string, Json]> => [name, await this.value(standing[name] ?? null)]);
    return Object.fromEntries(values);
  }

  /** All fields as they stand, inline or as field pointers: an index is read, its overlay laid on top. */
  async standing(state: StateBag['current_state']): Promise<JsonObject> {
    if (!isStatePointer(state)) return state;
    return foldOverlay(await this.index(state), state.overlay);
  }

  /** The index behind a whole-state pointer, without its overlay. */
  async index(pointer: ReadStatePointer): Promise<JsonObject> {
    const index = await this.object({ s3_path: pointer.__s3_path, ...(pointer.sha256 && { sha256: pointer.sha256 }) });
    return isJsonObject(index) ? index : this.#corrupt(pointer.__s3_path, 'a whole state must be an object');
  }

  /** What stands for a value: the value behind a field pointer, the value inside an escape, or the value itself. */
  async value(standing: Json): Promise<Json> {
    return isFieldPointer(standing) ? this.pointed(standing) : unescapeReserved(standing);
  }

  /** The value behind a field pointer; a pack is read once for all its members. */
  async pointed(pointer: ReadFieldPointer): Promise<Json> {
    const content = await this.object(pointer);
    if (pointer.pack_key === undefined) return content;
    const member = isJsonObject(content) && Object.hasOwn(content, pointer.pack_key) ? content[pointer.pack_key] : undefined;
    return member ?? this.#absentMember(pointer, content);
  }

  /** Every entry of a history, oldest first, blocks and blocks of blocks opened. */
  async history(history: StateHistory): Promise<HistoryEntry[]> {
    const opened = await eachBounded(history, this.#deps.concurrency, async (entry) => (isHistoryArchive(entry) ? this.#block(entry) : [entry]));
    return opened.flat();
  }

  async #block(archive: Address): Promise<HistoryEntry[]> {
    const { entries, previous } = blockOf(await this.object(archive)) ?? this.#corrupt(archive.s3_path, 'not a history block');
    return [...(previous ? await this.#block(previous) : []), ...(await this.history(entries))];
  }

  /** What lies behind any address of the run, verified where its hash is known. Each object is read once. */
  object(address: Address): Promise<Json> {
    const uri = confine(address.s3_path, this.#deps.reader);
    const key = `${uri}#${address.sha256 ?? ''}`;
    const underway = this.#underway.get(key) ?? this.#readOnce(key, { ...address, s3_path: uri });
    this.#underway.set(key, underway);
    return underway;
  }

  async #readOnce(key: string, address: Address): Promise<Json> {
    const { cache, counts, reader } = this.#deps;
    const cached = cache.get(key);
    if (cached) {
      counts.cache_hits += 1;
      counts.hydrated_bytes += cached.size;
      return cached.value;
    }
    const read = await readVerified({ uri: confine(address.s3_path, reader), sha256: address.sha256 }, this.#deps);
    counts.hydrated_bytes += read.size;
    if (!read.verified) counts.unverified += 1;
    if (address.sha256 !== undefined) cache.set(key, read, read.size);
    return read.value;
  }

  #absentMember(pointer: ReadFieldPointer, content: Json): Json {
    if (isJsonObject(content) && Object.hasOwn(content, pointer.pack_key ?? '')) return null;
    return this.#corrupt(pointer.s3_path, `the pack has no member ${JSON.stringify(pointer.pack_key)}`);
  }

  #corrupt(path: string, what: string): never {
    throw new StatebagError('Store.ObjectCorrupt', `${path}: ${what}`);
  }
}

function blockOf(value: Json): HistoryBlock | undefined {
  if (Array.isArray(value)) return { entries: value as StateHistory, previous: null }; // first-generation blocks are bare lists, and their hash was checked
  if (!isJsonObject(value) || !Array.isArray(value['entries'])) return undefined;
  return value as unknown as HistoryBlock; // its hash was checked: it is what appendHistory wrote
}
