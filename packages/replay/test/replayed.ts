import type { JsonObject } from '@statebag/contracts';
import { StatebagError } from '@statebag/contracts';
import { THRESHOLDS } from '@statebag/contracts/limits';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { StoredObject } from '@statebag/state-core/store/object-store';
import type { TestOptions, TestRun } from '@statebag/testing';
import { type Interruptions, type LeftBehind, leftBehind } from '@statebag/testing/left-behind';
import { type ReplayedRun, type ReplayReport, type ReplaySource, replayRun } from '../src/index.ts';

/** What happens to a run, and to what it left. */
export interface Mishaps extends Interruptions {
  /** What stands in the place of an object: other bytes, nothing, or null for itself. */
  readonly damage?: (body: Uint8Array, uri: S3Uri) => Uint8Array | 'gone' | null;
}

export interface Replayed {
  readonly run: TestRun;
  readonly report: ReplayReport;
  readonly uris: readonly S3Uri[];
}

/** Runs a workflow in memory and replays it. */
export function replayedAfter(
  document: JsonObject,
  options: TestOptions,
  { damage, ...mishaps }: Mishaps,
): Promise<Replayed> {
  return leftBehind(document, { ...options, ...mishaps }, async (left) => ({
    run: left.run,
    uris: left.store.uris(),
    report: await replayOf(left, damage),
  }));
}

/** Replays what a run left, as it is or damaged. */
export function replayOf(left: LeftBehind, damage?: Mishaps['damage']): Promise<ReplayReport> {
  return replayRun(runOf(left, damage));
}

/** What a run left, as it is replayed and recorded. */
export function runOf(left: LeftBehind, damage?: Mishaps['damage']): ReplayedRun {
  const { executionArn, location } = left;
  const config = { bucket: location.bucket, thresholds: THRESHOLDS };
  return {
    source: memorySource(left, damage),
    location,
    executionArns: [executionArn],
    config,
    showsValues: true,
  };
}

function memorySource({ store, machines }: LeftBehind, damage: Mishaps['damage'] = () => null): ReplaySource {
  const damaged = new Map<S3Uri, Promise<StoredObject>>();
  const whole = (uri: S3Uri) => {
    const known =
      damaged.get(uri) ??
      store.get(uri).then((object) => ({ ...object, ...damagedBody(object, uri, damage) }));
    damaged.set(uri, known);
    return known;
  };
  const get: ReplaySource['get'] = async (uri, range) => {
    const object = await whole(uri);
    if (!range) return object;
    return { ...object, body: object.body.subarray(range.offset, range.offset + range.bytes) };
  };
  return {
    get,
    open: async (uri, range) => ({ body: one((await get(uri, range)).body), etag: '"memory"' }),
    async *list(bucket, prefix) {
      yield* store.uris().filter((uri) => uri.startsWith(`s3://${bucket}/${prefix}`));
    },
    history: (executionArn) => machines.history(executionArn),
    async *childrenOf(mapRunArn) {
      yield* await machines.childrenOf(mapRunArn);
    },
  };
}

async function* one(piece: Uint8Array): AsyncGenerator<Uint8Array> {
  yield piece;
}

function damagedBody(
  { body }: StoredObject,
  uri: S3Uri,
  damage: NonNullable<Mishaps['damage']>,
): Pick<StoredObject, 'body'> | undefined {
  const other = damage(body, uri);
  if (other === 'gone') throw new StatebagError('Store.ObjectMissing', `${uri} does not exist`);
  return other === null ? undefined : { body: other };
}
