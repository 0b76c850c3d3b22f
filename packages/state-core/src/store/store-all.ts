import type { Json } from '@statebag/contracts';
import { HYDRATOR_LIMITS } from '@statebag/contracts/limits';
import type { PlannedWrite, StoredValue } from '../core/planned-write.ts';
import { eachBounded } from './each-bounded.ts';
import type { LruCache } from './lru-cache.ts';
import type { ObjectStore } from './object-store.ts';
import { cacheKey } from './pack-reader.ts';
import type { Read } from './read-verified.ts';

/** Where to, and the cache that reads find it in afterwards. */
export interface Storing {
  readonly store: ObjectStore;
  readonly states?: LruCache<Read>;
}

/**
 * Stores everything a plan names, before the reply. Writing what is there already is success: the address is
 * the content's hash.
 */
export async function storeAll(writes: readonly PlannedWrite[], { store, states }: Storing): Promise<void> {
  const distinct = new Map(writes.map((write) => [write.uri, write]));
  await eachBounded([...distinct.values()], HYDRATOR_LIMITS.concurrency, async (write) => {
    await store.put(write.uri, write.object);
    if (states) remember(write, states);
  });
}

/** What was written here need not be read again here. */
function remember({ uri, values }: PlannedWrite, states: LruCache<Read>): void {
  for (const value of values) states.set(cacheKey(uri, value), readFrom(value), value.text.length);
}

/** A value as reading it would give it; it is parsed when somebody asks. */
function readFrom({ text }: StoredValue): Read {
  let parsed: { readonly value: Json } | undefined;
  return {
    size: text.length,
    verified: true,
    get value() {
      // JSON.parse gives JSON
      parsed ??= { value: JSON.parse(Buffer.from(text).toString('utf8')) as Json };
      return parsed.value;
    },
  };
}
