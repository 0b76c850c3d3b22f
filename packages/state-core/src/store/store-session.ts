import { HYDRATOR_LIMITS } from '@statebag/contracts/limits';
import type { Confinement } from '@statebag/contracts/object-keys';
import { countedStore, noStoreCounts, type StoreCounts } from './counted-store.ts';
import { LruCache } from './lru-cache.ts';
import type { ObjectStore } from './object-store.ts';
import { type IntegrityRetry, integrityRetry, type Read } from './read-verified.ts';
import { StateHydrator } from './state-hydrator.ts';

/** What a process keeps between invocations: the store, its caches, the retry strategy. */
export interface StoreProcess {
  readonly store: ObjectStore;
  readonly states: LruCache<Read>;
  readonly packs: LruCache<Uint8Array>;
  readonly definitions: LruCache<Read>;
  readonly retry: IntegrityRetry;
}

/** What one invocation reads and writes with. */
export interface StoreSession extends StoreProcess {
  /** Counts what goes through it. */
  readonly store: ObjectStore;
  readonly counts: StoreCounts;
  readonly hydrator: StateHydrator;
}

/** Made once at cold start. */
export function openStore(
  store: ObjectStore,
  { now = Date.now, random = Math.random, retry = integrityRetry(random, sleep) } = {},
): StoreProcess {
  const { stateCache, packCache, definitionCache } = HYDRATOR_LIMITS;
  return {
    store,
    states: new LruCache(stateCache, now),
    packs: new LruCache(packCache, now),
    definitions: new LruCache(definitionCache, now),
    retry,
  };
}

/** Made once per invocation: its own counts, and a reader that reaches only its own run. */
export function openSession(process: StoreProcess, reader: Confinement): StoreSession {
  const counts = noStoreCounts();
  const store = countedStore(process.store, counts);
  const { retry, states, packs, definitions } = process;
  const hydrator = new StateHydrator({
    store,
    reader,
    cache: states,
    packs,
    counts,
    retry,
    concurrency: HYDRATOR_LIMITS.concurrency,
  });
  return { store, counts, hydrator, states, packs, definitions, retry };
}

function sleep(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
