import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Objects } from '@statebag/states';
import type { S3Context } from './context.ts';
import { s3Error } from './s3-error.ts';

/** The engine's view of S3: whole objects, read and written inside the process. */
export function openObjects({ store, blobs, journal }: S3Context): Objects {
  return {
    get: async (bucket, key) => {
      store.requireBucket(bucket);
      const object = store.find(bucket, key);
      if (object === undefined) throw s3Error('NoSuchKey', { Key: key });
      return {
        body: await buffer(store.read(store.present(object))),
        etag: object.etag,
        lastModified: object.modifiedAt,
      };
    },
    put: async (bucket, key, body, contentType) => {
      const blob = await blobs.stage(Readable.from([body]), []);
      store.put({
        bucket,
        key,
        etag: blob.md5,
        blobs: [blob],
        headers: { 'content-type': contentType },
        checksums: {},
        tags: {},
      });
      await journal.flush();
    },
    list: async function* (bucket, prefix) {
      store.requireBucket(bucket);
      for (const { key, etag, size, modifiedAt } of store.scan(bucket, { after: '', atLeast: prefix })) {
        if (!key.startsWith(prefix)) return;
        yield { key, etag, size, lastModified: modifiedAt };
      }
    },
  };
}
