import type { S3Client } from '@aws-sdk/client-s3';
import type { Envelope, JsonObject, StateBag } from '@statebag/contracts';
import { loadManifest, openSession, openStore, type StoreSession, s3ObjectStore } from '@statebag/state-core';
import { LOCAL_APP } from '../cloud/local-app.ts';

/** The bag a run had last; undefined where it never had one. */
export function lastBag(lastEnvelope: string | undefined): StateBag | undefined {
  if (lastEnvelope === undefined) return undefined;
  const envelope: Envelope = JSON.parse(lastEnvelope);
  return envelope.state_data;
}

/** Reads what a bag points to, and nothing of any other run. */
export function sessionFor(s3: S3Client, { owner_id, execution_id, definition_id }: StateBag): StoreSession {
  return openSession(openStore(s3ObjectStore(s3)), { bucket: LOCAL_APP.bucket, owner_id, execution_id, definition_id });
}

/** The run's output: the fields its `output` nodes name, else all of its state. */
export async function readOutput(s3: S3Client, bag: StateBag): Promise<JsonObject> {
  const session = sessionFor(s3, bag);
  const { output_fields } = await loadManifest({ bucket: LOCAL_APP.bucket, owner_id: bag.owner_id, definition_id: bag.definition_id }, session);
  return session.hydrator.fields(bag.current_state, output_fields ?? 'all');
}
