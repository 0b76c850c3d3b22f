import type { Range } from './blobs.ts';
import { unquote } from './object-headers.ts';
import type { S3Object } from './object-store.ts';
import { s3Error } from './s3-error.ts';

export interface Preconditions {
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: string | undefined;
  readonly ifModifiedSince?: string | undefined;
  readonly ifUnmodifiedSince?: string | undefined;
  /** What an object that has not changed answers: 304 to a reader, 412 to a copier. */
  readonly unchangedStatus: 'NotModified' | 'PreconditionFailed';
}

/** HTTP's preconditions on a read, in HTTP's order: ETags before dates. */
export function checkPreconditions(object: S3Object, conditions: Preconditions): void {
  const { ifMatch, ifNoneMatch, ifModifiedSince, ifUnmodifiedSince, unchangedStatus } = conditions;
  const seconds = Math.floor(object.modifiedAt / 1000) * 1000;
  if (ifMatch !== undefined) {
    if (!matches(ifMatch, object)) throw s3Error('PreconditionFailed', { Condition: 'If-Match' });
  } else if (ifUnmodifiedSince !== undefined && seconds > Date.parse(ifUnmodifiedSince)) {
    throw s3Error('PreconditionFailed', { Condition: 'If-Unmodified-Since' });
  }
  if (ifNoneMatch !== undefined) {
    if (matches(ifNoneMatch, object)) throw s3Error(unchangedStatus);
  } else if (ifModifiedSince !== undefined && seconds <= Date.parse(ifModifiedSince)) {
    throw s3Error(unchangedStatus);
  }
}

/**
 * The bytes a `Range` header asks for; undefined where S3 sends the whole object (no range, or none it
 * understands).
 */
export function parseRange(header: string | undefined, size: number): Range | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (first === '' && last === '') return undefined;
  if (first === '') return suffixRange(Number(last), size);
  const [start, end] = [Number(first), last === '' ? size : Math.min(Number(last) + 1, size)];
  if (last !== '' && Number(last) < start) return undefined;
  if (start >= size) throw s3Error('InvalidRange', { ActualObjectSize: size });
  return { start, end };
}

function suffixRange(length: number, size: number): Range {
  if (length === 0 || size === 0) throw s3Error('InvalidRange', { ActualObjectSize: size });
  return { start: Math.max(0, size - length), end: size };
}

function matches(header: string, object: S3Object): boolean {
  return header.split(',').some((etag) => etag.trim() === '*' || unquote(etag.trim()) === object.etag);
}
