import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  GetObjectAttributesCommand,
  type ObjectAttributes,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestCloud, refusalOf, type TestCloud } from '../gateway/test-cloud.ts';

const Bucket = 'attributes';
const ALL: ObjectAttributes[] = ['ETag', 'Checksum', 'ObjectParts', 'StorageClass', 'ObjectSize'];
let opened: TestCloud;
let s3: S3Client;

beforeAll(async () => {
  opened = await openTestCloud({ durable: false });
  s3 = new S3Client({ ...opened.config, forcePathStyle: true });
  await s3.send(new CreateBucketCommand({ Bucket }));
});
afterAll(async () => {
  s3.destroy();
  await opened.close();
});

const attributes = (Key: string, wanted: ObjectAttributes[] = ALL) =>
  s3.send(new GetObjectAttributesCommand({ Bucket, Key, ObjectAttributes: wanted }));

test('an object tells its size, its ETag and its checksum, and only what was asked for', async () => {
  await s3.send(new PutObjectCommand({ Bucket, Key: 'a', Body: 'hello', ChecksumAlgorithm: 'SHA256' }));
  expect(await attributes('a')).toMatchObject({
    ETag: '5d41402abc4b2a76b9719d911017c592',
    Checksum: { ChecksumSHA256: 'LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=', ChecksumType: 'FULL_OBJECT' },
    StorageClass: 'STANDARD',
    ObjectSize: 5,
    LastModified: expect.any(Date),
  });
  const { $metadata, LastModified, ...only } = await attributes('a', ['ObjectSize']);
  expect(only).toEqual({ ObjectSize: 5 });
});

test('an object of parts tells how many there are', async () => {
  const target = { Bucket, Key: 'parts' };
  const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
  const part = { ...target, UploadId, PartNumber: 1 };
  const { ETag } = await s3.send(new UploadPartCommand({ ...part, Body: 'x' }));
  const MultipartUpload = { Parts: [{ PartNumber: 1, ETag }] };
  await s3.send(new CompleteMultipartUploadCommand({ ...target, UploadId, MultipartUpload }));
  expect(await attributes('parts')).toMatchObject({ ObjectParts: { TotalPartsCount: 1 }, ObjectSize: 1 });
});

test('a missing object and an unknown attribute are refused', async () => {
  expect((await refusalOf(attributes('none'))).name).toBe('NoSuchKey');
  const unknown = ['Colour' as ObjectAttributes]; // what the client's types refuse
  expect((await refusalOf(attributes('a', unknown))).name).toBe('InvalidArgument');
});
