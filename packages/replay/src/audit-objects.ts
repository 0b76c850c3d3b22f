import { isJsonObject, isStatebagError, type Json, type Sha256 } from '@statebag/contracts';
import { type RunLocation, runPrefix, type S3Uri } from '@statebag/contracts/object-keys';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import type { StoredObject } from '@statebag/state-core/store/object-store';
import { readVerified } from '@statebag/state-core/store/read-verified';
import type { MetCall } from '@statebag/workflow';
import type { ObjectFault } from './recorded-store.ts';
import type { ReplaySource } from './source.ts';

/** What is known of a run once it was repeated. */
export interface Audited {
  readonly location: RunLocation;
  /** Calls that its segments made, by their keys. */
  readonly calls: ReadonlyMap<string, MetCall>;
}

export interface Audit {
  readonly objects: number;
  readonly faults: readonly ObjectFault[];
}

const NO_RETRY = { delayAfter: () => undefined, sleep: async () => {} };

/** Holds every object of a run against its own hash, and every record of a call against the call. */
export async function auditObjects(source: ReplaySource, audited: Audited): Promise<Audit> {
  const faults: ObjectFault[] = [];
  let objects = 0;
  const { location } = audited;
  for await (const uri of source.list(location.bucket, runPrefix(location))) {
    objects += 1;
    const what = await faultOf(uri, source, audited).catch(damage);
    if (what !== null) faults.push({ uri, what });
  }
  return { objects, faults };
}

const LEDGER = /\/ledger\/([0-9a-f]{64})[^/]*\.json$/;
const PACK = /\/packs\/([0-9a-f]{64})\.pack$/;
const VALUE = /\/(?:blobs|history|snapshots|map)\/([0-9a-f]{64})\.json(?:\.zst|\.gz)?$/;

async function faultOf(uri: S3Uri, source: ReplaySource, audited: Audited): Promise<string | null> {
  const [call, pack, value] = [LEDGER, PACK, VALUE].map((form) => form.exec(uri)?.[1]);
  if (call !== undefined) return faultOfRecord(call, await source.get(uri), audited);
  if (pack !== undefined) {
    const found = sha256Of(Buffer.from((await source.get(uri)).body));
    return found === pack ? null : `its bytes have the hash ${found}`;
  }
  if (value === undefined) return null; // named by no hash: what a list came to is compared where it is read
  const wanted = { uri, sha256: value as Sha256 }; // of its form
  await readVerified(wanted, { store: { get: source.get, put: refuse }, retry: NO_RETRY });
  return null;
}

/** What reading says of an object that is damaged or gone. */
function damage(error: unknown): string {
  if (isStatebagError(error) && ['Store.ObjectCorrupt', 'Store.ObjectMissing'].includes(error.name))
    return error.message;
  throw error;
}

function refuse(): Promise<never> {
  return Promise.reject(new Error('a replay writes nothing'));
}

function faultOfRecord(key: string, { body }: StoredObject, { calls }: Audited): string | null {
  const text = Buffer.from(body).toString('utf8');
  const record = parsed(text);
  if (!isJsonObject(record)) return 'it is no JSON object';
  if (canonicalJson(record) !== text) return 'it is not written as records are';
  if (record['key'] !== key) return `it is the record of ${String(record['key'])}`;
  const { sha256, ...rest } = record;
  if (sha256 !== undefined) {
    const found = sha256Of(canonicalJson(rest));
    return found === sha256 ? null : `its content has the hash ${found}, recorded is ${String(sha256)}`;
  }
  const met = calls.get(key);
  return met === undefined ? null : otherCall(record, met);
}

/** An intent, and a record of an earlier release, have no hash: they can be held against their call. */
function otherCall(record: { readonly [member: string]: Json }, { place, input }: MetCall): string | null {
  const expected: Readonly<Record<string, Json>> = {
    node_id: place.node_id,
    node_version: place.node_version,
    input_sha256: sha256Of(canonicalJson(input)),
  };
  const wrong = Object.keys(expected).find((name) => name in record && record[name] !== expected[name]);
  return wrong === undefined
    ? null
    : `its ${wrong} is ${JSON.stringify(record[wrong])}; the call has ${JSON.stringify(expected[wrong])}`;
}

/** Undefined for what is no JSON: an object that was damaged. */
function parsed(text: string): Json | undefined {
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
