import { createHash, randomBytes } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import {
  AbortMultipartUploadCommand,
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  ListMultipartUploadsCommand,
  ListPartsCommand,
  S3Client,
  UploadPartCommand,
  UploadPartCopyCommand,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, openTestCloud, refusalOf, type TestCloud } from '../gateway/test-cloud.ts';

const Bucket = 'uploads';
const FIVE_MB = 5 * 1024 * 1024;
let opened: TestCloud;
let s3: S3Client;

beforeAll(async () => {
  opened = await openTestCloud();
  s3 = new S3Client(opened.config);
  await s3.send(new CreateBucketCommand({ Bucket }));
});

afterAll(async () => {
  s3.destroy();
  await opened.close();
});

async function begin(Key: string): Promise<{ Bucket: string; Key: string; UploadId: string | undefined }> {
  const { UploadId } = await s3.send(
    new CreateMultipartUploadCommand({ Bucket, Key, ContentType: 'text/x-parts' }),
  );
  return { Bucket, Key, UploadId };
}

test('parts become one object, whatever order they came in', async () => {
  const upload = await begin('whole');
  const [first, second] = [randomBytes(FIVE_MB), randomBytes(1000)];
  const part2 = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 2, Body: second }));
  await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: Buffer.from('replaced') }));
  const part1 = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: first }));
  expect(
    (await s3.send(new ListPartsCommand(upload))).Parts?.map(({ PartNumber, Size }) => [PartNumber, Size]),
  ).toEqual([
    [1, FIVE_MB],
    [2, 1000],
  ]);
  const parts = {
    Parts: [
      { PartNumber: 1, ETag: part1.ETag },
      { PartNumber: 2, ETag: part2.ETag },
    ],
  };
  const completed = await s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: parts }));
  const md5s = [first, second].map((part) => createHash('md5').update(part).digest());
  expect(completed.ETag).toBe(`"${createHash('md5').update(Buffer.concat(md5s)).digest('hex')}-2"`);

  const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'whole' }));
  expect(
    Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(Buffer.concat([first, second])),
  ).toBe(true);
  expect(got.ContentType).toBe('text/x-parts');
  const across = await s3.send(
    new GetObjectCommand({ Bucket, Key: 'whole', Range: `bytes=${FIVE_MB - 2}-${FIVE_MB + 1}` }),
  );
  expect(
    Buffer.from((await across.Body?.transformToByteArray()) ?? []).equals(
      Buffer.concat([first.subarray(-2), second.subarray(0, 2)]),
    ),
  ).toBe(true);
});

test('completing with a part that is not there, too small or out of order is refused', async () => {
  const upload = await begin('wrong');
  const part = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'small' }));
  const other = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 2, Body: 'small, too' }));
  const complete = (Parts: { PartNumber: number; ETag: string | undefined }[]) =>
    refusalOf(s3.send(new CompleteMultipartUploadCommand({ ...upload, MultipartUpload: { Parts } })));
  expect((await complete([{ PartNumber: 3, ETag: part.ETag }])).name).toBe('InvalidPart');
  expect((await complete([{ PartNumber: 1, ETag: other.ETag }])).name).toBe('InvalidPart');
  expect(
    (
      await complete([
        { PartNumber: 2, ETag: other.ETag },
        { PartNumber: 1, ETag: part.ETag },
      ])
    ).name,
  ).toBe('InvalidPartOrder');
  expect(
    (
      await complete([
        { PartNumber: 1, ETag: part.ETag },
        { PartNumber: 2, ETag: other.ETag },
      ])
    ).name,
  ).toBe('EntityTooSmall');
});

test('an aborted upload is gone with its parts', async () => {
  const upload = await begin('aborted');
  await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: randomBytes(200_000) }));
  expect(
    (await s3.send(new ListMultipartUploadsCommand({ Bucket, Prefix: 'aborted' }))).Uploads,
  ).toHaveLength(1);
  await s3.send(new AbortMultipartUploadCommand(upload));
  expect((await refusalOf(s3.send(new ListPartsCommand(upload)))).name).toBe('NoSuchUpload');
});

test('completing is conditional like a put', async () => {
  const complete = async (Key: string) => {
    const upload = await begin(Key);
    const part = await s3.send(new UploadPartCommand({ ...upload, PartNumber: 1, Body: 'x' }));
    return s3.send(
      new CompleteMultipartUploadCommand({
        ...upload,
        IfNoneMatch: '*',
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.ETag }] },
      }),
    );
  };
  await complete('created-once');
  expect((await refusalOf(complete('created-once'))).name).toBe('PreconditionFailed');
});

test('a part may be a range of another object', async () => {
  const upload = await begin('from-copy');
  const part = await s3.send(
    new UploadPartCopyCommand({
      ...upload,
      PartNumber: 1,
      CopySource: `${Bucket}/created-once`,
      CopySourceRange: 'bytes=0-0',
    }),
  );
  await s3.send(
    new CompleteMultipartUploadCommand({
      ...upload,
      MultipartUpload: { Parts: [{ PartNumber: 1, ETag: part.CopyPartResult?.ETag }] },
    }),
  );
  expect(
    await (await s3.send(new GetObjectCommand({ Bucket, Key: 'from-copy' }))).Body?.transformToString(),
  ).toBe('x');
});

test('the bytes of deleted objects and unused parts leave the disk', async () => {
  await s3.send(new DeleteObjectCommand({ Bucket, Key: 'whole' }));
  await eventually(() => (readdirSync(join(opened.dataDir, 's3')).length === 0 ? true : undefined));
});
