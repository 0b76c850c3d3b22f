import { constants, zstdCompressSync } from 'node:zlib';
import { type ByteSize, bytes, type Json, KB, type Sha256, type Timestamp } from '@statebag/contracts';
import type { THRESHOLDS } from '@statebag/contracts/limits';
import {
  contentUri,
  type Encoding,
  type ObjectKind,
  type RunLocation,
  type S3Uri,
} from '@statebag/contracts/object-keys';
import type { FieldPointer } from '@statebag/contracts/schemas/pointers';
import type { StoredObject } from '../store/object-store.ts';
import { canonicalJson, sha256Of } from './canonical-json.ts';

/** Every threshold of the plan; a deployment may set its own numbers. */
export type Thresholds = { readonly [Name in keyof typeof THRESHOLDS]: number };

/**
 * What planning needs to know besides the values. `now` is the state's entered time, so a retry plans the
 * same bytes.
 */
export interface PlanContext {
  readonly location: RunLocation;
  readonly now: Timestamp;
  readonly thresholds: Thresholds;
}

/**
 * An object that must lie in the store before the reply leaves. Its address holds its content's hash, so
 * planning needs no I/O.
 */
export interface PlannedWrite {
  readonly uri: S3Uri;
  readonly object: StoredObject;
  /** What can be read from it: the object itself, or its parts. */
  readonly values: readonly StoredValue[];
}

/** A value as a pointer will find it in its object. */
export interface StoredValue {
  readonly sha256: Sha256;
  /** Where it begins in a pack; absent where the object is the value. */
  readonly offset?: number;
  /** Its canonical JSON. */
  readonly text: Uint8Array;
}

/** What a pointer says of a value that is an object of its own. */
export interface ValueAddress {
  readonly uri: S3Uri;
  readonly sha256: Sha256;
  readonly encoding: Encoding;
  /** Of the uncompressed canonical JSON. */
  readonly size: ByteSize;
}

/** An object that holds one value and nothing else. */
export interface PlannedValue extends PlannedWrite, ValueAddress {}

/** Plans one content-addressed object. */
export function planWrite(
  value: Json,
  kind: ObjectKind,
  { location, thresholds }: PlanContext,
): PlannedValue {
  const text = Buffer.from(canonicalJson(value));
  const sha256 = sha256Of(text);
  const object = compressedWherePays(text, thresholds.compressFrom);
  const { encoding } = object;
  return {
    uri: contentUri(location, kind, { sha256, encoding }),
    object,
    values: [{ sha256, text }],
    sha256,
    encoding,
    size: bytes(text.length),
  };
}

/** The pointer a value is read through. */
export function fieldPointer({ uri, size, sha256, encoding }: ValueAddress, now: Timestamp): FieldPointer {
  return {
    type: 's3_reference',
    s3_path: uri,
    size_kb: wholeKb(size),
    stored_at: now,
    size_bytes: size,
    sha256,
    encoding,
  };
}

/** KB, rounded up. */
export function wholeKb(size: number): number {
  return Math.ceil(size / KB);
}

/** A text as it is written. */
interface Written extends StoredObject {
  readonly encoding: Encoding;
}

/** What Node makes room for at once when it compresses. */
const LARGEST_CHUNK = 64 * KB;

function compressedWherePays(body: Uint8Array, from: number): Written {
  if (body.length < from) return stored(body, 'json');
  // told how much comes, it makes a smaller room for it
  const chunkSize = Math.max(Math.min(body.length, LARGEST_CHUNK), constants.Z_MIN_CHUNK);
  const compressed = zstdCompressSync(body, { pledgedSrcSize: body.length, chunkSize });
  return compressed.length < body.length ? stored(compressed, 'json+zstd') : stored(body, 'json');
}

function stored(body: Uint8Array, encoding: Encoding): Written {
  return { body, encoding };
}
