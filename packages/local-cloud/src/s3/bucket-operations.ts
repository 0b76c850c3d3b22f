import type { Answer } from '../gateway/request.ts';
import type { Operation } from './context.ts';
import { receiveDocument } from './incoming-body.ts';
import { s3Error } from './s3-error.ts';
import { parseXml, renderXml, textOf, type XmlElement } from './xml.ts';

const BUCKET_NAME = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** Creates a bucket; in us-east-1 creating one's own again succeeds. */
export const createBucket: Operation = async ({ bucket }, { store, journal, region }) => {
  if (!BUCKET_NAME.test(bucket) || bucket.includes('..'))
    throw s3Error('InvalidBucketName', { BucketName: bucket });
  const exists = store.buckets().some(({ name }) => name === bucket);
  if (!exists || region !== 'us-east-1') store.createBucket(bucket);
  await journal.flush();
  return { status: 200, headers: { location: `/${bucket}` } };
};

/** Deletes an empty bucket. */
export const deleteBucket: Operation = async ({ bucket }, { store, journal }) => {
  store.deleteBucket(bucket);
  await journal.flush();
  return { status: 204, headers: {} };
};

/** Says whether a bucket exists, and where. */
export const headBucket: Operation = async ({ bucket }, { store, region }) => {
  store.requireBucket(bucket);
  return { status: 200, headers: { 'x-amz-bucket-region': region } };
};

/** Names all buckets. */
export const listBuckets: Operation = async (_request, { store }) => {
  const buckets = store
    .buckets()
    .map(({ name, createdAt }) => ({ Name: name, CreationDate: new Date(createdAt).toISOString() }));
  return xml('ListAllMyBucketsResult', {
    Owner: { ID: 'local', DisplayName: 'local' },
    Buckets: { Bucket: buckets },
  });
};

/** The bucket's region; us-east-1 is the empty text. */
export const getBucketLocation: Operation = async ({ bucket }, { store, region }) => {
  store.requireBucket(bucket);
  const text = region === 'us-east-1' ? '' : region;
  return {
    ...xml('LocationConstraint', {}),
    body: renderXml('LocationConstraint', {}).replace(
      '></LocationConstraint>',
      `>${text}</LocationConstraint>`,
    ),
  };
};

/** Versions are not kept: only to say so is understood. */
export const putBucketVersioning: Operation = async (request, { store, blobs }) => {
  store.requireBucket(request.bucket);
  const status = textOf(parseXml(await receiveDocument(request, blobs), 'VersioningConfiguration'), 'Status');
  if (status !== 'Suspended') throw s3Error('NotImplemented', { Resource: 'versioning' });
  return { status: 200, headers: {} };
};

/** Versions are not kept; the answer is that of a bucket where versioning was never switched on. */
export const getBucketVersioning: Operation = async ({ bucket }, { store }) => {
  store.requireBucket(bucket);
  return xml('VersioningConfiguration', {});
};

function xml(root: string, element: XmlElement): Answer {
  return { status: 200, headers: { 'content-type': 'application/xml' }, body: renderXml(root, element) };
}
