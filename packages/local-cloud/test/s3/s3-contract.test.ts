import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  CreateBucketCommand,
  DeleteBucketCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketLocationCommand,
  GetObjectCommand,
  GetObjectTaggingCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListBucketsCommand,
  ListObjectsCommand,
  ListObjectsV2Command,
  ListObjectVersionsCommand,
  PutObjectCommand,
  PutObjectTaggingCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { openTestCloud, refusalOf, type TestCloud } from '../gateway/test-cloud.ts';

const Bucket = 'contract';
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

const put = (Key: string, Body: string | Uint8Array) => s3.send(new PutObjectCommand({ Bucket, Key, Body }));
const read = async (Key: string, Range?: string) =>
  (
    await s3.send(new GetObjectCommand({ Bucket, Key, ...(Range === undefined ? {} : { Range }) }))
  ).Body?.transformToString();

describe('objects', () => {
  test('an object comes back with its bytes, ETag, length, metadata and headers', async () => {
    const put = await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'traits',
        Body: 'hello',
        ContentType: 'text/plain',
        ContentEncoding: 'gzip',
        CacheControl: 'no-store',
        Metadata: { run: 'r1' },
      }),
    );
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'traits' }));
    expect(put.ETag).toBe(`"${createHash('md5').update('hello').digest('hex')}"`);
    expect(await got.Body?.transformToString()).toBe('hello');
    expect(got).toMatchObject({
      ETag: put.ETag,
      ContentLength: 5,
      ContentType: 'text/plain',
      ContentEncoding: 'gzip',
      CacheControl: 'no-store',
      Metadata: { run: 'r1' },
      AcceptRanges: 'bytes',
    });
  });

  test('an object without a type is an octet stream', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'untyped', Body: Buffer.from('x') }));
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'untyped' }))).ContentType).toBe(
      'application/octet-stream',
    );
  });

  test('an empty object is an object', async () => {
    await put('empty', Buffer.alloc(0));
    expect(await read('empty')).toBe('');
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'empty' }))).ContentLength).toBe(0);
  });

  test('a stream larger than the memory for bodies arrives whole, its trailing checksum verified', async () => {
    const part = Buffer.alloc(100_003, 'ab');
    const sent = Buffer.concat([part, part, part]);
    const stored = await s3.send(
      new PutObjectCommand({
        Bucket,
        Key: 'streamed',
        Body: Readable.from([part, part, part]),
        ContentLength: sent.length,
      }),
    );
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'streamed', ChecksumMode: 'ENABLED' }));
    expect(Buffer.from((await got.Body?.transformToByteArray()) ?? []).equals(sent)).toBe(true);
    expect(got.ChecksumCRC32).toBe(stored.ChecksumCRC32);
    expect(got.ContentEncoding).toBeUndefined();
  });

  test.each([
    '../../etc/passwd',
    '/leading//double/',
    'white space+plus%20percent',
    'ünï/日本語/😀.json',
    '?query=1&x',
    'quote\'"<>&',
  ])('the key %j is a key like any other', async (key) => {
    await put(key, key);
    expect(await read(key)).toBe(key);
    const listed = await s3.send(new ListObjectsV2Command({ Bucket, Prefix: key }));
    expect(listed.Contents?.map(({ Key }) => Key)).toEqual([key]);
    await s3.send(new DeleteObjectCommand({ Bucket, Key: key }));
    expect((await refusalOf(read(key))).name).toBe('NoSuchKey');
  });

  test('a key over 1,024 bytes is refused', async () => {
    expect(await refusalOf(put('ü'.repeat(513), 'x'))).toEqual({ name: 'KeyTooLongError', status: 400 });
  });

  test('deleting what is not there succeeds', async () => {
    expect((await s3.send(new DeleteObjectCommand({ Bucket, Key: 'never' }))).$metadata.httpStatusCode).toBe(
      204,
    );
  });

  test('many objects go in one request', async () => {
    const keys = ['many/1', 'many/2', 'many/<3>'];
    for (const key of keys) await put(key, key);
    const deleted = await s3.send(
      new DeleteObjectsCommand({ Bucket, Delete: { Objects: keys.map((Key) => ({ Key })) } }),
    );
    expect(deleted.Deleted?.map(({ Key }) => Key)).toEqual(keys);
    expect((await s3.send(new ListObjectsV2Command({ Bucket, Prefix: 'many/' }))).KeyCount).toBe(0);
  });

  test('an object of a bucket that keeps no versions is its own only one, page by page', async () => {
    for (const key of ['kept/1', 'kept/2']) await put(key, key);
    const list = (KeyMarker?: string) =>
      s3.send(new ListObjectVersionsCommand({ Bucket, Prefix: 'kept/', MaxKeys: 1, KeyMarker }));
    const { Versions: one, NextKeyMarker, IsTruncated } = await list();
    expect({ one, IsTruncated }).toMatchObject({
      one: [{ Key: 'kept/1', VersionId: 'null', IsLatest: true }],
      IsTruncated: true,
    });
    const { Versions: Objects = [] } = await list(NextKeyMarker);
    expect(Objects).toMatchObject([{ Key: 'kept/2' }]);
    const gone = Objects.map(({ Key, VersionId }) => ({ Key, VersionId }));
    await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects: gone } }));
    expect((await list('kept/1')).Versions).toBeUndefined();
  });

  test('a copy has the bytes and the traits of its source, or new traits where it says so', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'source ü', Body: 'original', Metadata: { a: '1' } }));
    await s3.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'copy',
        CopySource: `${Bucket}/${encodeURIComponent('source ü')}`,
      }),
    );
    await s3.send(
      new CopyObjectCommand({
        Bucket,
        Key: 'copy2',
        CopySource: `${Bucket}/copy`,
        MetadataDirective: 'REPLACE',
        Metadata: { b: '2' },
      }),
    );
    await s3.send(new DeleteObjectCommand({ Bucket, Key: 'source ü' }));
    expect(await read('copy')).toBe('original');
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy' }))).Metadata).toEqual({ a: '1' });
    expect((await s3.send(new HeadObjectCommand({ Bucket, Key: 'copy2' }))).Metadata).toEqual({ b: '2' });
  });

  test('tags can be put and read', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'tagged', Body: 'x', Tagging: 'stage=old' }));
    await s3.send(
      new PutObjectTaggingCommand({
        Bucket,
        Key: 'tagged',
        Tagging: { TagSet: [{ Key: 'stage', Value: 'new & bold' }] },
      }),
    );
    expect((await s3.send(new GetObjectTaggingCommand({ Bucket, Key: 'tagged' }))).TagSet).toEqual([
      { Key: 'stage', Value: 'new & bold' },
    ]);
  });

  test('a presigned address opens the object to anyone who has it, and only as it was signed', async () => {
    await put('presigned/a b', 'secret');
    const url = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'presigned/a b' }), {
      expiresIn: 60,
    });
    expect(await (await fetch(url)).text()).toBe('secret');
    expect((await fetch(url.replace('presigned/a', 'presigned/b'))).status).toBe(403);
    const expired = await getSignedUrl(s3, new GetObjectCommand({ Bucket, Key: 'presigned/a b' }), {
      expiresIn: 60,
      signingDate: new Date(Date.now() - 120_000),
    });
    expect((await fetch(expired)).status).toBe(403);
  });
});

describe('digests', () => {
  test.each([
    ['a checksum of other bytes', { ChecksumCRC32: 'AAAAAA==' }, 'BadDigest'],
    [
      'a SHA-256 of other bytes',
      { ChecksumSHA256: createHash('sha256').update('other').digest('base64') },
      'BadDigest',
    ],
    [
      'an MD5 of other bytes',
      { ContentMD5: createHash('md5').update('other').digest('base64') },
      'BadDigest',
    ],
    ['an MD5 that is none', { ContentMD5: 'abc' }, 'InvalidDigest'],
  ])('%s is refused and leaves nothing behind', async (_, digest, code) => {
    expect(
      await refusalOf(s3.send(new PutObjectCommand({ Bucket, Key: 'refused', Body: 'body', ...digest }))),
    ).toEqual({ name: code, status: 400 });
    expect((await refusalOf(read('refused'))).name).toBe('NoSuchKey');
  });

  test.each(['CRC32', 'CRC32C', 'CRC64NVME', 'SHA1', 'SHA256'] as const)(
    '%s of the client and the server agree',
    async (ChecksumAlgorithm) => {
      const Body = Buffer.from('123456789'.repeat(1000));
      const stored = await s3
        .send(new PutObjectCommand({ Bucket, Key: 'sum', Body, ChecksumAlgorithm }))
        .catch((error: unknown) => error);
      if (stored instanceof Error && /not available|install/.test(stored.message)) return;
      expect(stored).toMatchObject({ [`Checksum${ChecksumAlgorithm}`]: expect.any(String) });
    },
  );
});

describe('conditions on reads', () => {
  test('an unchanged object answers 304 to If-None-Match, a changed one 412 to If-Match', async () => {
    const { ETag } = await put('conditional', 'x');
    expect(
      (await refusalOf(s3.send(new GetObjectCommand({ Bucket, Key: 'conditional', IfNoneMatch: ETag }))))
        .status,
    ).toBe(304);
    expect(
      await refusalOf(s3.send(new GetObjectCommand({ Bucket, Key: 'conditional', IfMatch: '"other"' }))),
    ).toEqual({
      name: 'PreconditionFailed',
      status: 412,
    });
    expect(
      (await s3.send(new GetObjectCommand({ Bucket, Key: 'conditional', IfMatch: ETag }))).$metadata
        .httpStatusCode,
    ).toBe(200);
    expect(
      (
        await refusalOf(
          s3.send(new HeadObjectCommand({ Bucket, Key: 'conditional', IfModifiedSince: new Date() })),
        )
      ).status,
    ).toBe(304);
  });

  test.each([
    ['bytes=0-0', '0', 'bytes 0-0/10'],
    ['bytes=3-5', '345', 'bytes 3-5/10'],
    ['bytes=7-', '789', 'bytes 7-9/10'],
    ['bytes=-4', '6789', 'bytes 6-9/10'],
    ['bytes=8-99', '89', 'bytes 8-9/10'],
    ['bytes=-99', '0123456789', 'bytes 0-9/10'],
  ])('the range %s gives %s', async (Range, text, contentRange) => {
    await put('digits', '0123456789');
    const got = await s3.send(new GetObjectCommand({ Bucket, Key: 'digits', Range }));
    expect([await got.Body?.transformToString(), got.ContentRange]).toEqual([text, contentRange]);
  });

  test('a range behind the end is refused', async () => {
    await put('digits', '0123456789');
    expect(await refusalOf(read('digits', 'bytes=10-'))).toEqual({ name: 'InvalidRange', status: 416 });
  });
});

describe('conditions on writes', () => {
  test('If-None-Match writes only what is not there', async () => {
    await s3.send(new PutObjectCommand({ Bucket, Key: 'once', Body: 'first', IfNoneMatch: '*' }));
    expect(
      await refusalOf(
        s3.send(new PutObjectCommand({ Bucket, Key: 'once', Body: 'second', IfNoneMatch: '*' })),
      ),
    ).toEqual({
      name: 'PreconditionFailed',
      status: 412,
    });
    expect(await read('once')).toBe('first');
  });

  test('If-Match replaces only what was read', async () => {
    const { ETag } = await put('swap', 'v1');
    await s3.send(new PutObjectCommand({ Bucket, Key: 'swap', Body: 'v2', IfMatch: ETag }));
    expect(
      (await refusalOf(s3.send(new PutObjectCommand({ Bucket, Key: 'swap', Body: 'v3', IfMatch: ETag }))))
        .status,
    ).toBe(412);
    expect(
      (await refusalOf(s3.send(new PutObjectCommand({ Bucket, Key: 'swap/none', Body: 'v1', IfMatch: '*' }))))
        .status,
    ).toBe(404);
    expect(await read('swap')).toBe('v2');
  });
});

describe('buckets', () => {
  test('are created, found, listed and deleted when empty', async () => {
    await s3.send(new CreateBucketCommand({ Bucket: 'short-lived' }));
    await s3.send(new CreateBucketCommand({ Bucket: 'short-lived' }));
    await s3.send(new PutObjectCommand({ Bucket: 'short-lived', Key: 'a', Body: 'x' }));
    expect((await s3.send(new HeadBucketCommand({ Bucket: 'short-lived' }))).BucketRegion).toBe('us-east-1');
    expect(
      (await s3.send(new GetBucketLocationCommand({ Bucket: 'short-lived' }))).LocationConstraint,
    ).toBeFalsy();
    expect((await s3.send(new ListBucketsCommand({}))).Buckets?.map(({ Name }) => Name)).toContain(
      'short-lived',
    );
    expect((await refusalOf(s3.send(new DeleteBucketCommand({ Bucket: 'short-lived' })))).name).toBe(
      'BucketNotEmpty',
    );
    await s3.send(new DeleteObjectCommand({ Bucket: 'short-lived', Key: 'a' }));
    await s3.send(new DeleteBucketCommand({ Bucket: 'short-lived' }));
    expect((await refusalOf(s3.send(new HeadBucketCommand({ Bucket: 'short-lived' })))).status).toBe(404);
  });

  test('a bucket that does not exist is named so', async () => {
    expect(
      await refusalOf(s3.send(new PutObjectCommand({ Bucket: 'nowhere', Key: 'a', Body: 'x' }))),
    ).toEqual({ name: 'NoSuchBucket', status: 404 });
    expect((await refusalOf(s3.send(new ListObjectsV2Command({ Bucket: 'nowhere' })))).name).toBe(
      'NoSuchBucket',
    );
  });

  test('a name that is none is refused', async () => {
    expect((await refusalOf(s3.send(new CreateBucketCommand({ Bucket: 'UPPER_case' })))).name).toBe(
      'InvalidBucketName',
    );
  });

  test('clients of the first list version page by marker', async () => {
    for (const key of ['old/1', 'old/2', 'old/3']) await put(key, key);
    const first = await s3.send(new ListObjectsCommand({ Bucket, Prefix: 'old/', MaxKeys: 2 }));
    const second = await s3.send(
      new ListObjectsCommand({ Bucket, Prefix: 'old/', Marker: first.Contents?.at(-1)?.Key }),
    );
    expect([first.IsTruncated, second.Contents?.map(({ Key }) => Key)]).toEqual([true, ['old/3']]);
  });
});

test('requests are counted by operation and method, bodies by their own bytes', async () => {
  const before = opened.cloud.s3.counters();
  await s3.send(
    new PutObjectCommand({
      Bucket,
      Key: 'counted',
      Body: Readable.from([Buffer.from('12345')]),
      ContentLength: 5,
    }),
  );
  await read('counted');
  await refusalOf(read('not-there'));
  const after = opened.cloud.s3.counters();
  const more = (name: string): number => (after.operations[name] ?? 0) - (before.operations[name] ?? 0);
  expect({
    puts: more('putObject'),
    gets: more('getObject'),
    in: after.bytesIn - before.bytesIn,
    out: after.bytesOut - before.bytesOut,
  }).toEqual({
    puts: 1,
    gets: 2,
    in: 5,
    out: 5,
  });
});
