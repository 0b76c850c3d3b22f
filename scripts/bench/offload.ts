import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { hydrate, type Json, type OffloadStore, offload, s3Store } from '@statebag/offload';
import { textOf } from '@statebag/state-core/testing';
import { throughMiddyStore } from '@statebag/state-core/testing/middy-store';
import type { BenchRow } from './bench-row.ts';

const STEPS = 10;
const FIELDS = 20;
/** Small enough that a state of 100 KB must leave; the same for both. */
const BUDGET = 12 * 1_024;
const REFERENCE = 'middy-store 1.x with its S3 store, same server, same work';

type State = Record<string, string>;
interface Payload {
  readonly step: number;
  readonly state: State;
}

interface Traffic {
  readonly requests: number;
  readonly bytes: number;
  readonly objects: number;
  readonly milliseconds: number;
  /** The most that a reply took. */
  readonly largest: number;
}

type Step = (payload: unknown, step: number) => Promise<unknown>;

/** Ten handlers one after the other over 20 fields of 5 KB, each reading two and writing one. */
export async function suite(): Promise<BenchRow[]> {
  const [ours, theirs] = [await traffic(ourStep, false), await traffic(middyStep, false)];
  const [oursAgain, theirsAgain] = [await traffic(ourStep, true), await traffic(middyStep, true)];
  const steps = STEPS;
  return [
    row(
      'S3 requests a step, 2 fields read and 1 written',
      'requests',
      ours.requests / steps,
      theirs.requests / steps,
      1.5,
    ),
    row('S3 bytes both ways, 10 steps', 'bytes', ours.bytes, theirs.bytes),
    row(
      'objects that a retry of every step leaves over',
      'objects',
      oursAgain.objects - ours.objects,
      theirsAgain.objects - theirs.objects,
    ),
    row('time of 10 steps', 'ms', ours.milliseconds, theirs.milliseconds, 1.5),
    {
      ...row('the largest reply', 'bytes', ours.largest, theirs.largest),
      target: `<= ${BUDGET}`,
      holds: ours.largest <= BUDGET,
      note: 'theirs is a pointer to all; of ours a Choice and a Map still see what is small',
    },
  ];
}

function row(figure: string, unit: string, ours: number, reference: number, most = 1): BenchRow {
  return {
    figure,
    unit,
    ours,
    reference,
    reference_name: REFERENCE,
    ratio: reference === 0 ? null : ours / reference,
    target: `<= ${most}x`,
    holds: ours <= reference * most,
  };
}

async function traffic(
  open: (cloud: LocalCloud, client: S3Client) => Promise<Step>,
  retried: boolean,
): Promise<Traffic> {
  const dataDir = mkdtempSync(join(tmpdir(), 'statebag-bench-'));
  const cloud = await startLocalCloud({ dataDir });
  const client = new S3Client({ ...cloud.clientOptions, forcePathStyle: true });
  try {
    await cloud.s3.createBucket('state');
    const step = await open(cloud, client);
    let payload: unknown = { step: 0, state: startState() };
    let largest = 0;
    const began = performance.now();
    for (let at = 0; at < STEPS; at += 1) {
      if (retried) await step(structuredClone(payload), at);
      payload = await step(structuredClone(payload), at);
      largest = Math.max(largest, Buffer.byteLength(JSON.stringify(payload)));
    }
    const milliseconds = performance.now() - began;
    const { requests, bytesIn, bytesOut } = cloud.s3.counters();
    const counted = Object.values(requests).reduce((total, each) => total + each, 0);
    const objects = (await client.send(new ListObjectsV2Command({ Bucket: 'state' }))).KeyCount ?? 0;
    return { requests: counted, bytes: bytesIn + bytesOut, objects, milliseconds, largest };
  } finally {
    client.destroy();
    await cloud.close();
    rmSync(dataDir, { recursive: true });
  }
}

const startState = (): State =>
  Object.fromEntries(Array.from({ length: FIELDS }, (_, index) => [`field-${index}`, textOf(5_000, index)]));

const readsOf = (step: number) => [`field-${step}`, `field-${(step + 7) % FIELDS}`];

function work({ step, state }: Payload): Payload {
  for (const field of readsOf(step)) {
    if (typeof state[field] !== 'string') throw new Error(`step ${step} was not given ${field}`);
  }
  return { step: step + 1, state: { ...state, [`field-${(step + 3) % FIELDS}`]: textOf(5_000, 100 + step) } };
}

async function ourStep(_cloud: LocalCloud, client: S3Client): Promise<Step> {
  const store: OffloadStore = s3Store(client);
  const place = { bucket: 'state', prefix: 'offload/bench/', store };
  return async (payload, step) => {
    const reads = ['step', ...readsOf(step).map((field) => `state["${field}"]`)];
    const event: Json = await hydrate(payload, { ...place, reads });
    return offload(work(event as unknown as Payload), { ...place, budget: BUDGET }); // what the step before gave
  };
}

async function middyStep(cloud: LocalCloud, client: S3Client): Promise<Step> {
  const config = {
    endpoint: cloud.endpoint,
    region: cloud.region,
    forcePathStyle: true,
    credentials: await client.config.credentials(),
  };
  return throughMiddyStore<Payload>({ config, minSize: BUDGET }, work);
}
