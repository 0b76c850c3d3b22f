import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { S3Uri } from '@statebag/contracts/object-keys';
import { startLocalCloud } from '@statebag/local-cloud';
import { STORES_ON_S3, type TestS3 } from '../../test/stores-on-s3.ts';
import { objectStoreContract } from './object-store.contract.ts';
import type { ObjectStore } from './object-store.ts';

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'local' };
const URI = 's3://state/runs/acme/run-1/blobs/x.json' as S3Uri;

type OpenStore = (at: TestS3) => ObjectStore;

async function openCloud(openStore: OpenStore) {
  const dataDir = mkdtempSync(join(tmpdir(), 'statebag-store-'));
  const cloud = await startLocalCloud({ dataDir });
  const client = new S3Client({ ...cloud.clientOptions, forcePathStyle: true });
  await client.send(new CreateBucketCommand({ Bucket: 'state' }));
  const close = async () => {
    client.destroy();
    await cloud.close();
    rmSync(dataDir, { recursive: true });
  };
  return { client, store: openStore(cloud.clientOptions), close };
}

describe.each(Object.entries(STORES_ON_S3))('S3, asked by %s', (by, openStore) => {
  objectStoreContract(by, () => openCloud(openStore));

  test('writes objects that any tool reads: type and encoding are in their place', async () => {
    const { client, store, close } = await openCloud(openStore);
    await store.put(URI, { body: Buffer.from('x'), encoding: 'json+zstd' });
    const { ContentType, ContentEncoding } = await client.send(
      new GetObjectCommand({ Bucket: 'state', Key: 'runs/acme/run-1/blobs/x.json' }),
    );
    expect({ ContentType, ContentEncoding }).toEqual({
      ContentType: 'application/json',
      ContentEncoding: 'zstd',
    });
    await close();
  });

  describe('what S3 answers', () => {
    let server: Server;
    let status: number[] = [];
    let asked = 0;

    beforeAll(async () => {
      server = createServer((request, response) => {
        asked += 1;
        const next = status.length > 1 ? status.shift() : status[0];
        request
          .resume()
          .on('end', () =>
            next === 0
              ? request.socket.destroy()
              : response.writeHead(next ?? 500).end(next === 200 ? '{}' : ''),
          );
      });
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    });
    afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

    function store(...answers: number[]) {
      status = answers;
      asked = 0;
      return openStore({ endpoint: urlOf(server), region: 'x', credentials: CREDENTIALS, maxAttempts: 1 });
    }

    test('silence is Store.Unavailable, after the settings’ own time', async () => {
      const silent = createServer(() => undefined);
      await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
      const at = { endpoint: urlOf(silent), region: 'x', credentials: CREDENTIALS };
      await expect(openStore({ ...at, maxAttempts: 1, requestTimeout: 50 }).get(URI)).rejects.toMatchObject({
        name: 'Store.Unavailable',
      });
      silent.closeAllConnections();
      await new Promise<void>((resolve) => void silent.close(() => resolve()));
    });

    const object = { body: Buffer.from('{}'), encoding: 'json' } as const;

    test.each([
      [403, 'Store.AccessDenied'],
      [404, 'Store.ObjectMissing'],
      [500, 'Store.Unavailable'],
      [503, 'Store.Unavailable'],
      [429, 'Store.Unavailable'],
      [0, 'Store.Unavailable'],
    ])('%i on a read is %s', async (answer, name) => {
      await expect(store(answer).get(URI)).rejects.toMatchObject({
        name,
        message: expect.stringContaining(URI),
      });
    });

    test.each([
      [403, 'Store.AccessDenied'],
      [500, 'Store.Unavailable'],
      [0, 'Store.Unavailable'],
      [409, 'Store.Unavailable'],
    ])('%i on every write is %s', async (answer, name) => {
      await expect(store(answer).put(URI, object)).rejects.toMatchObject({ name });
    });

    test('412 on a write is success: the object is there', async () =>
      expect(await store(412).put(URI, object)).toBe('existed'));

    test('409 on a write is tried again', async () => {
      expect(await store(409, 409, 200).put(URI, object)).toBe('created');
      expect(asked).toBe(3);
    });

    test('an answer it knows nothing of passes as it is', async () => {
      await expect(store(400).get(URI)).rejects.not.toMatchObject({
        name: expect.stringContaining('Store.'),
      });
    });
  });
});

function urlOf(server: Server): string {
  const { port } = server.address() as AddressInfo; // it listens
  return `http://127.0.0.1:${port}`;
}
