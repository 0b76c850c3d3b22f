import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { ObjectStore, StoredObject } from './object-store.ts';

/** A store to be tested, and how to end it. */
export interface OpenedStore {
  readonly store: ObjectStore;
  readonly close: () => Promise<void>;
}

/** What state relies on, whichever store is behind the port. */
export function objectStoreContract(name: string, open: () => Promise<OpenedStore>): void {
  describe(`${name} as an object store`, () => {
    let opened: OpenedStore;
    beforeAll(async () => {
      opened = await open();
    });
    afterAll(() => opened.close());

    test.each(['json', 'json+zstd', 'json+gzip'] as const)(
      'gives back the very bytes that were put as %s',
      async (encoding) => {
        const object: StoredObject = {
          body: Uint8Array.from({ length: 70_000 }, (_, index) => (index * 31) % 256),
          encoding,
        };
        await opened.store.put(uri(`bytes-${encoding.replace('+', '-')}`), object);
        const read = await opened.store.get(uri(`bytes-${encoding.replace('+', '-')}`));
        expect({ encoding: read.encoding, same: Buffer.compare(read.body, object.body) }).toEqual({
          encoding,
          same: 0,
        });
      },
    );

    test('keeps the first of two writes and says so', async () => {
      expect(await opened.store.put(uri('twice'), text('"first"'))).toBe('created');
      expect(await opened.store.put(uri('twice'), text('"second"'))).toBe('existed');
      expect(Buffer.from((await opened.store.get(uri('twice'))).body).toString()).toBe('"first"');
    });

    test('lets exactly one of many writers on one key create it', async () => {
      const outcomes = await Promise.all(
        Array.from({ length: 20 }, (_, writer) => opened.store.put(uri('raced'), text(`"${writer}"`))),
      );
      expect(outcomes.filter((outcome) => outcome === 'created')).toHaveLength(1);
    });

    test('raises Store.ObjectMissing for what is not there', async () => {
      await expect(opened.store.get(uri('absent'))).rejects.toMatchObject({ name: 'Store.ObjectMissing' });
    });

    test('gives a part of an object, and what there is of a part that goes beyond its end', async () => {
      const body = Uint8Array.from({ length: 1_000 }, (_, index) => index % 251);
      await opened.store.put(uri('part'), { body, encoding: 'pack' });
      const part = async (offset: number, bytes: number) =>
        Buffer.from((await opened.store.get(uri('part'), { offset, bytes })).body);
      expect(await part(0, 1)).toEqual(Buffer.from(body.subarray(0, 1)));
      expect(await part(300, 500)).toEqual(Buffer.from(body.subarray(300, 800)));
      expect(await part(990, 500)).toEqual(Buffer.from(body.subarray(990)));
      await expect(part(1_000, 1)).rejects.toMatchObject({ name: 'Store.ObjectCorrupt' });
    });

    test('stores an empty body', async () => {
      await opened.store.put(uri('empty'), { body: new Uint8Array(), encoding: 'json' });
      expect((await opened.store.get(uri('empty'))).body).toHaveLength(0);
    });
  });
}

function uri(name: string): S3Uri {
  return `s3://state/runs/acme/run-1/blobs/${name}.json` as S3Uri; // of the grammar
}

function text(json: string): StoredObject {
  return { body: Buffer.from(json), encoding: 'json' };
}
