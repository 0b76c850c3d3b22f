import type { Operation, S3Request } from './context.ts';
import { createBucket, deleteBucket, getBucketLocation, getBucketVersioning, headBucket, listBuckets } from './operations/buckets.ts';
import { copyObject, copySource, uploadPartCopy } from './operations/copy-object.ts';
import { deleteObject, deleteObjects } from './operations/delete-objects.ts';
import { getObject, headObject } from './operations/get-object.ts';
import { listObjectsV1, listObjectsV2 } from './operations/list-objects.ts';
import { abortMultipartUpload, completeMultipartUpload, createMultipartUpload, listMultipartUploads, listParts, uploadPart } from './operations/multipart.ts';
import { deleteObjectTagging, getObjectTagging, putObjectTagging } from './operations/object-tagging.ts';
import { putObject } from './operations/put-object.ts';
import { s3Error } from './s3-error.ts';

interface Route {
  readonly method: string;
  readonly target: 'service' | 'bucket' | 'object';
  /** A query parameter that has to be there. */
  readonly marked?: string;
  /** A header that has to be there. */
  readonly header?: string;
  readonly run: Operation;
}

/** Which operation a request means; the first that fits. */
const ROUTES: readonly Route[] = [
  { method: 'GET', target: 'service', run: listBuckets },
  { method: 'GET', target: 'bucket', marked: 'location', run: getBucketLocation },
  { method: 'GET', target: 'bucket', marked: 'versioning', run: getBucketVersioning },
  { method: 'GET', target: 'bucket', marked: 'uploads', run: listMultipartUploads },
  { method: 'GET', target: 'bucket', marked: 'list-type', run: listObjectsV2 },
  { method: 'GET', target: 'bucket', run: listObjectsV1 },
  { method: 'HEAD', target: 'bucket', run: headBucket },
  { method: 'PUT', target: 'bucket', run: createBucket },
  { method: 'DELETE', target: 'bucket', run: deleteBucket },
  { method: 'POST', target: 'bucket', marked: 'delete', run: deleteObjects },
  { method: 'GET', target: 'object', marked: 'tagging', run: getObjectTagging },
  { method: 'PUT', target: 'object', marked: 'tagging', run: putObjectTagging },
  { method: 'DELETE', target: 'object', marked: 'tagging', run: deleteObjectTagging },
  { method: 'POST', target: 'object', marked: 'uploads', run: createMultipartUpload },
  { method: 'POST', target: 'object', marked: 'uploadId', run: completeMultipartUpload },
  { method: 'PUT', target: 'object', marked: 'uploadId', header: copySource, run: uploadPartCopy },
  { method: 'PUT', target: 'object', marked: 'uploadId', run: uploadPart },
  { method: 'DELETE', target: 'object', marked: 'uploadId', run: abortMultipartUpload },
  { method: 'GET', target: 'object', marked: 'uploadId', run: listParts },
  { method: 'PUT', target: 'object', header: copySource, run: copyObject },
  { method: 'PUT', target: 'object', run: putObject },
  { method: 'GET', target: 'object', run: getObject },
  { method: 'HEAD', target: 'object', run: headObject },
  { method: 'DELETE', target: 'object', run: deleteObject },
];

/** Sub-resources that S3 has and this server does not: asking for one must not be taken for the object itself. */
const ELSEWHERE = [
  'acl',
  'attributes',
  'cors',
  'encryption',
  'legal-hold',
  'lifecycle',
  'logging',
  'notification',
  'object-lock',
  'ownershipControls',
  'policy',
  'publicAccessBlock',
  'replication',
  'restore',
  'retention',
  'select',
  'versions',
  'website',
];

/** Finds the operation of a request. */
export function operationOf(request: S3Request): Operation {
  const target = request.bucket === '' ? 'service' : request.key === '' ? 'bucket' : 'object';
  const unknown = ELSEWHERE.find((name) => request.query.has(name));
  if (unknown !== undefined) throw s3Error('NotImplemented', { Resource: unknown });
  const route = ROUTES.find((each) => each.method === request.method && each.target === target && fits(each, request));
  if (route === undefined) throw s3Error('MethodNotAllowed', { Method: request.method });
  return route.run;
}

function fits({ marked, header }: Route, request: S3Request): boolean {
  return (marked === undefined || request.query.has(marked)) && (header === undefined || request.headers[header] !== undefined);
}
