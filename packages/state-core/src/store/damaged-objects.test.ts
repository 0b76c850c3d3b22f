import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, DeleteObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { S3Uri } from '@statebag/contracts/object-keys';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { aRun, CONTEXT, textOf } from '../../test/build.ts';
import { STORES_ON_S3 } from '../../test/stores-on-s3.ts';
import { fieldPointer, planWrite } from '../core/planned-write.ts';
import { noStoreCounts } from './counted-store.ts';
import type { ObjectStore, StoredObject } from './object-store.ts';
import { readVerified } from './read-verified.ts';
import { S3_CLIENT_SETTINGS } from './s3-client-settings.ts';
import { s3ObjectStreams } from './s3-object-streams.ts';

/** Far less than the tries of a client or of a state machine would take. */
const AT_ONCE_MS = 5_000;

const dataDir = mkdtempSync(join(tmpdir(), 'statebag-damaged-'));
let cloud: LocalCloud;
let client: S3Client;

beforeAll(async () => {
  cloud = await startLocalCloud({ dataDir });
  client = new S3Client({ ...S3_CLIENT_SETTINGS, ...cloud.clientOptions, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'state' }));
});
afterAll(async () => {
  client.destroy();
  await cloud.close();
  rmSync(dataDir, { recursive: true });
});

/** Files of the data directory that hold bodies. */
function bodies(): string[] {
  return readdirSync(dataDir, { recursive: true, encoding: 'utf8' })
    .map((name) => join(dataDir, name))
    .filter((path) => /[0-9a-f]{8}-[0-9a-f-]{27}$/.test(path) && statSync(path).isFile());
}

/** Stores a text so large that its body is a file of its own, and tells which. */
async function stored(size: number, seed: number, store: ObjectStore) {
  const context = {
    ...CONTEXT,
    thresholds: { ...CONTEXT.thresholds, compressFrom: Number.POSITIVE_INFINITY },
  };
  const write = planWrite(textOf(size, seed), 'blobs', context);
  const before = new Set(bodies());
  await store.put(write.uri, write.object);
  const [file] = bodies().filter((path) => !before.has(path));
  if (file === undefined) throw new Error('the body is in no file');
  return { write, file, pointer: fieldPointer(write, CONTEXT.now) };
}

/** What can happen to an object, and what it is then. */
const DAMAGES: [string, (file: string) => void, string][] = [
  ['is gone from the disk', (file) => rmSync(file), 'Store.ObjectMissing'],
  ['was cut short', (file) => truncateSync(file, statSync(file).size - 5_000), 'Store.ObjectCorrupt'],
  ['was emptied', (file) => truncateSync(file, 0), 'Store.ObjectCorrupt'],
  [
    'has other bytes',
    (file) => writeFileSync(file, Buffer.alloc(statSync(file).size, 'x')),
    'Store.ObjectCorrupt',
  ],
];

const READERS = Object.keys(STORES_ON_S3);
const storeBy = (by: string): ObjectStore => {
  const open = STORES_ON_S3[by];
  if (!open) throw new Error(`nothing reads by ${by}`);
  return open(cloud.clientOptions);
};

describe.each(READERS.flatMap((by) => [70_000, 300_000].map((size) => [by, size] as const)))(
  'by %s, an object of %i bytes that',
  (by, size) => {
    test.each(DAMAGES)('%s is told so at once, read whole and streamed', async (what, damage, name) => {
      const store = storeBy(by);
      const { write, file, pointer } = await stored(size, what.length * 31 + size + by.length, store);
      damage(file);
      const began = performance.now();
      const { session } = aRun(store);
      await expect(session.hydrator.pointed(pointer)).rejects.toMatchObject({ name });
      await expect(streamed(write.uri)).rejects.toMatchObject({ name });
      expect(performance.now() - began).toBeLessThan(AT_ONCE_MS);
    });
  },
);

test.each([100, 70_000])('an object of %i bytes that was deleted is missing', async (size) => {
  const { uri, object } = planWrite(textOf(size, size + 1), 'blobs', CONTEXT);
  for (const store of READERS.map(storeBy)) await deletedIsMissing(store, uri, object);
});

async function deletedIsMissing(store: ObjectStore, uri: S3Uri, object: StoredObject): Promise<void> {
  await store.put(uri, object);
  await client.send(new DeleteObjectCommand({ Bucket: 'state', Key: uri.slice('s3://state/'.length) }));
  const gone = { name: 'Store.ObjectMissing' };
  await expect(streamed(uri)).rejects.toMatchObject(gone);
  await expect(readVerified({ uri }, { store, retry: NO_RETRY })).rejects.toMatchObject(gone);
}

const NO_RETRY = { delayAfter: () => undefined, sleep: async () => undefined };

test('a range behind the end of what was cut short is damage, not another answer', async () => {
  const { write, file } = await stored(70_000, 5, storeBy('the SDK'));
  truncateSync(file, 1_000);
  await expect(streamed(write.uri, { offset: 60_000, bytes: 100 })).rejects.toMatchObject({
    name: 'Store.ObjectCorrupt',
  });
});

async function streamed(
  ...[uri, range]: Parameters<ReturnType<typeof s3ObjectStreams>['open']>
): Promise<void> {
  const { body } = await s3ObjectStreams(client, noStoreCounts()).open(uri, range);
  for await (const _piece of body);
}
