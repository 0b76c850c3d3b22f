import type { Asked } from '../iam/policy.ts';
import {
  createBucket,
  deleteBucket,
  getBucketLocation,
  getBucketVersioning,
  headBucket,
  listBuckets,
  putBucketVersioning,
} from './bucket-operations.ts';
import { bucketArn, type Operation, type S3Request } from './context.ts';
import { listObjectsV1, listObjectsV2, listObjectVersions } from './list-objects.ts';
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  listMultipartUploads,
  listParts,
  uploadPart,
} from './multipart.ts';
import { getObjectAttributes } from './object-attributes.ts';
import {
  copyObject,
  copySource,
  deleteObject,
  deleteObjects,
  deleteObjectTagging,
  getObject,
  getObjectTagging,
  headObject,
  putObject,
  putObjectTagging,
  uploadPartCopy,
} from './object-operations.ts';
import { s3Error } from './s3-error.ts';

interface Route {
  readonly method: string;
  readonly target: 'service' | 'bucket' | 'object';
  /** A query parameter that has to be there. */
  readonly marked?: string;
  /** A header that has to be there. */
  readonly header?: string;
  readonly run: Operation;
  /** The right to it; without one, every key in the body needs one. */
  readonly needs?: string;
}

/** Which operation a request means; the first that fits. */
const ROUTES: readonly Route[] = [
  { method: 'GET', target: 'service', run: listBuckets, needs: 'ListAllMyBuckets' },
  { method: 'GET', target: 'bucket', marked: 'location', run: getBucketLocation, needs: 'GetBucketLocation' },
  {
    method: 'GET',
    target: 'bucket',
    marked: 'versioning',
    run: getBucketVersioning,
    needs: 'GetBucketVersioning',
  },
  {
    method: 'GET',
    target: 'bucket',
    marked: 'uploads',
    run: listMultipartUploads,
    needs: 'ListBucketMultipartUploads',
  },
  {
    method: 'GET',
    target: 'bucket',
    marked: 'versions',
    run: listObjectVersions,
    needs: 'ListBucketVersions',
  },
  { method: 'GET', target: 'bucket', marked: 'list-type', run: listObjectsV2, needs: 'ListBucket' },
  { method: 'GET', target: 'bucket', run: listObjectsV1, needs: 'ListBucket' },
  { method: 'HEAD', target: 'bucket', run: headBucket, needs: 'ListBucket' },
  {
    method: 'PUT',
    target: 'bucket',
    marked: 'versioning',
    run: putBucketVersioning,
    needs: 'PutBucketVersioning',
  },
  { method: 'PUT', target: 'bucket', run: createBucket, needs: 'CreateBucket' },
  { method: 'DELETE', target: 'bucket', run: deleteBucket, needs: 'DeleteBucket' },
  { method: 'POST', target: 'bucket', marked: 'delete', run: deleteObjects },
  { method: 'GET', target: 'object', marked: 'tagging', run: getObjectTagging, needs: 'GetObjectTagging' },
  { method: 'PUT', target: 'object', marked: 'tagging', run: putObjectTagging, needs: 'PutObjectTagging' },
  {
    method: 'DELETE',
    target: 'object',
    marked: 'tagging',
    run: deleteObjectTagging,
    needs: 'DeleteObjectTagging',
  },
  { method: 'POST', target: 'object', marked: 'uploads', run: createMultipartUpload, needs: 'PutObject' },
  { method: 'POST', target: 'object', marked: 'uploadId', run: completeMultipartUpload, needs: 'PutObject' },
  {
    method: 'PUT',
    target: 'object',
    marked: 'uploadId',
    header: copySource,
    run: uploadPartCopy,
    needs: 'PutObject',
  },
  { method: 'PUT', target: 'object', marked: 'uploadId', run: uploadPart, needs: 'PutObject' },
  {
    method: 'DELETE',
    target: 'object',
    marked: 'uploadId',
    run: abortMultipartUpload,
    needs: 'AbortMultipartUpload',
  },
  { method: 'GET', target: 'object', marked: 'uploadId', run: listParts, needs: 'ListMultipartUploadParts' },
  { method: 'PUT', target: 'object', header: copySource, run: copyObject, needs: 'PutObject' },
  { method: 'PUT', target: 'object', run: putObject, needs: 'PutObject' },
  {
    method: 'GET',
    target: 'object',
    marked: 'attributes',
    run: getObjectAttributes,
    needs: 'GetObjectAttributes',
  },
  { method: 'GET', target: 'object', run: getObject, needs: 'GetObject' },
  { method: 'HEAD', target: 'object', run: headObject, needs: 'GetObject' },
  { method: 'DELETE', target: 'object', run: deleteObject, needs: 'DeleteObject' },
];

/**
 * Sub-resources that S3 has and this server does not: asking for one must not be taken for the object itself.
 */
const ELSEWHERE = [
  'accelerate',
  'acl',
  'analytics',
  'cors',
  'encryption',
  'intelligent-tiering',
  'inventory',
  'legal-hold',
  'lifecycle',
  'logging',
  'metrics',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'policyStatus',
  'publicAccessBlock',
  'replication',
  'requestPayment',
  'restore',
  'retention',
  'select',
  'website',
];

/** Finds the operation of a request. @throws ApiError where whoever asks may not */
export function operationOf(request: S3Request): Operation {
  const target = request.bucket === '' ? 'service' : request.key === '' ? 'bucket' : 'object';
  const names = target === 'object' ? ELSEWHERE : [...ELSEWHERE, 'tagging'];
  const unknown = names.find((name) => request.query.has(name));
  if (unknown !== undefined) throw s3Error('NotImplemented', { Resource: unknown });
  const route = ROUTES.find(
    (each) => each.method === request.method && each.target === target && fits(each, request),
  );
  if (route === undefined) throw s3Error('MethodNotAllowed', { Method: request.method });
  if (route.needs !== undefined) request.rights.require(askedFor(`s3:${route.needs}`, request));
  return route.run;
}

function askedFor(action: string, { bucket, key, query }: S3Request): Asked {
  if (key !== '') return { action, resource: `${bucketArn(bucket)}/${key}` };
  const resource = bucket === '' ? '*' : bucketArn(bucket);
  const prefix = query.get('prefix') ?? '';
  return { action, resource, context: { 's3:prefix': prefix } };
}

function fits({ marked, header }: Route, request: S3Request): boolean {
  return (
    (marked === undefined || request.query.has(marked)) &&
    (header === undefined || request.headers[header] !== undefined)
  );
}
