import { StatebagError } from '@statebag/contracts';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import type { ObjectStreams } from '@statebag/state-core/store/object-streams';
import { ApiError, type Objects } from '@statebag/states';

/** The same store, read and written piece by piece. */
export function memoryStreams(store: MemoryObjectStore): ObjectStreams {
  return {
    async open(uri, range) {
      const { body } = await store.get(uri, range);
      return { body: oneByOne([body]), etag: '"memory"' };
    },
    async write(uri, pieces, encoding) {
      const held: Uint8Array[] = [];
      for await (const piece of pieces) held.push(piece);
      return { outcome: await store.put(uri, { body: Buffer.concat(held), encoding }) };
    },
  };
}

async function* oneByOne(pieces: readonly Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* pieces;
}

/** The same store as the engine sees it, whose maps read their items there and write their results. */
export function engineObjects(store: MemoryObjectStore): Objects {
  const uriOf = (bucket: string, key: string) => `s3://${bucket}/${key}` as S3Uri; // keys that steps made
  return {
    async get(bucket, key) {
      const { body } = await store.get(uriOf(bucket, key)).catch(asApiError);
      return { body, etag: '"memory"', lastModified: 0 };
    },
    async put(bucket, key, body) {
      await store.put(uriOf(bucket, key), { body, encoding: 'json' });
    },
    async *list(bucket, prefix) {
      const from = uriOf(bucket, prefix);
      for (const uri of store.uris().filter((each) => each.startsWith(from)))
        yield {
          key: uri.slice(uriOf(bucket, '').length),
          etag: '"memory"',
          size: (await store.get(uri)).body.length,
          lastModified: 0,
        };
    },
  };
}

function asApiError(error: unknown): never {
  if (error instanceof StatebagError && error.name === 'Store.ObjectMissing')
    throw new ApiError('NoSuchKey', error.message, { status: 404 });
  throw error;
}
