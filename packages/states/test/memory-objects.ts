import { ApiError, type Objects } from '../src/ports/services.ts';

/** S3 in memory. */
export interface MemoryObjects extends Objects {
  /** The text of an object, or undefined. */
  text(bucket: string, key: string): string | undefined;
  set(bucket: string, key: string, text: string): void;
  keys(bucket: string): readonly string[];
}

export function memoryObjects(): MemoryObjects {
  const stored = new Map<string, Uint8Array>();
  const at = (bucket: string, key: string): string => `${bucket}/${key}`;
  const keys = (bucket: string): string[] =>
    [...stored.keys()]
      .filter((name) => name.startsWith(`${bucket}/`))
      .map((name) => name.slice(bucket.length + 1))
      .toSorted();
  const text = (bucket: string, key: string): string | undefined => {
    const body = stored.get(at(bucket, key));
    return body && new TextDecoder().decode(body);
  };
  return {
    text,
    keys,
    set: (bucket, key, value) => void stored.set(at(bucket, key), new TextEncoder().encode(value)),
    async get(bucket, key) {
      const body = stored.get(at(bucket, key));
      if (!body) throw new ApiError('NoSuchKey', 'The specified key does not exist.', { status: 404 });
      return { body, etag: 'etag', lastModified: 0 };
    },
    async put(bucket, key, body) {
      stored.set(at(bucket, key), body);
    },
    async *list(bucket, prefix) {
      for (const key of keys(bucket))
        if (key.startsWith(prefix))
          yield {
            key,
            etag: 'etag',
            size: stored.get(at(bucket, key))?.length ?? 0,
            lastModified: 1_000_500,
          };
    },
  };
}
