import type { Answer, Request } from '../gateway/request.ts';
import type { Operation, S3Context, S3Request } from './context.ts';
import { receiveBody, receiveDocument } from './incoming-body.ts';
import {
  checksumHeaders,
  keptHeaders,
  quote,
  taggingHeader,
  unquote,
  writeCondition,
} from './object-headers.ts';
import { s3Error } from './s3-error.ts';
import type { Upload } from './uploads.ts';
import { childrenOf, parseXml, renderXml, textOf, type XmlElement } from './xml.ts';

const MAX_PARTS = 10_000;

/** Opens an upload; headers and tags of the later object are given now. */
export const createMultipartUpload: Operation = async (request, { uploads, journal }) => {
  const id = uploads.create(request.bucket, request.key, {
    headers: keptHeaders(request),
    tags: taggingHeader(request),
    checksums: {},
  });
  await journal.flush();
  return xml('InitiateMultipartUploadResult', { Bucket: request.bucket, Key: request.key, UploadId: id });
};

/** Takes one part in; a second one of the same number replaces the first. */
export const uploadPart: Operation = async (request, context) => {
  const upload = uploadOf(request, context);
  const number = partNumberOf(request);
  const { blob, checksums } = await receiveBody(request, context.blobs);
  context.uploads.addPart(upload, { number, etag: blob.md5, blobs: [blob], checksums });
  await context.journal.flush();
  return {
    status: 200,
    headers: { etag: quote(blob.md5), ...checksumHeaders({ headers: {}, tags: {}, checksums }) },
  };
};

/** Lays the named parts end to end as one object. */
export const completeMultipartUpload: Operation = async (request, context) => {
  const upload = uploadOf(request, context);
  const document = parseXml(await receiveDocument(request, context.blobs), 'CompleteMultipartUpload');
  const named = childrenOf(document, 'Part').map((part) => ({
    number: Number(textOf(part, 'PartNumber')),
    etag: unquote(textOf(part, 'ETag') ?? ''),
  }));
  const object = context.uploads.complete(upload, named, writeCondition(request));
  await context.journal.flush();
  return xml('CompleteMultipartUploadResult', {
    Location: `/${request.bucket}/${request.key}`,
    Bucket: request.bucket,
    Key: request.key,
    ETag: quote(object.etag),
  });
};

/** Gives an upload up, with all its parts. */
export const abortMultipartUpload: Operation = async (request, context) => {
  context.uploads.abort(uploadOf(request, context));
  await context.journal.flush();
  return { status: 204, headers: {} };
};

/** The parts that have arrived. */
export const listParts: Operation = async (request, context) => {
  const upload = uploadOf(request, context);
  const after = Number(request.query.get('part-number-marker') ?? 0);
  const limit = Number(request.query.get('max-parts') ?? 1000);
  const rest = context.uploads.parts(upload).filter((part) => part.number > after);
  const page = rest.slice(0, limit);
  return xml('ListPartsResult', {
    Bucket: request.bucket,
    Key: request.key,
    UploadId: upload.id,
    IsTruncated: rest.length > page.length,
    NextPartNumberMarker: page.at(-1)?.number,
    Part: page.map((part) => ({
      PartNumber: part.number,
      LastModified: new Date(part.modifiedAt).toISOString(),
      ETag: quote(part.etag),
      Size: part.size,
    })),
  });
};

/** The uploads in progress of a bucket. */
export const listMultipartUploads: Operation = async (request, { store, uploads }) => {
  store.requireBucket(request.bucket);
  const prefix = request.query.get('prefix') ?? '';
  const open = uploads.list(request.bucket).filter(({ key }) => key.startsWith(prefix));
  return xml('ListMultipartUploadsResult', {
    Bucket: request.bucket,
    IsTruncated: false,
    Upload: open.map(({ key, id, createdAt }) => ({
      Key: key,
      UploadId: id,
      Initiated: new Date(createdAt).toISOString(),
    })),
  });
};

function uploadOf(request: S3Request, { uploads }: S3Context): Upload {
  return uploads.require(request.bucket, request.key, request.query.get('uploadId') ?? '');
}

function partNumberOf({ query }: Request): number {
  const number = Number(query.get('partNumber'));
  if (!Number.isInteger(number) || number < 1 || number > MAX_PARTS)
    throw s3Error('InvalidArgument', {
      ArgumentName: 'partNumber',
      Detail: `parts are numbered 1 to ${MAX_PARTS}`,
    });
  return number;
}

function xml(root: string, element: XmlElement): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: renderXml(root, element) };
}
