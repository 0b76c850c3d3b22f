import type { S3Client } from '@aws-sdk/client-s3';
import { isJsonObject, type JsonObject } from '@statebag/contracts';
import type { ObjectKind } from '@statebag/contracts/object-keys';
import type { Envelope, StateBag } from '@statebag/contracts/schemas/state-bag';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { keptStateOf, openLegacyBag } from '@statebag/state-core/legacy';
import { loadManifest } from '@statebag/state-core/store/load-definition';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import type { StateHydrator } from '@statebag/state-core/store/state-hydrator';
import { openSession, openStore, type StoreSession } from '@statebag/state-core/store/store-session';
import { UsageError } from '../exit.ts';

/** The bag a run had last; undefined where it never had one. */
export function lastBag(lastEnvelope: string | undefined): StateBag | undefined {
  if (lastEnvelope === undefined) return undefined;
  return openedBag(JSON.parse(lastEnvelope));
}

/** A bag as it is read; one of the first generation is laid open: what is read of a run lies in it where v3 has it. */
export function openedBag({ state_data }: Envelope): StateBag {
  return openLegacyBag(state_data as unknown as JsonObject) as unknown as StateBag;
}

/** Reads what a bag points to, and nothing of any other run. */
export function sessionFor(s3: S3Client, { owner_id, execution_id, definition_id }: StateBag): StoreSession {
  return openSession(openStore(s3ObjectStore(s3)), {
    bucket: LOCAL_APP.bucket,
    owner_id,
    execution_id,
    definition_id,
  });
}

/** The run's output: the fields its `output` nodes name, else all of its state. */
export async function readOutput(s3: S3Client, bag: StateBag): Promise<JsonObject> {
  const session = sessionFor(s3, bag);
  const { output_fields } = await loadManifest(
    { bucket: LOCAL_APP.bucket, owner_id: bag.owner_id, definition_id: bag.definition_id },
    session,
  );
  return session.hydrator.fields(keptStateOf(bag), output_fields ?? 'all');
}

/**
 * The state of a snapshot as it stands, pointers in place: `pre` and `post` of the bag, or one by its
 * address.
 */
export async function readSnapshot(
  hydrator: StateHydrator,
  bag: StateBag,
  which: string,
): Promise<JsonObject> {
  const known: Readonly<Record<string, string | null>> = {
    pre: bag.pre_snapshot_s3_path,
    post: bag.post_snapshot_s3_path,
  };
  const s3_path = which in known ? known[which] : which;
  if (!s3_path)
    throw new UsageError(
      `--snapshot ${which}: the run has no such snapshot\n  mend: give "pre", "post" or the snapshot_s3_path that create_snapshot answered`,
    );
  const record = await objectAt(hydrator, s3_path, 'snapshots');
  return objectAt(hydrator, String(record['state_s3_path']), 'blobs');
}

async function objectAt(hydrator: StateHydrator, s3_path: string, kind: ObjectKind): Promise<JsonObject> {
  const value = await hydrator.object({ s3_path }, [kind]);
  if (isJsonObject(value)) return value;
  throw new UsageError(`${s3_path}: is not a snapshot`);
}
