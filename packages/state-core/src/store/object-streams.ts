import type { Encoding, S3Uri } from '@statebag/contracts/object-keys';
import type { ByteRange, PutOutcome } from './object-store.ts';

/** An object that is read in pieces: its bytes as they lie in the store. */
export interface OpenObject {
  readonly body: AsyncIterable<Uint8Array>;
  /** Changes when the content does. */
  readonly etag: string;
}

/** What a body came to, as it was written. */
export interface Streamed {
  readonly outcome: PutOutcome;
}

/** Objects that are too large to hold at once. Addresses are confined before they come here. */
export interface ObjectStreams {
  /**
   * Damage is noticed while the body is read, too. @throws `Store.ObjectMissing`, `Store.ObjectCorrupt`,
   * `Store.AccessDenied`, `Store.Unavailable`
   */
  open(uri: S3Uri, range?: ByteRange): Promise<OpenObject>;
  /**
   * Writes only where nothing lies yet. Where the body fails, nothing is left. @throws `Store.AccessDenied`,
   * `Store.Unavailable`
   */
  write(uri: S3Uri, body: AsyncIterable<Uint8Array>, encoding: Encoding): Promise<Streamed>;
}
