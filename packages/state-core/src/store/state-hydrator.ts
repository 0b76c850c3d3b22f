import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { HYDRATOR_LIMITS } from '@statebag/contracts/limits';
import { confine, confineTo, type ObjectKind } from '@statebag/contracts/object-keys';
import {
  isFieldPointer,
  isHistoryArchive,
  type KeptState,
  type ReadFieldPointer,
  type ReadStatePointer,
  unescapeReserved,
  wholeStatePointer,
} from '@statebag/contracts/pointers';
import type { HistoryEntry, StateHistory } from '@statebag/contracts/schemas/history';
import type { Delta } from '@statebag/contracts/schemas/segment-result';
import { KB } from '@statebag/contracts/units';
import { foldOverlay } from '../core/merge-state.ts';
import { fromPack } from '../core/pack.ts';
import { placedFields } from '../core/plan-fields.ts';
import type { HistoryBlock } from '../core/plan-history.ts';
import { eachBounded } from './each-bounded.ts';
import { cacheKey, isPacked, PackReader, type PackReaderDeps } from './pack-reader.ts';
import { readVerified, type Wanted } from './read-verified.ts';

/**
 * What one invocation reads with: its own confinement and counts, and the cache and retry strategy of the
 * process.
 */
export type HydratorDeps = PackReaderDeps;

/** An address and the hash its content must have; older pointers have none. */
type Address = { readonly s3_path: string; readonly sha256?: string | undefined };

/** What values are kept as: of the run's own state, and of the results of its maps. */
export const VALUES: readonly ObjectKind[] = ['blobs', 'map'];

/**
 * Replaces pointers by what they stand for. Never returns less than was asked for: it throws a typed error
 * instead.
 */
export class StateHydrator {
  readonly #deps: HydratorDeps;
  readonly #packs: PackReader;
  readonly #underway = new Map<string, Promise<Json>>();

  constructor(deps: HydratorDeps) {
    this.#deps = deps;
    this.#packs = new PackReader(deps);
  }

  /** The named top-level fields as nodes see them; a field that is not there is absent. */
  async fields(state: KeptState, names: readonly string[] | 'all'): Promise<JsonObject> {
    return this.#opened(wantedOf(await this.standing(state), names));
  }

  /**
   * The same for who works with them, all at once. @throws `State.TooLarge` before anything of them is read
   */
  async workingFields(state: KeptState, names: readonly string[] | 'all'): Promise<JsonObject> {
    const wanted = wantedOf(await this.standing(state), names);
    refuseTooMuch(wanted);
    return this.#opened(wanted);
  }

  async #opened(wanted: readonly (readonly [string, Json])[]): Promise<JsonObject> {
    const values = await this.values(wanted.map(([, standing]) => standing));
    return Object.fromEntries(wanted.map(([name], index) => [name, values[index] ?? null]));
  }

  /** All fields as they stand, inline or as field pointers: an index is read, its overlay laid on top. */
  async standing(state: KeptState): Promise<JsonObject> {
    const pointer = wholeStatePointer(state);
    if (pointer) return foldOverlay(await this.index(pointer), pointer.overlay);
    return state.current_state as JsonObject; // no pointer: fields, whatever they look like
  }

  /** The index behind a whole-state pointer, without its overlay. */
  async index(pointer: ReadStatePointer): Promise<JsonObject> {
    const { __s3_path: s3_path, sha256, encoding, offset, length } = pointer;
    const index = isPacked(pointer)
      ? await this.#packs.index({ s3_path, sha256, encoding, offset, length })
      : await this.object({ s3_path, sha256 }, ['blobs']);
    if (!isJsonObject(index)) return this.#corrupt(s3_path, 'a whole state must be an object');
    return isPacked(pointer) ? placedFields(index, (field) => fromPack(field, s3_path)) : index;
  }

  /** The operations behind a pointer. */
  async operations(pointer: ReadFieldPointer): Promise<Delta> {
    // its hash was checked: it is what planResult wrote
    const operations = (await this.pointed(pointer)) as unknown as Delta;
    if (!isPacked(pointer)) return operations;
    return operations.map((operation) =>
      'pointer' in operation
        ? { ...operation, pointer: fromPack(operation.pointer, pointer.s3_path) }
        : operation,
    );
  }

  /**
   * What stands for a value: the value behind a field pointer, the value inside an escape, or the value
   * itself.
   */
  async value(standing: Json): Promise<Json> {
    return isFieldPointer(standing) ? this.pointed(standing) : unescapeReserved(standing);
  }

  /** The same for many: what lies in one pack is read together. */
  async values(standing: readonly Json[]): Promise<Json[]> {
    const packed = standing.filter((value): value is ReadFieldPointer & JsonObject => isInPack(value));
    const fromPacks = this.#packs.values(packed);
    const others = eachBounded(standing, this.#deps.concurrency, async (value) =>
      isInPack(value) ? null : this.value(value),
    );
    const [found, values] = await Promise.all([fromPacks, others]);
    const byPointer = new Map(packed.map((pointer, index) => [pointer, found[index] ?? null]));
    return standing.map((value, index) => (isInPack(value) ? byPointer.get(value) : values[index]) ?? null);
  }

  /** The value behind a field pointer. */
  async pointed(pointer: ReadFieldPointer): Promise<Json> {
    if (isPacked(pointer)) return (await this.#packs.values([pointer]))[0] ?? null;
    const content = await this.object(pointer, VALUES);
    if (pointer.pack_key === undefined) return content;
    const member =
      isJsonObject(content) && Object.hasOwn(content, pointer.pack_key)
        ? content[pointer.pack_key]
        : undefined;
    return member ?? this.#absentMember(pointer, content);
  }

  /** Every entry of a history, oldest first, blocks and blocks of blocks opened. */
  async history(history: StateHistory): Promise<HistoryEntry[]> {
    const opened = await eachBounded(history, this.#deps.concurrency, async (entry) =>
      isHistoryArchive(entry) ? this.#block(entry) : [entry],
    );
    return opened.flat();
  }

  async #block(archive: Address): Promise<HistoryEntry[]> {
    const { entries, previous } =
      blockOf(await this.object(archive, ['history'])) ??
      this.#corrupt(archive.s3_path, 'not a history block');
    return [...(previous ? await this.#block(previous) : []), ...(await this.history(entries))];
  }

  /**
   * What lies behind an address of the run, verified where its hash is known. Each object is read once. Where
   * the kinds are given it must be of one of them.
   */
  object({ s3_path, sha256 }: Address, kinds?: readonly ObjectKind[]): Promise<Json> {
    const { reader } = this.#deps;
    const uri = kinds ? confineTo(kinds, s3_path, reader) : confine(s3_path, reader);
    const key = cacheKey(uri, { sha256 });
    const underway = this.#underway.get(key) ?? this.#readOnce(key, { uri, sha256 });
    this.#underway.set(key, underway);
    return underway;
  }

  async #readOnce(key: string, wanted: Wanted): Promise<Json> {
    const { cache, counts } = this.#deps;
    const cached = cache.get(key);
    if (cached) {
      counts.cache_hits += 1;
      counts.hydrated_bytes += cached.size;
      return cached.value;
    }
    const read = await readVerified(wanted, this.#deps);
    counts.hydrated_bytes += read.size;
    if (!read.verified) counts.unverified += 1;
    if (wanted.sha256 !== undefined) cache.set(key, read, read.size);
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

/** The named fields that are there, as they stand. */
function wantedOf(standing: JsonObject, names: readonly string[] | 'all'): (readonly [string, Json])[] {
  const wanted =
    names === 'all' ? Object.keys(standing) : names.filter((name) => Object.hasOwn(standing, name));
  return wanted.map((name) => [name, standing[name] ?? null]);
}

function refuseTooMuch(wanted: readonly (readonly [string, Json])[]): void {
  const sizes = wanted
    .map(([name, standing]) => ({ name, bytes: isFieldPointer(standing) ? (standing.size_bytes ?? 0) : 0 }))
    .sort((left, right) => right.bytes - left.bytes);
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= HYDRATOR_LIMITS.fieldsTogether) return;
  const largest = sizes.slice(0, 3).map(({ name, bytes }) => `${JSON.stringify(name)} (${megabytes(bytes)})`);
  throw new StatebagError(
    'State.TooLarge',
    `the fields that are read here take ${megabytes(total)}, and ${megabytes(HYDRATOR_LIMITS.fieldsTogether)} is the most; the largest are ${largest.join(', ')}`,
  );
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / KB / KB)} MB`;
}

function isInPack(value: Json): value is ReadFieldPointer & JsonObject {
  return isFieldPointer(value) && isPacked(value);
}

function blockOf(value: Json): HistoryBlock | undefined {
  // first-generation blocks are bare lists, and their hash was checked
  if (Array.isArray(value)) return { entries: value as StateHistory, previous: null };
  if (!isJsonObject(value) || !Array.isArray(value['entries'])) return undefined;
  return value as unknown as HistoryBlock; // its hash was checked: it is what appendHistory wrote
}
