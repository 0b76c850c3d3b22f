import { decode, headerOf, type Request } from '../../gateway/request.ts';
import type { Range } from '../blobs.ts';
import { checkPreconditions } from '../conditions.ts';
import type { Operation, S3Context, S3Request } from '../context.ts';
import { keptHeaders, quote, taggingHeader, unquote, writeCondition } from '../object-headers.ts';
import type { ObjectTraits, S3Object } from '../object-store.ts';
import { s3Error } from '../s3-error.ts';
import { renderXml } from '../xml.ts';
import { missingKey } from './get-object.ts';

/** The header that makes a put a copy. */
export const copySource = 'x-amz-copy-source';

/** Makes a second object of the same bytes; nothing is moved. */
export const copyObject: Operation = async (request, context) => {
  const source = sourceOf(request, context);
  const replacesItself = source.bucket === request.bucket && source.object.key === request.key;
  if (replacesItself && headerOf(request, 'x-amz-metadata-directive') !== 'REPLACE')
    throw s3Error('InvalidRequest', { Detail: 'a copy onto itself must replace the metadata' });
  const { etag, blobs } = source.object;
  const object = context.store.put({ bucket: request.bucket, key: request.key, etag, blobs, ...copiedTraits(request, source.object) }, writeCondition(request));
  await context.journal.flush();
  return xmlCopy('CopyObjectResult', object);
};

/** A range of an existing object as one part of an upload: streamed, since a part needs its own digest. */
export const uploadPartCopy: Operation = async (request, context) => {
  const upload = context.uploads.require(request.bucket, request.key, request.query.get('uploadId') ?? '');
  const { object } = sourceOf(request, context);
  const blob = await context.blobs.stage(context.store.read(object, copyRange(request, object.size)), []);
  context.uploads.addPart(upload, { number: Number(request.query.get('partNumber')), etag: blob.md5, blobs: [blob], checksums: {} });
  await context.journal.flush();
  return xmlCopy('CopyPartResult', { etag: blob.md5, modifiedAt: Date.now() });
};

function sourceOf(request: S3Request, { store }: S3Context): { readonly bucket: string; readonly object: S3Object } {
  const source = decode((headerOf(request, copySource) ?? '').replace(/\?versionId=.*$/, '').replace(/^\//, ''));
  const slash = source.indexOf('/');
  if (slash <= 0) throw s3Error('InvalidArgument', { ArgumentName: copySource, ArgumentValue: source });
  const [bucket, key] = [source.slice(0, slash), source.slice(slash + 1)];
  store.requireBucket(bucket);
  const object = store.find(bucket, key);
  if (object === undefined) throw missingKey({ identity: request.identity, key });
  checkPreconditions(object, {
    ifMatch: headerOf(request, 'x-amz-copy-source-if-match'),
    ifNoneMatch: headerOf(request, 'x-amz-copy-source-if-none-match'),
    unchangedStatus: 'PreconditionFailed',
  });
  return { bucket, object };
}

function copiedTraits(request: Request, source: S3Object): ObjectTraits {
  const { checksums, partCount } = source;
  const headers = headerOf(request, 'x-amz-metadata-directive') === 'REPLACE' ? keptHeaders(request) : source.headers;
  const tags = headerOf(request, 'x-amz-tagging-directive') === 'REPLACE' ? taggingHeader(request) : source.tags;
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
  const body = renderXml(root, { ETag: quote(unquote(etag)), LastModified: new Date(modifiedAt).toISOString() });
  return { status: 200, headers: { 'content-type': 'application/xml' }, body };
}
