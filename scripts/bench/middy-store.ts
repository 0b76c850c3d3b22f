import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { universalSyncCore } from '@statebag/state-core';
import { planResult } from '@statebag/state-core/core/plan-result';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { storeAll } from '@statebag/state-core/store/store-all';
import { aBag, aDraft, aResult, aRun, set, textOf } from '@statebag/state-core/testing';
import { throughMiddyStore } from '@statebag/state-core/testing/middy-store';
import type { BenchRow } from './bench-row.ts';

const SEGMENTS = 10;
const FIELDS = 20;
const REFERENCE = 'middy-store 1.x with its S3 store, same server, same work';

/** What a run of ten segments asked of S3. */
interface Traffic {
  readonly requests: number;
  /** Requests that put the start state there. */
  readonly atStart: number;
  readonly bytes: number;
  readonly objects: number;
}

/** Resolves to the requests it had made before its first segment. */
type RunOnce = (cloud: LocalCloud, client: S3Client, retried: boolean) => Promise<number>;

/**
 * Ten segments over 20 fields of 5 KB, each reading two fields and writing one; then again with every reply
 * lost once, so that each step runs twice.
 */
export async function compareWithMiddyStore(): Promise<BenchRow[]> {
  const [ours, theirs] = [await traffic(runOurs, false), await traffic(runMiddyStore, false)];
  const [oursRetried, theirsRetried] = [await traffic(runOurs, true), await traffic(runMiddyStore, true)];
  return [
    perSegment((ours.requests - ours.atStart) / SEGMENTS, (theirs.requests - theirs.atStart) / SEGMENTS),
    compared('S3 bytes both ways, 10 segments', 'bytes', ours.bytes, theirs.bytes),
    compared(
      'objects that a retry of every step leaves over',
      'objects',
      oursRetried.objects - ours.objects,
      theirsRetried.objects - theirs.objects,
    ),
  ];
}

/**
 * Two fields read, one written: a request each. The reference moves the whole state in one request each way.
 */
function perSegment(ours: number, reference: number): BenchRow {
  return {
    ...compared('S3 requests a segment, 2 fields read and 1 written', 'requests', ours, reference),
    target: '<= 3',
    holds: ours <= 3,
  };
}

function compared(figure: string, unit: string, ours: number, reference: number): BenchRow {
  return {
    figure,
    unit,
    ours,
    reference,
    reference_name: REFERENCE,
    ratio: reference === 0 ? null : ours / reference,
    target: '<= 1x',
    holds: ours <= reference,
  };
}

async function traffic(run: RunOnce, retried: boolean): Promise<Traffic> {
  const dataDir = mkdtempSync(join(tmpdir(), 'statebag-bench-'));
  const cloud = await startLocalCloud({ dataDir });
  const client = new S3Client({ ...cloud.clientOptions, forcePathStyle: true });
  try {
    await cloud.s3.createBucket('state');
    const atStart = await run(cloud, client, retried);
    const { requests, bytesIn, bytesOut } = cloud.s3.counters();
    return {
      requests: sum(Object.values(requests)),
      atStart,
      bytes: bytesIn + bytesOut,
      objects: await objectsIn(client),
    };
  } finally {
    client.destroy();
    await cloud.close();
    rmSync(dataDir, { recursive: true });
  }
}

async function objectsIn(client: S3Client): Promise<number> {
  return (await client.send(new ListObjectsV2Command({ Bucket: 'state' }))).KeyCount ?? 0;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function startState(): Record<string, string> {
  return Object.fromEntries(
    Array.from({ length: FIELDS }, (_, index) => [`field-${index}`, textOf(5_000, index)]),
  );
}

const readBy = (segment: number) => [`field-${segment}`, `field-${(segment + 7) % FIELDS}`];
const writtenBy = (segment: number) => ({
  field: `field-${(segment + 3) % FIELDS}`,
  value: textOf(5_000, 100 + segment),
});

async function runOurs(_cloud: LocalCloud, client: S3Client, retried: boolean): Promise<number> {
  const run = aRun(s3ObjectStore(client));
  let bag = await aBag(startState(), run);
  const { puts } = run.session.counts;
  for (let segment = 0; segment < SEGMENTS; segment += 1) {
    const step = () => ourStep(bag, segment, run);
    if (retried) await step();
    bag = await step();
  }
  return puts;
}

async function ourStep(
  bag: StateBag,
  segment: number,
  { context, session }: ReturnType<typeof aRun>,
): Promise<StateBag> {
  await session.hydrator.fields(bag, readBy(segment));
  const { field, value } = writtenBy(segment);
  const { result, writes } = planResult(aDraft(bag, [set(field, value)]), context);
  await storeAll(writes, session);
  return (await universalSyncCore(bag, aResult(bag, result.delta), context)).envelope.state_data;
}

/**
 * The same steps as Middy handlers that take and return the whole state, stored where it is over 12 KB as
 * ours is.
 */
async function runMiddyStore(cloud: LocalCloud, client: S3Client, retried: boolean): Promise<number> {
  const config = {
    endpoint: cloud.endpoint,
    region: cloud.region,
    forcePathStyle: true,
    credentials: await client.config.credentials(),
  };
  const step = throughMiddyStore<Payload>({ config, minSize: 12 * 1_024 }, ({ segment, state }) => {
    const { field, value } = writtenBy(segment);
    return { segment: segment + 1, state: { ...state, [field]: value } };
  });
  let payload: unknown = { segment: 0, state: startState() };
  for (let segment = 0; segment < SEGMENTS; segment += 1) {
    if (retried) await step(structuredClone(payload));
    payload = await step(structuredClone(payload));
  }
  return 0;
}

interface Payload {
  readonly segment: number;
  readonly state: Record<string, string>;
}
