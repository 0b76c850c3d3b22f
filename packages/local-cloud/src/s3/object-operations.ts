import { ApiError } from '@statebag/states';
import { type Answer, decode, headerOf, type Request } from '../gateway/request.ts';
import type { Range } from './blobs.ts';
import { checkPreconditions, parseRange } from './conditions.ts';
import { bucketArn, type Operation, type S3Context, type S3Request } from './context.ts';
import { receiveBody, receiveDocument } from './incoming-body.ts';
import {
  checksumHeaders,
  keptHeaders,
  objectHeaders,
  quote,
  taggingHeader,
  unquote,
  writeCondition,
} from './object-headers.ts';
import type { ObjectTraits, S3Object, WriteCondition } from './object-store.ts';
import { s3Error } from './s3-error.ts';
import { childrenOf, parseXml, renderXml, textOf } from './xml.ts';

/** Sends an object or a range of it. */
export const getObject: Operation = async (request, context) => {
  const object = context.store.present(findObject(request, context));
  const answer = describe(request, object);
  const range = parseRange(headerOf(request, 'range'), object.size);
  return { ...answer, body: context.store.read(object, range) };
};

/** As get, without the bytes. */
export const headObject: Operation = async (request, context) =>
  describe(request, findObject(request, context));

/** Without `s3:ListBucket` S3 does not tell whether a key is missing or forbidden. */
function missingKey({ rights }: S3Request, bucket: string, key: string): ApiError {
  const listed = { action: 's3:ListBucket', resource: bucketArn(bucket), context: { 's3:prefix': key } };
  return rights.may(listed) ? s3Error('NoSuchKey', { Key: key }) : s3Error('AccessDenied');
}

/** The object of a request, held against its conditions. */
export function findObject(request: S3Request, { store }: S3Context): S3Object {
  store.requireBucket(request.bucket);
  const object = store.find(request.bucket, request.key);
  if (object === undefined) throw missingKey(request, request.bucket, request.key);
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
  if (range === undefined)
    return { status: 200, headers: { ...headers, 'content-length': String(object.size) } };
  const contentRange = `bytes ${range.start}-${range.end - 1}/${object.size}`;
  return {
    status: 206,
    headers: { ...headers, 'content-length': String(range.end - range.start), 'content-range': contentRange },
  };
}

const MAX_KEY_BYTES = 1024;

/** Stores a body under a key; the condition, if any, is decided in the same turn as the write. */
export const putObject: Operation = async (request, { store, blobs, journal }) => {
  store.requireBucket(request.bucket);
  if (Buffer.byteLength(request.key) > MAX_KEY_BYTES)
    throw s3Error('KeyTooLongError', { MaxSizeAllowed: MAX_KEY_BYTES });
  const [headers, tags, condition] = [keptHeaders(request), taggingHeader(request), writeCondition(request)];
  const { blob, checksums } = await receiveBody(request, blobs);
  try {
    const object = store.put(
      { bucket: request.bucket, key: request.key, etag: blob.md5, blobs: [blob], headers, tags, checksums },
      condition,
    );
    await journal.flush();
    return { status: 200, headers: { etag: quote(object.etag), ...checksumHeaders(object) } };
  } catch (error) {
    blobs.discard(blob);
    throw error;
  }
};

/** The header that makes a put a copy. */
export const copySource = 'x-amz-copy-source';

/** Makes a second object of the same bytes; nothing is moved. */
export const copyObject: Operation = async (request, context) => {
  const source = sourceOf(request, context);
  const replacesItself = source.bucket === request.bucket && source.object.key === request.key;
  if (replacesItself && headerOf(request, 'x-amz-metadata-directive') !== 'REPLACE')
    throw s3Error('InvalidRequest', { Detail: 'a copy onto itself must replace the metadata' });
  const { etag, blobs } = source.object;
  const object = context.store.put(
    { bucket: request.bucket, key: request.key, etag, blobs, ...copiedTraits(request, source.object) },
    writeCondition(request),
  );
  await context.journal.flush();
  return xmlCopy('CopyObjectResult', object);
};

/** A range of an existing object as one part of an upload: streamed, since a part needs its own digest. */
export const uploadPartCopy: Operation = async (request, context) => {
  const upload = context.uploads.require(request.bucket, request.key, request.query.get('uploadId') ?? '');
  const { object } = sourceOf(request, context);
  const blob = await context.blobs.stage(context.store.read(object, copyRange(request, object.size)), []);
  context.uploads.addPart(upload, {
    number: Number(request.query.get('partNumber')),
    etag: blob.md5,
    blobs: [blob],
    checksums: {},
  });
  await context.journal.flush();
  return xmlCopy('CopyPartResult', { etag: blob.md5, modifiedAt: Date.now() });
};

function sourceOf(
  request: S3Request,
  { store }: S3Context,
): { readonly bucket: string; readonly object: S3Object } {
  const source = decode(
    (headerOf(request, copySource) ?? '').replace(/\?versionId=.*$/, '').replace(/^\//, ''),
  );
  const slash = source.indexOf('/');
  if (slash <= 0) throw s3Error('InvalidArgument', { ArgumentName: copySource, ArgumentValue: source });
  const [bucket, key] = [source.slice(0, slash), source.slice(slash + 1)];
  request.rights.require({ action: 's3:GetObject', resource: `${bucketArn(bucket)}/${key}` });
  store.requireBucket(bucket);
  const object = store.find(bucket, key);
  if (object === undefined) throw missingKey(request, bucket, key);
  checkPreconditions(object, {
    ifMatch: headerOf(request, 'x-amz-copy-source-if-match'),
    ifNoneMatch: headerOf(request, 'x-amz-copy-source-if-none-match'),
    unchangedStatus: 'PreconditionFailed',
  });
  return { bucket, object };
}

function copiedTraits(request: Request, source: S3Object): ObjectTraits {
  const { checksums, partCount } = source;
  const headers =
    headerOf(request, 'x-amz-metadata-directive') === 'REPLACE' ? keptHeaders(request) : source.headers;
  const tags =
    headerOf(request, 'x-amz-tagging-directive') === 'REPLACE' ? taggingHeader(request) : source.tags;
  return { headers, tags, checksums, ...(partCount === undefined ? {} : { partCount }) };
}

function copyRange(request: Request, size: number): Range {
  const header = headerOf(request, 'x-amz-copy-source-range');
  if (header === undefined) return { start: 0, end: size };
  const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(header) ?? [];
  if (first === undefined || last === undefined || Number(last) >= size || Number(first) > Number(last))
    throw s3Error('InvalidArgument', { ArgumentName: 'x-amz-copy-source-range' });
  return { start: Number(first), end: Number(last) + 1 };
}

function xmlCopy(root: string, { etag, modifiedAt }: { readonly etag: string; readonly modifiedAt: number }) {
  const body = renderXml(root, {
    ETag: quote(unquote(etag)),
    LastModified: new Date(modifiedAt).toISOString(),
  });
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}

const MAX_KEYS = 1000;

/** Removes one object; a key that is not there is removed as well. */
export const deleteObject: Operation = async (request, { store, journal }) => {
  store.requireBucket(request.bucket);
  // of directory buckets, which are not here: to ignore them would delete what was to stay
  const foreign = ['x-amz-if-match-size', 'x-amz-if-match-last-modified-time'].find(
    (name) => headerOf(request, name) !== undefined,
  );
  if (foreign !== undefined) throw s3Error('NotImplemented', { Header: foreign });
  store.remove(request.bucket, request.key, ifMatch(headerOf(request, 'if-match')));
  await journal.flush();
  return { status: 204, headers: {} };
};

/** A delete that happens only if the object has this ETag, or with `*` only if it is there. */
const ifMatch = (etag: string | undefined): WriteCondition =>
  etag === undefined ? {} : { etag: unquote(etag) };

/** Removes up to 1,000 objects in one commit; each entry may have a condition of its own. */
export const deleteObjects: Operation = async (request, { store, blobs, journal }) => {
  store.requireBucket(request.bucket);
  const document = parseXml(await receiveDocument(request, blobs), 'Delete');
  const entries = childrenOf(document, 'Object').map((entry) => ({
    Key: textOf(entry, 'Key') ?? '',
    condition: ifMatch(textOf(entry, 'ETag')),
    action: textOf(entry, 'VersionId') === undefined ? 's3:DeleteObject' : 's3:DeleteObjectVersion',
  }));
  if (entries.length === 0 || entries.length > MAX_KEYS)
    throw s3Error('MalformedXML', { Detail: `a request names 1 to ${MAX_KEYS} keys` });
  const refused: { Key: string; Code: string; Message: string }[] = [];
  const gone: { Key: string }[] = [];
  journal.write(() => {
    for (const { Key, condition, action } of entries) {
      try {
        request.rights.require({ action, resource: `${bucketArn(request.bucket)}/${Key}` });
        store.remove(request.bucket, Key, condition);
        gone.push({ Key });
      } catch (error) {
        if (!(error instanceof ApiError)) throw error;
        refused.push({ Key, Code: error.code, Message: error.message });
      }
    }
  });
  await journal.flush();
  const deleted = textOf(document, 'Quiet') === 'true' ? [] : gone;
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: renderXml('DeleteResult', { Deleted: deleted, Error: refused }),
  };
};

/** The tags of an object. */
export const getObjectTagging: Operation = async (request, context) => {
  const tags = Object.entries(requireObject(request, context).tags).map(([Key, Value]) => ({ Key, Value }));
  return {
    status: 200,
    headers: { 'content-type': 'application/xml' },
    body: renderXml('Tagging', { TagSet: { Tag: tags } }),
  };
};

/** Replaces the tags of an object. */
export const putObjectTagging: Operation = async (request, context) => {
  const [set] = childrenOf(parseXml(await receiveDocument(request, context.blobs), 'Tagging'), 'TagSet');
  const tags = childrenOf(set ?? {}, 'Tag').map(
    (tag) => [textOf(tag, 'Key') ?? '', textOf(tag, 'Value') ?? ''] as const,
  );
  return retag(request, context, Object.fromEntries(tags));
};

/** Takes all tags off an object. */
export const deleteObjectTagging: Operation = async (request, context) => ({
  ...(await retag(request, context, {})),
  status: 204,
});

async function retag(request: S3Request, context: S3Context, tags: Readonly<Record<string, string>>) {
  requireObject(request, context);
  context.store.retag(request.bucket, request.key, tags);
  await context.journal.flush();
  return { status: 200, headers: {} };
}

function requireObject(request: S3Request, { store }: S3Context): S3Object {
  store.requireBucket(request.bucket);
  const object = store.find(request.bucket, request.key);
  if (object === undefined) throw missingKey(request, request.bucket, request.key);
  return object;
}
