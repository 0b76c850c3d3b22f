import type { ObjectStore } from './object-store.ts';

/** What one invocation asked of the store. */
export interface StoreCounts {
  puts: number;
  gets: number;
  /** Writes that found their content there already. */
  dedupe_hits: number;
  put_bytes: number;
  get_bytes: number;
  cache_hits: number;
  /** Objects that neither their pointer nor the store had a hash for. */
  unverified: number;
  /** Uncompressed bytes of everything read, from the store or a cache. */
  hydrated_bytes: number;
}

export function noStoreCounts(): StoreCounts {
  return {
    puts: 0,
    gets: 0,
    dedupe_hits: 0,
    put_bytes: 0,
    get_bytes: 0,
    cache_hits: 0,
    unverified: 0,
    hydrated_bytes: 0,
  };
}

/** The same store, adding what goes through it to the counts of one invocation. */
export function countedStore(store: ObjectStore, counts: StoreCounts): ObjectStore {
  return {
    async put(uri, object) {
      counts.puts += 1;
      counts.put_bytes += object.body.length;
      const outcome = await store.put(uri, object);
      if (outcome === 'existed') counts.dedupe_hits += 1;
      return outcome;
    },
    async get(uri, range) {
      counts.gets += 1;
      const object = await store.get(uri, range);
      counts.get_bytes += object.body.length;
      return object;
    },
  };
}
