import { isJsonObject, type JsonObject, type StateBag } from '@statebag/contracts';
import type { StateHydrator } from '@statebag/state-core';
import { UsageError } from '../exit.ts';

/** The state of a snapshot as it stands, pointers in place: `pre` and `post` of the bag, or one by its address. */
export async function readSnapshot(hydrator: StateHydrator, bag: StateBag, which: string): Promise<JsonObject> {
  const known: Readonly<Record<string, string | null>> = { pre: bag.pre_snapshot_s3_path, post: bag.post_snapshot_s3_path };
  const s3_path = which in known ? known[which] : which;
  if (!s3_path)
    throw new UsageError(`--snapshot ${which}: the run has no such snapshot\n  mend: give "pre", "post" or the snapshot_s3_path that create_snapshot answered`);
  const record = await objectAt(hydrator, s3_path);
  return objectAt(hydrator, String(record['state_s3_path']));
}

async function objectAt(hydrator: StateHydrator, s3_path: string): Promise<JsonObject> {
  const value = await hydrator.object({ s3_path });
  if (isJsonObject(value)) return value;
  throw new UsageError(`${s3_path}: is not a snapshot`);
}
