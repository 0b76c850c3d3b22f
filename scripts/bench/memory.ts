import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { JsonObject } from '@statebag/contracts';
import type { BenchRow } from './bench-row.ts';
import { HandlerWorld, type Wanted } from './handlers/handler-world.ts';
import { textFields, transform } from './run-workloads.ts';

const FUNCTION = 'executeSegment';
const MEMORIES = [128, 256, 512, 640, 1_024, 1_769, 3_008] as const;
/** What the template says, and what the others are beside. */
const CHOSEN = 1_024;
/** Lambda gives a function one whole processor at so many MB, and less of one below ("Lambda function memory"). */
const WHOLE_PROCESSOR_MB = 1_769;
/** What S3 and DynamoDB take to answer in the same region, until somebody measures it: an assumption. */
const REQUEST_MS = 15;
/** What Lambda's runtime gives V8 of a function's memory. */
const HEAP = { old: 0.9, young: 0.05 };

interface Workload {
  readonly name: string;
  readonly wanted: Wanted;
  readonly runs: number;
}

/** One model call a segment; each reads two fields of the state and writes one. */
function calls(name: string, prompts: readonly string[], before: readonly JsonObject[] = []): JsonObject {
  const asked = prompts.map(
    (prompt, index): JsonObject => ({
      id: `n${index}`,
      type: 'llm_chat',
      output_key: `answer${index}`,
      config: { prompt },
    }),
  );
  return { name, options: { llm_per_segment: 1 }, nodes: [...before, ...asked] };
}

const SEGMENTS = 10;
const places = Array.from({ length: SEGMENTS }, (_, index) => index);
const ROW = 'row with a little text as rows have, to take up space: ';

const WORKLOADS: readonly Workload[] = [
  {
    name: 'W100, 100 KB of state',
    runs: 10,
    wanted: {
      workflow: calls(
        'w100',
        places.map((index) => `{{ $length(f${index}) }} {{ $length(f${index + 1}) }}`),
      ),
      input: textFields(20, 5 * 1_024),
    },
  },
  {
    name: '5 MB of state',
    runs: 3,
    wanted: {
      workflow: calls(
        'w5mb',
        places.map((index) => `{{ pages[${index}].rows[7] }}`),
        [
          transform(
            'pages',
            `{% [[0..19].{ 'page': $, 'rows': $map([0..3999], function($row) { '${ROW}' & $row * 7 }) }] %}`,
          ),
        ],
      ),
      input: {},
    },
  },
];

/** What one call takes, on average over a run's; undefined where the process has not survived it. */
interface Measured {
  readonly cpuMs: number;
  readonly requests: number;
  readonly peakMb: number;
}

/**
 * What a call of executeSegment is billed for at each memory: the processor time that was measured, at the share
 * of a processor that Lambda gives, and the time that it waits for its requests. The process has the heap of that
 * memory, so that what the collector takes is in it.
 */
export async function suite(): Promise<BenchRow[]> {
  const dataDir = await mkdtemp(join(tmpdir(), 'statebag-memory-'));
  const world = await HandlerWorld.open(dataDir);
  try {
    const rows: BenchRow[] = [];
    for (const workload of WORKLOADS) {
      const measured = new Map<number, Measured | undefined>();
      for (const mb of MEMORIES) measured.set(mb, await measure(world, workload, mb));
      rows.push(...rowsOf(workload, measured));
    }
    return rows;
  } finally {
    await world.close();
    await rm(dataDir, { recursive: true, force: true });
  }
}

async function measure(
  world: HandlerWorld,
  { wanted, runs }: Workload,
  mb: number,
): Promise<Measured | undefined> {
  await world.restart([
    `--max-old-space-size=${Math.round(mb * HEAP.old)}`,
    `--max-semi-space-size=${Math.max(1, Math.round(mb * HEAP.young))}`,
  ]);
  try {
    await world.run(wanted);
    await world.forget();
    for (let run = 0; run < runs; run++) await world.run(wanted);
  } catch (error) {
    if (error instanceof Error && /the process of a function ended|ended FAILED/.test(error.message))
      return undefined;
    throw error;
  }
  const took = (await world.took()).get(FUNCTION);
  if (!took) throw new Error(`${FUNCTION} was not called`);
  const { calls: count, cpuMs, requests, peakBytes } = took;
  return { cpuMs: cpuMs / count, requests: requests / count, peakMb: peakBytes / 2 ** 20 };
}

/** Milliseconds from the event to the reply. */
function duration({ cpuMs, requests }: Measured, mb: number): number {
  return cpuMs / Math.min(1, mb / WHOLE_PROCESSOR_MB) + requests * REQUEST_MS;
}

function billed(measured: Measured, mb: number): number {
  return (Math.ceil(duration(measured, mb)) * mb) / 1_024;
}

function rowsOf({ name }: Workload, all: ReadonlyMap<number, Measured | undefined>): BenchRow[] {
  const fitting = [...all].flatMap(([mb, each]) => (each && each.peakMb <= mb ? [{ mb, each }] : []));
  const chosen = fitting.find(({ mb }) => mb === CHOSEN);
  if (!chosen) throw new Error(`${name} does not fit into ${CHOSEN} MB`);
  const reference = billed(chosen.each, CHOSEN);
  const rows = fitting.map(({ mb, each }): BenchRow => {
    const ours = billed(each, mb);
    return {
      figure: `${name}: a call with ${mb} MB`,
      unit: 'GB ms',
      ours,
      reference,
      reference_name: `${CHOSEN} MB`,
      ratio: ours / reference,
      target: 'shown',
      holds: true,
      note: `${each.cpuMs.toFixed(1)} ms of a processor, ${each.requests.toFixed(1)} requests, ${duration(each, mb).toFixed(0)} ms in all; ${each.peakMb.toFixed(0)} MB at most`,
    };
  });
  return [...rows, cheapest(name, rows, fitting), ...notFitting(name, all)];
}

function cheapest(
  name: string,
  rows: readonly BenchRow[],
  fitting: readonly { readonly mb: number }[],
): BenchRow {
  const least = Math.min(...rows.map(({ ours }) => ours));
  return {
    figure: `${name}: the cheapest that fits`,
    unit: 'MB',
    ours: fitting[rows.findIndex(({ ours }) => ours === least)]?.mb ?? Number.NaN,
    reference: null,
    reference_name: null,
    ratio: null,
    target: 'shown',
    holds: true,
    note: 'an evaluation in a process of its own may take 336 MB beside it',
  };
}

function notFitting(name: string, all: ReadonlyMap<number, Measured | undefined>): BenchRow[] {
  const out = [...all].filter(([mb, each]) => each === undefined || each.peakMb > mb);
  return out.map(([mb, each]) => ({
    figure: `${name}: ${mb} MB do not do`,
    unit: 'MB',
    ours: mb,
    reference: each?.peakMb ?? null,
    reference_name: each ? 'held at most' : 'the process has run out of memory',
    ratio: null,
    target: 'shown',
    holds: true,
  }));
}
