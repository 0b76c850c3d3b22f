import type { JsonObject } from '@statebag/contracts';
import { DeployedTestApp, largestTransition, statesEntered } from '../../test/deployed-app.ts';
import type { BenchRow } from './bench-row.ts';

const SHORT_CALLS = 10;
const BRANCHES = 25;
const BRANCH_BYTES = 500 * 1024;
const RUNS = 40;
const AT_ONCE = 4;

/** The v3 machine on the local cloud: what its runs pass on, request and take. */
export async function suite(): Promise<BenchRow[]> {
  const app = await DeployedTestApp.open();
  try {
    const row = await figuresOf(app, 'ten-calls', inARow(SHORT_CALLS));
    const group = await figuresOf(app, 'group', parallelGroup());
    return [
      figure('transitions, 10 short model calls in a row', 'states', row.transitions, {
        target: 10,
        reference: 10,
        name: 'plain ASL, one state a call',
      }),
      figure('largest transition, 10 short model calls', 'bytes', row.largest, { target: 204_800 }),
      figure('S3 requests a segment, 10 short model calls', 'requests', row.requests, {
        target: 2 + 2 * SHORT_CALLS,
      }),
      figure(`largest transition, ${BRANCHES} branches of 500 KB`, 'bytes', group.largest, {
        target: 204_800,
      }),
      figure(`objects written, ${BRANCHES} branches of 500 KB`, 'bytes', group.written, {
        target: BRANCHES * BRANCH_BYTES,
        reference: BRANCHES * BRANCH_BYTES,
        name: 'what the branches made',
      }),
      figure(`S3 requests a segment, ${BRANCHES} branches`, 'requests', group.requests, { target: 4 }),
      await throughput(app),
    ];
  } finally {
    await app.close();
  }
}

interface Figures {
  readonly transitions: number;
  readonly largest: number;
  /** S3 requests of all functions for each segment that ran. */
  readonly requests: number;
  readonly written: number;
}

async function figuresOf(app: DeployedTestApp, name: string, document: JsonObject): Promise<Figures> {
  const run = await app.end(await app.start(document, { name }));
  if (run.status !== 'SUCCEEDED') throw new Error(`${name} ${run.status} ${run.error}: ${run.cause}`);
  const events = await app.history(run.executionArn);
  const ofRun = (fn: string) => app.stepLines(fn).filter(({ execution_id }) => execution_id === name);
  const segments = ofRun('segment-runner-local-executeSegment');
  const lines = [...segments, ...ofRun('state-data-manager-local-stateDataManager')];
  const sum = (pick: (line: (typeof lines)[number]) => number) =>
    lines.reduce((total, line) => total + pick(line), 0);
  return {
    transitions: statesEntered(events).length,
    largest: largestTransition(events),
    requests: sum(({ s3 }) => s3.puts + s3.gets) / segments.length,
    written: sum(({ s3 }) => s3.put_bytes),
  };
}

/** Small runs a second, several at once, from start to end over HTTP. */
async function throughput(app: DeployedTestApp): Promise<BenchRow> {
  const began = performance.now();
  let next = 0;
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      while (next < RUNS) await app.end(await app.start(inARow(2), { name: `small-${next++}` }));
    }),
  );
  return figure('runs of two model calls a second', 'runs/s', RUNS / ((performance.now() - began) / 1_000), {
    target: 1,
    atLeast: true,
  });
}

function inARow(calls: number): JsonObject {
  const call = (_: unknown, index: number): JsonObject => ({
    id: `call${index}`,
    type: 'llm_chat',
    output_key: `call${index}`,
    config: { prompt: `${index}?`, expected_ms: 1_000 },
  });
  return { name: 'in-a-row', nodes: Array.from({ length: calls }, call) };
}

function parallelGroup(): JsonObject {
  const branch = (_: unknown, index: number): JsonObject => {
    const id = `b${index}`;
    return {
      id,
      nodes: [
        {
          id,
          type: 'data_transform',
          output_key: id,
          config: { transform: `{% $pad('', ${BRANCH_BYTES}, '${id} ') %}` },
        },
      ],
    };
  };
  return {
    name: 'group',
    nodes: [
      { id: 'group', type: 'parallel_group', config: { branches: Array.from({ length: BRANCHES }, branch) } },
    ],
  };
}

interface Expected {
  readonly target: number;
  readonly reference?: number;
  readonly name?: string;
  readonly atLeast?: boolean;
}

function figure(
  name: string,
  unit: string,
  ours: number,
  { target, reference, name: reference_name, atLeast = false }: Expected,
): BenchRow {
  const compared = reference === undefined ? null : reference;
  const holds = atLeast ? ours >= target : ours <= target;
  return {
    figure: name,
    unit,
    ours,
    reference: compared,
    reference_name: reference_name ?? null,
    ratio: compared === null ? null : ours / compared,
    target: `${atLeast ? '>=' : '<='} ${target}`,
    holds,
  };
}
