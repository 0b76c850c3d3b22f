import type { JsonObject } from '@statebag/contracts';
import { amountsOfRun } from '@statebag/cost';
import { rehearse } from '@statebag/cost/rehearse';
import { compileWorkflow, readWorkflow } from '@statebag/workflow';
import type { BenchRow } from './bench-row.ts';
import { type DirectoryCosts, directoryCosts } from './growth-directory.ts';
import { branches, calls, textFields, transform } from './run-workloads.ts';

/** What grows, from small to large, and what a run of that size is. */
interface Curve {
  readonly name: string;
  readonly unit: string;
  readonly sizes: readonly number[];
  readonly work: (size: number) => { readonly document: JsonObject; readonly input: JsonObject };
  /** Figures that may grow faster than the size, with the reason. */
  readonly known?: Readonly<Record<string, string>>;
}

const KB = 1_024;
const ONE_A_SEGMENT = { llm_per_segment: 1 };
const CURVES: readonly Curve[] = [
  {
    name: 'state',
    unit: 'KB',
    sizes: [10, 100, 1_000, 5_000, 20_000],
    work: (size) => ({ document: calls(10, ONE_A_SEGMENT), input: textFields(20, (size * KB) / 20) }),
  },
  {
    name: 'fields of 100 B',
    unit: 'fields',
    sizes: [10, 100, 500, 2_000],
    work: (size) => ({ document: calls(10, ONE_A_SEGMENT), input: textFields(size, 100) }),
  },
  {
    name: 'segments',
    unit: 'segments',
    sizes: [10, 100, 1_000, 5_000],
    work: (size) => ({ document: turns(size / SEGMENTS_A_TURN), input: {} }),
  },
  {
    name: 'branches',
    unit: 'branches',
    sizes: [2, 10, 50, 200],
    work: (size) => ({ document: branches(size), input: {} }),
  },
  {
    name: 'items',
    unit: 'items',
    sizes: [10, 100, 1_000, 10_000, 100_000],
    work: (size) => ({ document: items(), input: { count: size } }),
  },
];

/** Growth a little above linear is the measurement's own. */
const LINEAR = 1.1;
/** What has to stay as it is, however much there is: ten times as much may take half as long again. */
const FLAT = 0.18;
const RUNS_KEPT = [10, 100, 1_000, 10_000, 100_000];

/**
 * Each cost of a run against its size. The exponent is that of the last step of the curve, where what costs
 * the same for every run weighs least: 1 is linear, 0 is flat.
 */
export async function suite(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  await measured(CURVES[0]?.work(10)); // the first run pays for everything that is loaded
  for (const curve of CURVES) {
    const points = [];
    for (const size of curve.sizes) {
      process.stderr.write(`${curve.name}: ${size}\n`);
      points.push({ size, ...(await measured(curve.work(size))) });
    }
    for (const figure of FIGURES) rows.push(row(curve, figure, points));
  }
  return [...rows, ...(await directoryRows())];
}

/** What is done with a data directory, against the runs that are in it. */
async function directoryRows(): Promise<BenchRow[]> {
  const points = await directoryCosts(RUNS_KEPT);
  const done = { open: 'opened', list: 'listed', show: 'one shown', start: 'one more run' } as const;
  return (Object.keys(done) as (keyof DirectoryCosts)[]).map((key) => ({
    ...growthOf(
      points.map((point) => ({ size: point.size, value: point[key] })),
      { figure: `runs in one data directory: ${done[key]}`, units: 'runs → ms of CPU', most: FLAT },
    ),
  }));
}

interface Figures {
  readonly cpu: number;
  readonly transitions: number;
  readonly puts: number;
  readonly written: number;
  readonly largest: number;
}

type Point = Figures & { readonly size: number };

const FIGURES = [
  { key: 'cpu', name: 'CPU', unit: 'ms' },
  { key: 'transitions', name: 'transitions', unit: 'states' },
  { key: 'puts', name: 'S3 PUTs', unit: 'requests' },
  { key: 'written', name: 'bytes written', unit: 'B' },
  { key: 'largest', name: 'largest transition', unit: 'B' },
] as const satisfies readonly { readonly key: keyof Figures; readonly name: string; readonly unit: string }[];

async function measured(work: ReturnType<Curve['work']> | undefined): Promise<Figures> {
  if (!work) throw new RangeError('a curve without work');
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(work.document), { file: 'growth.json' });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const before = process.cpuUsage();
  const { status, error, facts, lines } = await rehearse(compileWorkflow(workflow), work.input);
  const { user, system } = process.cpuUsage(before);
  if (status !== 'SUCCEEDED') throw new Error(`${String(work.document['name'])}: ${error}`);
  const { transitions, s3_puts: puts } = amountsOfRun(facts, lines);
  const written = lines.reduce((all, { s3 }) => all + s3.put_bytes, 0);
  return { cpu: (user + system) / 1_000, transitions, puts, written, largest: facts.maxTransition.bytes };
}

function row(
  { name, unit, known }: Curve,
  figure: (typeof FIGURES)[number],
  points: readonly Point[],
): BenchRow {
  const known_reason = known?.[figure.key];
  return {
    ...growthOf(
      points.map((point) => ({ size: point.size, value: point[figure.key] })),
      { figure: `${name}: ${figure.name}`, units: `${unit} → ${figure.unit}`, most: LINEAR },
    ),
    ...(known_reason !== undefined && { known_reason }),
  };
}

/** The exponent of the last step of a curve. */
function growthOf(
  points: readonly { readonly size: number; readonly value: number }[],
  { figure, units, most }: { readonly figure: string; readonly units: string; readonly most: number },
): BenchRow {
  const [before, last] = points.slice(-2);
  if (!before || !last) throw new RangeError(`${figure}: a curve needs two sizes`);
  const grown = Math.log(Math.max(1, last.value) / Math.max(1, before.value));
  const exponent = grown / Math.log(last.size / before.size);
  const drawn = points.map(({ size, value }) => `${short(size)} → ${short(value)}`).join(', ');
  return {
    figure,
    unit: 'exponent',
    ours: exponent,
    reference: 1,
    reference_name: 'linear',
    ratio: exponent,
    target: `<= ${most}`,
    holds: exponent <= most,
    note: `${units}: ${drawn}`,
  };
}

function short(value: number): string {
  return value.toLocaleString('en-US', { maximumFractionDigits: value < 100 ? 1 : 0 });
}

const SEGMENTS_A_TURN = 2;

/** Iterations of a loop that the state machine turns: each ends at a wait. */
function turns(count: number): JsonObject {
  const body = {
    nodes: [transform('n', '{% $index + 1 %}'), { id: 'pause', type: 'wait', config: { seconds: 1 } }],
    edges: [{ from: 'n', to: 'pause' }],
  };
  const config = { max_iterations: count, until: `{% n = ${count} %}`, body };
  return { name: 'turns', nodes: [{ id: 'again', type: 'loop', config }] };
}

/** A distributed list that makes its own items. */
function items(): JsonObject {
  const body = { nodes: [transform('doubled', '{% $item * 2 %}')] };
  const config = { items: '{% [1..count] %}', distributed: 'map_reduce', max_items: 100_000, body };
  const nodes = [
    { id: 'in', type: 'input', config: { fields: ['count'] } },
    { id: 'each', type: 'for_each', output_key: 'all', config },
  ];
  return { name: 'items', nodes, edges: [{ from: 'in', to: 'each' }] };
}
