import { StatebagError } from '@statebag/contracts';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { ByteRange, ObjectStore, PutOutcome, StoredObject } from './object-store.ts';

/** A whole store in memory: what tests and in-process runs use in place of S3. */
export class MemoryObjectStore implements ObjectStore {
  readonly #objects = new Map<S3Uri, StoredObject>();

  async put(uri: S3Uri, { body, encoding }: StoredObject): Promise<PutOutcome> {
    if (this.#objects.has(uri)) return 'existed';
    this.#objects.set(uri, { body: Uint8Array.from(body), encoding });
    return 'created';
  }

  async get(uri: S3Uri, range?: ByteRange): Promise<StoredObject> {
    const object = this.#objects.get(uri);
    if (!object) throw new StatebagError('Store.ObjectMissing', `${uri} does not exist`);
    const { offset, bytes } = range ?? { offset: 0, bytes: object.body.length };
    if (range && offset >= object.body.length)
      throw new StatebagError('Store.ObjectCorrupt', `${uri} ends before byte ${offset}`);
    return { body: Uint8Array.from(object.body.subarray(offset, offset + bytes)), encoding: object.encoding };
  }

  /** Addresses of everything stored, in the order it came. */
  uris(): S3Uri[] {
    return [...this.#objects.keys()];
  }
}
