import { HYDRATOR_LIMITS } from '@statebag/contracts';
import type { PlannedWrite } from '../core/planned-write.ts';
import { eachBounded } from './each-bounded.ts';
import type { ObjectStore } from './object-store.ts';

/** Stores everything a plan names, before the reply. Writing what is there already is success: the address is the content's hash. */
export async function storeAll(writes: readonly PlannedWrite[], store: ObjectStore): Promise<void> {
  const distinct = new Map(writes.map((write) => [write.uri, write.object]));
  await eachBounded([...distinct], HYDRATOR_LIMITS.concurrency, ([uri, object]) => store.put(uri, object));
}
