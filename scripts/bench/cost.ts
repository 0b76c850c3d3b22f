import type { JsonObject } from '@statebag/contracts';
import { amountsOfRun, priced } from '@statebag/cost';
import { rehearse } from '@statebag/cost/rehearse';
import { compileWorkflow, readWorkflow } from '@statebag/workflow';
import type { BenchRow } from './bench-row.ts';
import { branches, calls, textFields, transform } from './run-workloads.ts';

const FIELDS = 20;
const FIELD_BYTES = 5 * 1024;
const CALLS = 10;
const SEGMENTS = 100;
const BRANCHES = 25;
/** A step of plain Step Functions is a state and a call. */
const PLAIN = 'plain ASL, one task a step';
const APART = 'run and merged in two calls, each value an object of its own; counted before';

/**
 * What runs take on the real definitions, counted. Time is not: it is the same on any cloud that is asked
 * alike.
 */
export async function suite(): Promise<BenchRow[]> {
  const [one, many, short, group] = [
    await counted(inOneSegment(), textFields(FIELDS, FIELD_BYTES)),
    await counted(calls(SEGMENTS, { llm_per_segment: 1 }), textFields(FIELDS, FIELD_BYTES)),
    await counted(calls(CALLS, {}), {}),
    await counted(branches(BRANCHES), {}),
  ];
  const apart = { transitions: 4 + 3 * SEGMENTS, calls: 1 + 2 * SEGMENTS };
  return [
    row(`transitions, ${CALLS} short model calls`, 'states', {
      ours: short.transitions,
      of: [CALLS, PLAIN],
      most: 0.5,
    }),
    row(`calls, ${CALLS} short model calls`, 'calls', { ours: short.calls, of: [CALLS, PLAIN], most: 0.1 }),
    row(`calls with start and record, ${CALLS} short model calls`, 'calls', {
      ours: short.calls + AROUND_A_RUN,
      of: [CALLS, PLAIN],
      most: 0.4,
    }),
    row(`transitions, ${SEGMENTS} segments`, 'states', {
      ours: many.transitions,
      of: [apart.transitions, APART],
      most: 0.7,
    }),
    row(`calls, ${SEGMENTS} segments`, 'calls', { ours: many.calls, of: [apart.calls, APART], most: 0.6 }),
    row(`S3 PUTs besides the ledger, ${SEGMENTS} segments`, 'requests', {
      ours: many.puts - SEGMENTS * RECORDS_A_CALL,
      of: [SEGMENTS, 'one a segment'],
      most: 1.2,
    }),
    row(`S3 PUTs, ${CALLS} steps over 100 KB in one segment`, 'requests', {
      ours: one.puts,
      of: [29, APART],
      most: 0.04,
    }),
    row(`S3 GETs, ${CALLS} steps over 100 KB in one segment`, 'requests', {
      ours: one.gets,
      of: [12, APART],
      most: 0.17,
    }),
    row(`transitions, ${BRANCHES} branches`, 'states', {
      ours: group.transitions,
      of: [4 + 3 + 3 + 4 * BRANCHES, APART],
      most: 0.8,
    }),
    row(`calls, ${BRANCHES} branches`, 'calls', {
      ours: group.calls,
      of: [4 + 2 * BRANCHES, APART],
      most: 0.6,
    }),
    row(`states and S3, a million runs of ${SEGMENTS} segments`, 'US$', {
      ours: many.usd * 1e6,
      of: [priced({ ...many.amounts, ...apartAmounts(apart) }).total * 1e6, APART],
      most: 0.75,
    }),
  ];
}

/** startRun, and recordStatusChange once, for the end: `test/run-endings.test.ts` counts it. */
const AROUND_A_RUN = 2;
/** Its answer: a call that may be made again leaves nothing else. */
const RECORDS_A_CALL = 1;

function apartAmounts({ transitions, calls }: { readonly transitions: number; readonly calls: number }) {
  return { transitions, lambda_requests: calls };
}

interface Counted {
  readonly transitions: number;
  readonly calls: number;
  readonly puts: number;
  readonly gets: number;
  readonly usd: number;
  readonly amounts: ReturnType<typeof amountsOfRun>;
}

async function counted(document: JsonObject, input: JsonObject): Promise<Counted> {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), { file: 'bench.json' });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const rehearsal = await rehearse(compileWorkflow(workflow), input);
  if (rehearsal.status !== 'SUCCEEDED') throw new Error(`${String(document['name'])}: ${rehearsal.error}`);
  // the time that this machine took says nothing of what Lambda would bill
  const amounts = { ...amountsOfRun(rehearsal.facts, rehearsal.lines), lambda_gb_seconds: 0 };
  const { transitions, lambda_requests: calls, s3_puts: puts, s3_gets: gets } = amounts;
  return { transitions, calls, puts, gets, usd: priced(amounts).total, amounts };
}

function inOneSegment(): JsonObject {
  const nodes = Array.from({ length: CALLS }, (_, step) =>
    transform(`step${step}`, `{% '${step}' & $substring(f${step + CALLS}, 1) %}`, `f${step}`),
  );
  return { name: 'one-segment', nodes };
}

interface Compared {
  readonly ours: number;
  readonly of: readonly [reference: number, name: string];
  /** At most so many times the reference. */
  readonly most: number;
}

function row(
  figure: string,
  unit: string,
  { ours, of: [reference, reference_name], most }: Compared,
): BenchRow {
  const holds = ours <= reference * most;
  return {
    figure,
    unit,
    ours,
    reference,
    reference_name,
    ratio: ours / reference,
    target: `<= ${most}x`,
    holds,
  };
}
