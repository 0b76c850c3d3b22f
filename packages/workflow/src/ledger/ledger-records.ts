import {
  accept,
  isJsonObject,
  isStatebagError,
  type Json,
  type JsonObject,
  type Sha256,
  StatebagError,
} from '@statebag/contracts';
import { ledgerUri, type RunLocation, type S3Uri } from '@statebag/contracts/object-keys';
import type { LedgerEnd, LedgerRecord } from '@statebag/contracts/schemas/ledger-record';
import { validateLedgerEnd, validateLedgerRecord } from '@statebag/contracts/validators';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import type { ObjectStore, StoredObject } from '@statebag/state-core/store/object-store';

/** What a run recorded of a call; null where it recorded nothing. */
export async function readRecord(
  store: ObjectStore,
  location: RunLocation,
  key: Sha256,
): Promise<LedgerRecord | null> {
  const uri = ledgerUri(location, key, 'record');
  const object = await getIfThere(store, uri);
  return (
    object && accept<LedgerRecord>(validateLedgerRecord, hashChecked(jsonOf(object), uri), 'ledger record')
  );
}

/** How an attempt of a call ended that left no result; null where nobody said it. */
export async function readEnd(
  store: ObjectStore,
  location: RunLocation,
  { key, attempt }: { readonly key: Sha256; readonly attempt: number },
): Promise<LedgerEnd | null> {
  const uri = ledgerUri(location, key, { of: 'end', attempt });
  const object = await getIfThere(store, uri);
  return object && accept<LedgerEnd>(validateLedgerEnd, hashChecked(jsonOf(object), uri), 'end of a call');
}

function jsonOf({ body }: StoredObject): Json {
  return JSON.parse(Buffer.from(body).toString('utf8'));
}

export function withHash(value: JsonObject): JsonObject {
  return { ...value, sha256: sha256Of(canonicalJson(value)) };
}

/** @throws `Store.ObjectCorrupt` where it is not what was written */
function hashChecked(value: Json, uri: S3Uri): Json {
  if (!isJsonObject(value) || value['sha256'] === undefined) return value;
  const { sha256, ...rest } = value;
  const found = sha256Of(canonicalJson(rest));
  if (found === sha256) return value;
  throw new StatebagError(
    'Store.ObjectCorrupt',
    `${uri}: its content has the hash ${found}, recorded is ${String(sha256)}`,
  );
}

export function asObject(value: JsonObject): StoredObject {
  return { body: Buffer.from(canonicalJson(value)), encoding: 'json' };
}

export async function getIfThere(store: ObjectStore, uri: S3Uri): Promise<StoredObject | null> {
  try {
    return await store.get(uri);
  } catch (error) {
    // no record: the call was not made yet
    if (isStatebagError(error) && error.name === 'Store.ObjectMissing') return null;
    throw error;
  }
}
