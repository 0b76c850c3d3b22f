import type { Identity } from '../../gateway/keyring.ts';
import { type Answer, headerOf } from '../../gateway/request.ts';
import type { ApiError } from '../../ports.ts';
import { checkPreconditions, parseRange } from '../conditions.ts';
import type { Operation, S3Context, S3Request } from '../context.ts';
import { objectHeaders } from '../object-headers.ts';
import type { S3Object } from '../object-store.ts';
import { s3Error } from '../s3-error.ts';

/** Sends an object or a range of it. */
export const getObject: Operation = async (request, context) => {
  const object = findObject(request, context);
  const answer = describe(request, object);
  const range = parseRange(headerOf(request, 'range'), object.size);
  return { ...answer, body: context.store.read(object, range) };
};

/** As get, without the bytes. */
export const headObject: Operation = async (request, context) => describe(request, findObject(request, context));

/** Without `s3:ListBucket` S3 does not tell whether a key is missing or forbidden. */
export function missingKey({ identity, key }: { identity: Identity; key: string }): ApiError {
  return identity.mayListBuckets ? s3Error('NoSuchKey', { Key: key }) : s3Error('AccessDenied');
}

function findObject(request: S3Request, { store }: S3Context): S3Object {
  store.requireBucket(request.bucket);
  const object = store.find(request.bucket, request.key);
  if (object === undefined) throw missingKey(request);
  checkPreconditions(object, {
    ifMatch: headerOf(request, 'if-match'),
    ifNoneMatch: headerOf(request, 'if-none-match'),
    ifModifiedSince: headerOf(request, 'if-modified-since'),
    ifUnmodifiedSince: headerOf(request, 'if-unmodified-since'),
    unchangedStatus: 'NotModified',
  });
  return object;
}

function describe(request: S3Request, object: S3Object): Answer {
  const headers = objectHeaders(object, request);
  const range = parseRange(headerOf(request, 'range'), object.size);
  if (range === undefined) return { status: 200, headers: { ...headers, 'content-length': String(object.size) } };
  const contentRange = `bytes ${range.start}-${range.end - 1}/${object.size}`;
  return { status: 206, headers: { ...headers, 'content-length': String(range.end - range.start), 'content-range': contentRange } };
}
