import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, ListMultipartUploadsCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { S3Uri } from '@statebag/contracts/object-keys';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { noStoreCounts } from './counted-store.ts';
import { s3ObjectStreams } from './s3-object-streams.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'statebag-streams-'));
let cloud: LocalCloud;
let client: S3Client;

beforeAll(async () => {
  cloud = await startLocalCloud({ dataDir });
  client = new S3Client({ ...cloud.clientOptions, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'state' }));
});
afterAll(async () => {
  client.destroy();
  await cloud.close();
  rmSync(dataDir, { recursive: true });
});

const at = (name: string) => `s3://state/runs/acme/run-1/map/${name}` as S3Uri; // a good address by sight

async function* pieces(count: number, bytes: number): AsyncGenerator<Uint8Array> {
  for (let index = 0; index < count; index += 1) yield Buffer.alloc(bytes, index % 251);
}

async function whole(body: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const read: Uint8Array[] = [];
  for await (const piece of body) read.push(piece);
  return Buffer.concat(read);
}

test.each([
  ['nothing', 0, 0, 1],
  ['a little', 3, 100, 1],
  ['one part and a byte more', 6 * 1_024 + 1, 1_024, 3],
  ['three parts', 17, 1_048_576, 4],
])('reads back %s as it was written', async (name, count, bytes, puts) => {
  const counts = noStoreCounts();
  const streams = s3ObjectStreams(client, counts);
  expect(await streams.write(at(name.replaceAll(' ', '-')), pieces(count, bytes), 'json')).toEqual({
    outcome: 'created',
  });
  expect(counts).toMatchObject({ puts, put_bytes: count * bytes });
  const written = await whole(pieces(count, bytes));
  const read = await whole((await streams.open(at(name.replaceAll(' ', '-')))).body);
  expect(read.equals(written)).toBe(true);
});

test('reads the bytes that are asked for and no others', async () => {
  const streams = s3ObjectStreams(client, noStoreCounts());
  await streams.write(at('digits'), (async function* () { yield Buffer.from('0123456789'); })(), 'json'); // biome-ignore format: one piece
  expect(String(await whole((await streams.open(at('digits'), { offset: 3, bytes: 4 })).body))).toBe('3456');
});

test.each([1, 20])(
  'the first writer of a name stays, whatever a second one brings (%i MB)',
  async (megabytes) => {
    const streams = s3ObjectStreams(client, noStoreCounts());
    await streams.write(at(`first-${megabytes}`), pieces(megabytes, 1_048_576), 'json');
    expect(await streams.write(at(`first-${megabytes}`), pieces(megabytes + 7, 1_048_576), 'json')).toEqual({
      outcome: 'existed',
    });
    expect(await whole((await streams.open(at(`first-${megabytes}`))).body)).toHaveLength(
      megabytes * 1_048_576,
    );
  },
);

test('leaves nothing behind where the body fails half way', async () => {
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield* pieces(20, 1_048_576);
    throw new Error('the source broke');
  }
  const streams = s3ObjectStreams(client, noStoreCounts());
  await expect(streams.write(at('broken'), failing(), 'json')).rejects.toThrow('the source broke');
  await expect(streams.open(at('broken'))).rejects.toMatchObject({ name: 'Store.ObjectMissing' });
  expect((await client.send(new ListMultipartUploadsCommand({ Bucket: 'state' }))).Uploads ?? []).toEqual([]);
});
