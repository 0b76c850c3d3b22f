import { createHash } from 'node:crypto';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { type Encoding, HYDRATOR_LIMITS, type Json, type S3Uri, StatebagError } from '@statebag/contracts';
import { sha256Of } from '../core/canonical-json.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';

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
interface Wanted {
  readonly uri: S3Uri;
  readonly sha256?: string | undefined;
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
export async function readVerified(wanted: Wanted, { store, retry }: { store: ObjectStore; retry: IntegrityRetry }, attempt = 1): Promise<Read> {
  const object = await store.get(wanted.uri);
  const problem = verified(object, wanted);
  if (!(problem instanceof StatebagError)) return problem;
  const delay = retry.delayAfter(attempt);
  if (delay === undefined) throw problem;
  await retry.sleep(delay);
  return readVerified(wanted, { store, retry }, attempt + 1);
}

function verified(object: StoredObject, { uri, sha256 }: Wanted): Read | StatebagError {
  try {
    const text = DECODE[object.encoding](object.body);
    const found = sha256 === undefined ? md5Of(object) : sha256Of(text);
    if (found !== (sha256 ?? object.md5)) return corrupt(uri, `its content has the hash ${found}, recorded is ${sha256 ?? object.md5}`);
    return { value: JSON.parse(Buffer.from(text).toString('utf8')) as Json, size: text.length, verified: found !== undefined }; // JSON.parse gives JSON
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
} as const satisfies Record<Encoding, (body: Uint8Array) => Uint8Array>;

function corrupt(uri: S3Uri, what: string, cause?: unknown): StatebagError {
  return new StatebagError('Store.ObjectCorrupt', `${uri}: ${what}`, { cause });
}
