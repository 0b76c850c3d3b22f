import { ListObjectsV2Command, type S3Client } from '@aws-sdk/client-s3';
import { accept, StatebagError } from '@statebag/contracts';
import { API_LIMITS } from '@statebag/contracts/limits';
import { confine, type RunLocation, runPrefix } from '@statebag/contracts/object-keys';
import type { CallPage, CallView } from '@statebag/contracts/schemas/api';
import type { LedgerEnd, LedgerRecord } from '@statebag/contracts/schemas/ledger-record';
import { validateLedgerEnd, validateLedgerRecord } from '@statebag/contracts/validators';
import type { RunRecord } from '@statebag/runs';
import { byteSizeOf } from '@statebag/state-core';
import { eachBounded } from '@statebag/state-core/store/each-bounded';
import type { Api } from '../open-api.ts';
import { sessionFor } from '../run/last-bag.ts';

const AT_ONCE = 16;

export interface Reader extends Pick<Api, 'bucket' | 'process'> {
  /** Lists what a run has recorded. */
  readonly s3: S3Client;
}

export interface CallsAsked {
  /** Of all nodes if not given. */
  readonly node: string | undefined;
  /** Where the page before ended. */
  readonly after: string | undefined;
}

/** Calls that the ledger of a run has recorded. As many records are read as one answer may take. */
export async function callPage(api: Reader, run: RunRecord, { node, after }: CallsAsked): Promise<CallPage> {
  const place = { bucket: api.bucket, owner_id: run.owner_id, execution_id: run.execution_id };
  const { names, next } = await namesIn(api, place, after);
  const views = new Map<string, CallView | undefined>();
  const { store } = sessionFor(api, run);
  await eachBounded(names, AT_ONCE, async (name) => {
    const { body } = await store.get(confine(`s3://${place.bucket}/${prefixOf(place)}${name}`, place));
    views.set(name, viewOf(name, JSON.parse(Buffer.from(body).toString('utf8'))));
  });
  const calls = names.flatMap((name) => views.get(name) ?? []);
  return {
    calls: fitted(calls.filter(({ node_id }) => node === undefined || node_id === node)),
    read: names.length,
    next,
  };
}

function prefixOf(place: RunLocation): string {
  return `${runPrefix(place)}ledger/`;
}

const NAME = /^[0-9a-f]{64}(\.end(-\d{1,6})?)?\.json$/;

/** Names of records and of failed attempts; that a call was about to be made is told by what came of it. */
async function namesIn(
  { s3 }: Reader,
  place: RunLocation,
  after = '',
): Promise<{ readonly names: readonly string[]; readonly next: string | null }> {
  if (after !== '' && !/^[0-9a-f]{64}[\w.-]{0,32}$/.test(after))
    throw new StatebagError(
      'Contract.EventRejected',
      `next ${JSON.stringify(after)} is not what an earlier answer gave`,
    );
  const prefix = prefixOf(place);
  const { Contents = [], IsTruncated = false } = await s3.send(
    new ListObjectsV2Command({
      Bucket: place.bucket,
      Prefix: prefix,
      MaxKeys: API_LIMITS.callsRead,
      ...(after !== '' && { StartAfter: prefix + after }),
    }),
  );
  const names = Contents.map(({ Key = '' }) => Key.slice(prefix.length));
  return {
    names: names.filter((name) => NAME.test(name)),
    next: IsTruncated ? (names.at(-1) ?? null) : null,
  };
}

/** Nothing of a failed attempt that an earlier release recorded: it does not say of which node it was. */
function viewOf(name: string, value: unknown): CallView | undefined {
  // the decisions that a replay is given lie among the calls
  if (Array.isArray(value)) return undefined;
  if (!name.includes('.end')) return answered(accept<LedgerRecord>(validateLedgerRecord, value, 'record'));
  const end = accept<LedgerEnd>(validateLedgerEnd, value, 'end of a call');
  return end.node_id === undefined ? undefined : failed({ ...end, node_id: end.node_id });
}

function answered(record: LedgerRecord): CallView {
  return {
    ...headOf(record),
    node_id: record.node_id,
    status: 'ANSWERED',
    usage: record.usage,
    ...('result' in record && { result: record.result }),
    result_bytes: 'result' in record ? byteSizeOf(record.result) : (record.pointer.size_bytes ?? null),
    error: null,
    message: null,
  };
}

function failed(end: LedgerEnd & Required<Pick<LedgerEnd, 'node_id'>>): CallView {
  const { node_id, error, message } = end;
  return { ...headOf(end), node_id, status: 'FAILED', usage: null, result_bytes: null, error, message };
}

function headOf({ key, recorded_at, place, asked, asked_bytes }: LedgerRecord | LedgerEnd) {
  return {
    key,
    at: recorded_at,
    place: place ?? null,
    asked: asked ?? null,
    asked_bytes: asked_bytes ?? null,
  };
}

/** Results while all of them together fit an answer; the state has them, too. */
function fitted(calls: readonly CallView[]): CallView[] {
  let bytes = 0;
  return calls.map((call) => {
    bytes += byteSizeOf(call);
    if (bytes <= API_LIMITS.callsBytes) return call;
    const { result: _, ...rest } = call;
    bytes -= call.result_bytes ?? 0;
    return rest;
  });
}
