import { type S3Uri, StatebagError } from '@statebag/contracts';
import type { ObjectStore, PutOutcome, StoredObject } from './object-store.ts';

/** A whole store in memory: what tests and in-process runs use in place of S3. */
export class MemoryObjectStore implements ObjectStore {
  readonly #objects = new Map<S3Uri, StoredObject>();

  async put(uri: S3Uri, { body, encoding }: StoredObject): Promise<PutOutcome> {
    if (this.#objects.has(uri)) return 'existed';
    this.#objects.set(uri, { body: Uint8Array.from(body), encoding });
    return 'created';
  }

  async get(uri: S3Uri): Promise<StoredObject> {
    const object = this.#objects.get(uri);
    if (object) return { body: Uint8Array.from(object.body), encoding: object.encoding };
    throw new StatebagError('Store.ObjectMissing', `${uri} does not exist`);
  }

  /** Addresses of everything stored, in the order it came. */
  uris(): S3Uri[] {
    return [...this.#objects.keys()];
  }
}
