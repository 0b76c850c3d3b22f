import type { ObjectEncoding, S3Uri } from '@statebag/contracts/object-keys';

/** Part of an object. */
export interface ByteRange {
  readonly offset: number;
  readonly bytes: number;
}

/** An object as it lies in the store, or a part of it: its bytes, written in `encoding`. */
export interface StoredObject {
  readonly body: Uint8Array;
  readonly encoding: ObjectEncoding;
  /** MD5 (hex) of the body, where the store says it: what an object without a recorded hash is checked by. */
  readonly md5?: string | undefined;
}

/**
 * What happened to a create-only write. `existed` on a content key means stored; on any other key the caller
 * reads and adopts the winner.
 */
export type PutOutcome = 'created' | 'existed';

/**
 * All that state asks of a store. Addresses are confined before they come here.
 * Every adapter passes `object-store.contract.ts`.
 */
export interface ObjectStore {
  /** Writes only where nothing lies yet. @throws `Store.AccessDenied`, `Store.Unavailable` */
  put(uri: S3Uri, object: StoredObject): Promise<PutOutcome>;
  /**
   * The object, or a part of it: fewer bytes where it ends before. Never resolves to nothing. @throws
   * `Store.ObjectMissing`, `Store.ObjectCorrupt`, `Store.AccessDenied`, `Store.Unavailable`
   */
  get(uri: S3Uri, range?: ByteRange): Promise<StoredObject>;
}
