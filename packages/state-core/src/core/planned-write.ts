import { zstdCompressSync } from 'node:zlib';
import {
  type ByteSize,
  bytes,
  contentUri,
  type Encoding,
  type FieldPointer,
  type Json,
  KB,
  type ObjectKind,
  type RunLocation,
  type S3Uri,
  type Sha256,
  type THRESHOLDS,
  type Timestamp,
} from '@statebag/contracts';
import type { StoredObject } from '../store/object-store.ts';
import { canonicalJson, sha256Of } from './canonical-json.ts';

/** Every threshold of the plan; a deployment may set its own numbers. */
export type Thresholds = { readonly [Name in keyof typeof THRESHOLDS]: number };

/** What planning needs to know besides the values. `now` is the state's entered time, so a retry plans the same bytes. */
export interface PlanContext {
  readonly location: RunLocation;
  readonly now: Timestamp;
  readonly thresholds: Thresholds;
}

/** An object that must lie in the store before the reply leaves. Its address holds its content's hash, so planning needs no I/O. */
export interface PlannedWrite {
  readonly uri: S3Uri;
  readonly object: StoredObject;
  readonly sha256: Sha256;
  /** Of the uncompressed canonical JSON. */
  readonly size: ByteSize;
}

/** Plans one content-addressed object. */
export function planWrite(value: Json, kind: ObjectKind, { location, thresholds }: PlanContext): PlannedWrite {
  const text = Buffer.from(canonicalJson(value));
  const sha256 = sha256Of(text);
  const object = compressedWherePays(text, thresholds.compressFrom);
  return { uri: contentUri(location, kind, { sha256, encoding: object.encoding }), object, sha256, size: bytes(text.length) };
}

/** The pointer a planned object is read through; `member` where it is a pack. */
export function fieldPointer(write: PlannedWrite, now: Timestamp, member?: { readonly name: string; readonly size: number }): FieldPointer {
  const size = member?.size ?? write.size;
  return {
    type: 's3_reference',
    s3_path: write.uri,
    size_kb: wholeKb(size),
    stored_at: now,
    size_bytes: size,
    sha256: write.sha256,
    encoding: write.object.encoding,
    ...(member && { pack_key: member.name }),
  };
}

/** KB, rounded up. */
export function wholeKb(size: number): number {
  return Math.ceil(size / KB);
}

function compressedWherePays(body: Uint8Array, from: number): StoredObject {
  if (body.length < from) return stored(body, 'json');
  const compressed = zstdCompressSync(body);
  return compressed.length < body.length ? stored(compressed, 'json+zstd') : stored(body, 'json');
}

function stored(body: Uint8Array, encoding: Encoding): StoredObject {
  return { body, encoding };
}
