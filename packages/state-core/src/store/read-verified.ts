import { createHash } from 'node:crypto';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type Json, StatebagError } from '@statebag/contracts';
import { HYDRATOR_LIMITS } from '@statebag/contracts/limits';
import type { Encoding, ObjectEncoding, S3Uri } from '@statebag/contracts/object-keys';
import { sha256Of } from '../core/canonical-json.ts';
import type { ByteRange, ObjectStore, StoredObject } from './object-store.ts';

/** When an object that does not have its hash is read again: after how long, or not at all. */
export interface IntegrityRetry {
  /** Milliseconds before the next try; `undefined` ends it. `attempt` counts the tries that failed. */
  readonly delayAfter: (attempt: number) => number | undefined;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

/** Three tries, 0.5 s and doubling, up to 8 s, with full jitter. */
export function integrityRetry(random: () => number, sleep: IntegrityRetry['sleep']): IntegrityRetry {
  const { tries, firstDelayMs, backoffRate, maxDelayMs } = HYDRATOR_LIMITS;
  const ceiling = (attempt: number) => Math.min(maxDelayMs, firstDelayMs * backoffRate ** (attempt - 1));
  return { delayAfter: (attempt) => (attempt < tries ? random() * ceiling(attempt) : undefined), sleep };
}

/** What is read, and the hash its uncompressed text must have, where one was recorded. */
export interface Wanted {
  readonly uri: S3Uri;
  readonly sha256?: string | undefined;
  /** Where it is part of a pack: which part, and how it is written. */
  readonly slice?: Slice | undefined;
}

/** A part of a pack, and how it is written. */
export interface Slice extends ByteRange {
  readonly encoding: Encoding;
}

export interface Read {
  readonly value: Json;
  /** Of the uncompressed text. */
  readonly size: number;
  /** False where neither pointer nor store knew a hash: it could only be parsed. */
  readonly verified: boolean;
}

/**
 * An object's value, known to be what was written.
 * @throws `Store.ObjectCorrupt` where it has another hash or is no JSON, also when read again.
 */
export async function readVerified(
  wanted: Wanted,
  { store, retry }: { store: ObjectStore; retry: IntegrityRetry },
  attempt = 1,
): Promise<Read> {
  return checked(await readOnce(wanted, store), wanted, { store, retry, attempt });
}

/**
 * The same for a part of a pack whose bytes are here already; only a part that is damaged is asked for
 * again.
 */
export async function sliceVerified(
  body: Uint8Array,
  wanted: Wanted & { readonly slice: Slice },
  { store, retry }: { store: ObjectStore; retry: IntegrityRetry },
): Promise<Read> {
  const read = verified({ body, encoding: wanted.slice.encoding }, wanted);
  return checked(read, wanted, { store, retry, attempt: 1 });
}

interface Trying {
  readonly store: ObjectStore;
  readonly retry: IntegrityRetry;
  readonly attempt: number;
}

async function checked(
  problem: Read | StatebagError,
  wanted: Wanted,
  { store, retry, attempt }: Trying,
): Promise<Read> {
  if (!(problem instanceof StatebagError)) return problem;
  const delay = retry.delayAfter(attempt);
  if (delay === undefined) throw problem;
  await retry.sleep(delay);
  return readVerified(wanted, { store, retry }, attempt + 1);
}

/** What is read, or why it is not what was written: on the disk or on its way. */
async function readOnce(wanted: Wanted, store: ObjectStore): Promise<Read | StatebagError> {
  try {
    const object = await store.get(wanted.uri, wanted.slice);
    return verified(wanted.slice ? { ...object, encoding: wanted.slice.encoding } : object, wanted);
  } catch (error) {
    if (error instanceof StatebagError && error.name === 'Store.ObjectCorrupt') return error;
    throw error;
  }
}

function verified(object: StoredObject, { uri, sha256 }: Wanted): Read | StatebagError {
  try {
    const text = DECODE[object.encoding](object.body);
    const found = sha256 === undefined ? md5Of(object) : sha256Of(text);
    if (found !== (sha256 ?? object.md5))
      return corrupt(uri, `its content has the hash ${found}, recorded is ${sha256 ?? object.md5}`);
    // JSON.parse gives JSON
    return {
      value: JSON.parse(Buffer.from(text).toString('utf8')) as Json,
      size: text.length,
      verified: found !== undefined,
    };
  } catch (error) {
    return corrupt(uri, 'its content cannot be read as JSON', error);
  }
}

/** Older pointers have no hash of ours: the store's own is taken where it gives one. */
function md5Of({ body, md5 }: StoredObject): string | undefined {
  return md5 === undefined ? undefined : createHash('md5').update(body).digest('hex');
}

/** Bytes to the text they hold. */
const DECODE = {
  json: (body) => body,
  'json+zstd': (body) => zstdDecompressSync(body),
  'json+gzip': (body) => gunzipSync(body),
  pack: () => {
    throw new Error('a pack holds many values and is none itself');
  },
} as const satisfies Record<ObjectEncoding, (body: Uint8Array) => Uint8Array>;

function corrupt(uri: S3Uri, what: string, cause?: unknown): StatebagError {
  return new StatebagError('Store.ObjectCorrupt', `${uri}: ${what}`, { cause });
}
