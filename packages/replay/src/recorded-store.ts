import { createHash } from 'node:crypto';
import { isStatebagError, type JsonObject, StatebagError, type Timestamp } from '@statebag/contracts';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { ObjectStore, StoredObject } from '@statebag/state-core/store/object-store';
import type { ReplaySource } from './source.ts';

/** An object that is not what the run wrote, or is not there. */
export interface ObjectFault {
  readonly uri: S3Uri;
  readonly what: string;
}

/** What was recorded, as one invocation met it; what it writes is held against what is there. */
export interface RecordedStore extends ObjectStore {
  readonly faults: readonly ObjectFault[];
  /** What it wrote, which is read nowhere but to show where two values part. */
  readonly written: ReadonlyMap<S3Uri, StoredObject>;
}

const LEDGER_RECORD = /\/ledger\/([0-9a-f]{64})\.json$/;

/**
 * A record that was made after the invocation did not exist for it: its question was handed over to a worker
 * first.
 */
export function recordedStore(
  source: Pick<ReplaySource, 'get'>,
  { now, handedOver }: { readonly now: Timestamp; readonly handedOver: string | undefined },
): RecordedStore {
  const faults: ObjectFault[] = [];
  const written = new Map<S3Uri, StoredObject>();
  return {
    faults,
    written,
    async get(uri, range) {
      const object = await source.get(uri, range);
      const [, key] = LEDGER_RECORD.exec(uri) ?? [];
      if (key !== undefined && (key === handedOver || recordedAt(object) > now))
        throw new StatebagError('Store.ObjectMissing', `${uri} was recorded later`);
      return object;
    },
    async put(uri, object) {
      written.set(uri, object);
      const fault = await faultOf(source, uri, object);
      if (fault !== null) faults.push({ uri, what: fault });
      return 'existed';
    },
  };
}

function recordedAt({ body }: StoredObject): string {
  const { recorded_at }: JsonObject = JSON.parse(Buffer.from(body).toString('utf8'));
  return String(recorded_at);
}

/** Bytes are compared where the store says no hash of them: another release may compress in another way. */
async function faultOf(
  source: Pick<ReplaySource, 'get'>,
  uri: S3Uri,
  { body }: StoredObject,
): Promise<string | null> {
  try {
    const stored = await source.get(uri);
    if (Buffer.compare(stored.body, body) === 0) return null;
    if (stored.md5 === undefined) return 'it has other bytes than the run wrote';
    const md5 = createHash('md5').update(stored.body).digest('hex');
    return md5 === stored.md5 ? null : `its bytes have the hash ${md5}, the store says ${stored.md5}`;
  } catch (error) {
    if (isStatebagError(error) && error.name === 'Store.ObjectMissing') return 'it is not there';
    throw error;
  }
}
