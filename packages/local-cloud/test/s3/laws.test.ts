import {
  CreateBucketCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { startChecksum } from '../../src/s3/checksums.ts';
import { parseRange } from '../../src/s3/conditions.ts';
import { openTestCloud, type TestCloud } from '../gateway/test-cloud.ts';

const Bucket = 'laws';
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

/** Text that XML can carry; S3 itself cannot list other keys either without URL encoding. */
const key = fc
  .string({ unit: 'grapheme', minLength: 1, maxLength: 60 })
  .filter((text) => !/[\p{Cc}\p{Cs}\uFFFE\uFFFF]/u.test(text));

test('any bytes under any key come back as they went in, whole and in ranges', async () => {
  const body = fc.oneof(
    fc.uint8Array({ maxLength: 2000 }),
    fc.uint8Array({ minLength: 70_000, maxLength: 90_000, size: 'max' }),
  );
  const property = fc.asyncProperty(key, body, fc.nat(), fc.nat(), async (Key, Body, a, b) => {
    await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    const whole = await s3.send(new GetObjectCommand({ Bucket, Key }));
    expect(Buffer.from((await whole.Body?.transformToByteArray()) ?? []).equals(Buffer.from(Body))).toBe(
      true,
    );
    if (Body.length === 0) return;
    const [start, end] = [a % Body.length, b % Body.length].sort((x, y) => x - y);
    const part = await s3.send(new GetObjectCommand({ Bucket, Key, Range: `bytes=${start}-${end}` }));
    expect(
      Buffer.from((await part.Body?.transformToByteArray()) ?? []).equals(
        Buffer.from(Body.subarray(start, (end ?? 0) + 1)),
      ),
    ).toBe(true);
  });
  await law(property, { cases: 40 });
});

test('of any number of racing create-only writes exactly one wins, and its bytes are the ones that stay', async () => {
  const property = fc.asyncProperty(fc.integer({ min: 2, max: 12 }), fc.uuid(), async (writers, Key) => {
    const bodies = Array.from({ length: writers }, (_, index) =>
      `${index}`.repeat(index % 2 === 0 ? 1 : 70_000),
    );
    const outcomes = await Promise.allSettled(
      bodies.map((Body) => s3.send(new PutObjectCommand({ Bucket, Key, Body, IfNoneMatch: '*' }))),
    );
    const winners = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [index] : []));
    expect(winners).toHaveLength(1);
    const kept = await (await s3.send(new GetObjectCommand({ Bucket, Key }))).Body?.transformToString();
    expect(kept).toBe(bodies[winners[0] ?? -1]);
  });
  await law(property, { cases: 10 });
});

test('of racing If-Match writes exactly one wins', async () => {
  const { ETag } = await s3.send(new PutObjectCommand({ Bucket, Key: 'swap', Body: 'start' }));
  const outcomes = await Promise.allSettled(
    Array.from({ length: 10 }, (_, index) =>
      s3.send(new PutObjectCommand({ Bucket, Key: 'swap', Body: `${index}`, IfMatch: ETag })),
    ),
  );
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
});

test('pages of any size add up to the keys of the prefix in UTF-8 order, folded at the delimiter', async () => {
  const Prefix = 'list/';
  const names = ['a', 'a/1', 'a/2', 'a/2/x', 'a0', 'b', 'b/', 'c/😀', 'c/\uFF5E', 'é/1', 'é/2', 'z'];
  for (const name of names) await s3.send(new PutObjectCommand({ Bucket, Key: Prefix + name, Body: name }));
  const property = fc.asyncProperty(
    fc.integer({ min: 1, max: 5 }),
    fc.constantFrom('', '/'),
    fc.constantFrom('', 'a', 'a/', 'b/', 'c/', 'é/'),
    async (MaxKeys, Delimiter, below) => {
      expect(await listAll({ Prefix: Prefix + below, Delimiter, MaxKeys })).toEqual(
        expected(names, { prefix: below, delimiter: Delimiter }).map((name) => Prefix + name),
      );
    },
  );
  await law(property, { cases: 40 });
});

async function listAll(query: { Prefix: string; Delimiter: string; MaxKeys: number }): Promise<string[]> {
  const found: string[] = [];
  let ContinuationToken: string | undefined;
  do {
    const page = await s3.send(
      new ListObjectsV2Command({
        Bucket,
        ...query,
        ...(ContinuationToken === undefined ? {} : { ContinuationToken }),
      }),
    );
    const entries = [
      ...(page.Contents ?? []).map(({ Key }) => Key ?? ''),
      ...(page.CommonPrefixes ?? []).map((common) => common.Prefix ?? ''),
    ];
    expect(entries.length).toBeLessThanOrEqual(query.MaxKeys);
    found.push(...entries.sort(byUtf8));
    ContinuationToken = page.NextContinuationToken;
  } while (ContinuationToken !== undefined);
  return found;
}

function expected(
  names: readonly string[],
  { prefix, delimiter }: { prefix: string; delimiter: string },
): string[] {
  const fold = (name: string): string => {
    const end = delimiter === '' ? -1 : name.indexOf(delimiter, prefix.length);
    return end < 0 ? name : name.slice(0, end + 1);
  };
  return [...new Set(names.filter((name) => name.startsWith(prefix)).map(fold))].sort(byUtf8);
}

function byUtf8(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

test('a range never leaves the object', () => {
  const edge = fc.option(fc.nat({ max: 30 }), { nil: '' as const });
  law(
    fc.property(edge, edge, fc.integer({ min: 1, max: 20 }), (first, last, size) => {
      let range: ReturnType<typeof parseRange>;
      try {
        range = parseRange(`bytes=${first}-${last}`, size);
      } catch {
        return;
      }
      if (range === undefined) return;
      expect(range.start).toBeGreaterThanOrEqual(0);
      expect(range.start).toBeLessThan(range.end);
      expect(range.end).toBeLessThanOrEqual(size);
    }),
  );
});

/** Check values of the CRC catalogue for the nine digits. */
test.each([
  ['crc32', 'cbf43926'],
  ['crc32c', 'e3069283'],
  ['crc64nvme', 'ae8b14860a799888'],
] as const)('%s of the nine digits is its published check value, in any chunking', (name, check) => {
  const digits = Buffer.from('123456789');
  for (let cut = 0; cut <= digits.length; cut += 1) {
    const running = startChecksum(name);
    running.update(digits.subarray(0, cut));
    running.update(digits.subarray(cut));
    expect(Buffer.from(running.digest(), 'base64').toString('hex')).toBe(check);
  }
});
