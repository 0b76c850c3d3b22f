import { type Json, StatebagError } from '@statebag/contracts';
import { HYDRATOR_LIMITS } from '@statebag/contracts/limits';
import { type Confinement, confineTo, type Encoding, type S3Uri } from '@statebag/contracts/object-keys';
import type { StoreCounts } from './counted-store.ts';
import { eachBounded } from './each-bounded.ts';
import type { LruCache } from './lru-cache.ts';
import type { ByteRange, ObjectStore } from './object-store.ts';
import { type IntegrityRetry, type Read, type Slice, sliceVerified } from './read-verified.ts';

/** What a reader of one invocation works with. */
export interface PackReaderDeps {
  readonly store: ObjectStore;
  readonly reader: Confinement;
  readonly cache: LruCache<Read>;
  /** Small packs of the process, whole. */
  readonly packs: LruCache<Uint8Array>;
  readonly counts: StoreCounts;
  readonly retry: IntegrityRetry;
  readonly concurrency: number;
}

/** A value in a pack, as its pointer says it. */
export interface PackedAddress {
  readonly s3_path: string;
  readonly sha256?: string | undefined;
  readonly encoding?: Encoding | undefined;
  readonly offset?: number | undefined;
  readonly length?: number | undefined;
}

/** A part of a pack that is wanted. */
interface Part {
  readonly uri: S3Uri;
  readonly sha256: string;
  readonly slice: Slice;
  /** In the cache of the process. */
  readonly key: string;
}

/** A stretch of one object, with everything that is wanted of it. */
interface Span extends ByteRange {
  readonly uri: S3Uri;
  readonly parts: readonly Part[];
}

/** True for a pointer to a part of a pack. */
export function isPacked({ offset }: Pick<PackedAddress, 'offset'>): boolean {
  return offset !== undefined;
}

/** How the cache of a process calls a value: by where it lies, and by what it must be. */
export function cacheKey(
  uri: string,
  { sha256, offset }: { sha256?: string | undefined; offset?: number },
): string {
  return offset === undefined ? `${uri}#${sha256 ?? ''}` : `${uri}@${offset}#${sha256 ?? ''}`;
}

/**
 * Reads values out of packs: one request for what is wanted of a pack, except where much lies between. Every
 * value is checked by its own hash.
 */
export class PackReader {
  readonly #deps: PackReaderDeps;

  constructor(deps: PackReaderDeps) {
    this.#deps = deps;
  }

  /** The values, in the order of their pointers. */
  async values(addresses: readonly PackedAddress[]): Promise<Json[]> {
    const parts = addresses.map((address) => this.#part(address));
    const found = new Map<string, Json>();
    const missing = new Map<string, Part>();
    for (const part of parts) {
      const cached = this.#cached(part);
      if (cached) found.set(part.key, cached.value);
      else missing.set(part.key, part);
    }
    const spans = spansOf([...missing.values()]);
    const read = await eachBounded(spans, this.#deps.concurrency, (span) => this.#span(span));
    for (const [key, value] of read.flat()) found.set(key, value);
    return parts.map(({ key }) => found.get(key) ?? null);
  }

  /**
   * The index of a state, which is the last part of its pack: a small pack is read whole with it, and kept.
   */
  async index(address: PackedAddress): Promise<Json> {
    const { uri, key, slice } = this.#part(address);
    const bytes = slice.offset + slice.bytes;
    const { cache, packs } = this.#deps;
    if (bytes <= HYDRATOR_LIMITS.wholePack && !cache.get(key) && !packs.get(uri)) {
      const body = await this.#bytes(uri, { offset: 0, bytes });
      packs.set(uri, body, body.length);
    }
    const [value = null] = await this.values([address]);
    return value;
  }

  #part({ s3_path, sha256, encoding, offset, length }: PackedAddress): Part {
    const uri = confineTo(['packs'], s3_path, this.#deps.reader);
    if (
      sha256 === undefined ||
      encoding === undefined ||
      !isPlace(offset) ||
      !isPlace(length) ||
      length === 0
    )
      throw new StatebagError(
        'Store.ObjectCorrupt',
        `the pointer into ${s3_path} does not say what lies there: hash, encoding, offset and length`,
      );
    return {
      uri,
      sha256,
      slice: { offset, bytes: length, encoding },
      key: cacheKey(uri, { sha256, offset }),
    };
  }

  #cached({ key }: Part): Read | undefined {
    const { cache, counts } = this.#deps;
    const cached = cache.get(key);
    if (!cached) return undefined;
    counts.cache_hits += 1;
    counts.hydrated_bytes += cached.size;
    return cached;
  }

  async #span({ uri, parts, ...range }: Span): Promise<[string, Json][]> {
    const whole = this.#deps.packs.get(uri);
    const [body, from] = whole ? [whole, 0] : [await this.#bytes(uri, range), range.offset];
    return eachBounded(parts, 1, async (part): Promise<[string, Json]> => {
      const { offset, bytes } = part.slice;
      const read = await sliceVerified(body.subarray(offset - from, offset - from + bytes), part, this.#deps);
      this.#deps.counts.hydrated_bytes += read.size;
      this.#deps.cache.set(part.key, read, read.size);
      return [part.key, read.value];
    });
  }

  async #bytes(uri: S3Uri, range: ByteRange): Promise<Uint8Array> {
    return (await this.#deps.store.get(uri, range)).body;
  }
}

function isPlace(value: number | undefined): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0;
}

/** What lies near each other in one pack is read together. */
function spansOf(parts: readonly Part[]): Span[] {
  const inOrder = [...parts].sort(
    (left, right) => byText(left.uri, right.uri) || left.slice.offset - right.slice.offset,
  );
  const spans: Span[] = [];
  for (const part of inOrder) {
    const last = spans.at(-1);
    if (last && isNear(last, part)) spans[spans.length - 1] = widened(last, part);
    else spans.push({ uri: part.uri, offset: part.slice.offset, bytes: part.slice.bytes, parts: [part] });
  }
  return spans;
}

function byText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function isNear(span: Span, { uri, slice }: Part): boolean {
  return span.uri === uri && slice.offset - (span.offset + span.bytes) <= HYDRATOR_LIMITS.rangeGap;
}

function widened(span: Span, part: Part): Span {
  const end = Math.max(span.offset + span.bytes, part.slice.offset + part.slice.bytes);
  return { ...span, bytes: end - span.offset, parts: [...span.parts, part] };
}
