import { isObject, type Json, type JsonObject } from './json.ts';
import { OffloadError } from './offload-error.ts';

/**
 * Stands for a value that lies in S3: docs/pointer-format.md is its specification.
 * `at` is where the value's JSON text begins in the object and how many bytes it takes; `sha256` is of
 * that text.
 */
export interface OffloadPointer extends JsonObject {
  readonly '@offloaded': string;
  readonly at: readonly [offset: number, length: number];
  readonly sha256: string;
}

/**
 * Objects of a reader or writer lie under this, and nowhere else: `bucket` and a prefix that ends with
 * `/`.
 */
export interface Confinement {
  readonly bucket: string;
  readonly prefix: string;
}

const POINTER = '@offloaded';
const ESCAPED = '@escaped';
const ADDRESS = /^s3:\/\/([a-z0-9][a-z0-9.-]{1,61}[a-z0-9])\/([!-~]{1,1024})$/;

export function pointerTo(address: string, at: readonly [number, number], sha256: string): OffloadPointer {
  return { [POINTER]: address, at, sha256 } as OffloadPointer;
}

/** Whether a value has exactly the form of a pointer. */
export function isPointer(value: Json): value is OffloadPointer {
  if (!isObject(value) || Object.keys(value).length !== 3 || typeof value[POINTER] !== 'string') return false;
  const { at, sha256 } = value;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) return false;
  return Array.isArray(at) && at.length === 2 && at.every((each) => Number.isSafeInteger(each) && each >= 0);
}

/** Data that looks like a pointer, or like an escape, is wrapped once: it comes back as it was. */
export function looksReserved(value: JsonObject): boolean {
  return Object.hasOwn(value, POINTER) || Object.hasOwn(value, ESCAPED);
}

export const escaped = (value: JsonObject): JsonObject => ({ [ESCAPED]: value });

/** The data that an escape stands for; undefined where the value is none. */
export function unescaped(value: JsonObject): JsonObject | undefined {
  const inner = value[ESCAPED];
  return Object.keys(value).length === 1 && isObject(inner) && looksReserved(inner) ? inner : undefined;
}

/**
 * Bucket and key of a pointer that may be read here.
 * @throws `Offload.Foreign` where it leads anywhere else; nothing is sent to S3.
 */
export function placeOf(
  pointer: OffloadPointer,
  { bucket, prefix }: Confinement,
): { Bucket: string; Key: string } {
  const [, Bucket = '', Key = ''] = ADDRESS.exec(pointer[POINTER]) ?? [];
  const climbs = Key.split('/').some((part) => part === '.' || part === '..' || part === '');
  if (Bucket === bucket && Key.startsWith(prefix) && !climbs) return { Bucket, Key };
  throw new OffloadError(
    'Offload.Foreign',
    `a pointer leads to ${JSON.stringify(pointer[POINTER])}; only s3://${bucket}/${prefix} may be read here`,
  );
}
