import type { JsonObject } from '@statebag/contracts';
import { byteSizeOf } from '@statebag/state-core';
import type { StepLine } from '@statebag/step-kit';
import { compileWorkflow, readWorkflow } from '@statebag/workflow';
import { DeployedTestApp } from '../../test/deployed-app.ts';
import { legacyStart, runLegacy } from '../../test/legacy-app.ts';
import type { BenchRow } from './bench-row.ts';

const SEGMENTS = 100;
const FIELDS = 20;
const FIELD_BYTES = 5 * 1024;
const CONFIG_BYTES = 200 * 1024;
const KB = 1024;
const PUBLISHED = 'before, published';
const FIRST_GENERATION = 'first generation, same run, same work';
/** Of what the first generation carries, which is the whole state into each segment. */
const MOST_OF_FIRST = 0.35;

/** Node types whose segments are compared, one each in a workflow of the same state. */
const NODE_TYPES = ['llm_chat', 'conditional', 'data_transform', 'operator'] as const;
const SAVING_TARGETS: Readonly<Record<(typeof NODE_TYPES)[number], number>> = {
  llm_chat: 70,
  conditional: 75,
  data_transform: 65,
  operator: 60,
};

/**
 * What is carried into the segments of W100: 100 segments, 200 KB of configuration, 100 KB of state, each
 * node reading two fields. The figures published for the system before are targets only; what is compared is
 * the first generation on the same work.
 */
export async function suite(): Promise<BenchRow[]> {
  const app = await DeployedTestApp.open();
  try {
    const spread = await measure(app, 'w100-20-fields', spreadState());
    const whole = await measure(app, 'w100-1-field', { all: textOf(FIELDS * FIELD_BYTES, 0) });
    const first = await measureFirst(app, 'w100-first', spreadState());
    const short = await measure(app, 'w10', spreadState(), 10);
    return [
      {
        ...row('bytes into a segment, 20 fields of 5 KB, most', spread.most, {
          target: 25 * KB,
          reference: 400 * KB,
        }),
        known_reason: WITH_MERGE,
      },
      row('bytes into a segment, one field of 100 KB, most', whole.most, {
        target: 115 * KB,
        reference: 400 * KB,
      }),
      {
        ...row('bytes into the segments of the run, 20 fields', spread.total, {
          target: 2.5 * KB * KB,
          reference: 40 * KB * KB,
        }),
        known_reason: WITH_MERGE,
      },
      besideFirst('bytes into a segment, 20 fields of 5 KB, most, beside', spread.most, first.most),
      besideFirst('bytes into the segments of the run, 20 fields, beside', spread.total, first.total),
      row('control plane', spread.control, { target: 4 * KB, reference: 10 * KB }),
      {
        ...row('control plane, 10 segments', short.control, { target: 4 * KB, reference: spread.control }),
        ratio: short.control / spread.control,
        reference_name: '100 segments, same run',
      },
      ...(await savings(app)),
    ];
  } finally {
    await app.close();
  }
}

const WITH_MERGE =
  'since one call runs a segment and merges its result (docs/decisions/0022-one-call-a-segment.md), what the merge reads of the state is in these bytes; the target was set for the segment alone';

/** It runs a segment and merges its result. */
const EXECUTE_SEGMENT = 'segment-runner-local-executeSegment';

interface Carried {
  readonly most: number;
  readonly total: number;
  readonly control: number;
}

async function measure(
  app: DeployedTestApp,
  name: string,
  state: JsonObject,
  segments = SEGMENTS,
): Promise<Carried> {
  const run = await app.end(
    await app.start(w100(name, Object.keys(state), segments), { input: state, name }),
  );
  if (run.status !== 'SUCCEEDED') throw new Error(`${name} ${run.status} ${run.error}: ${run.cause}`);
  const control = linesOf(app, EXECUTE_SEGMENT, name).map(({ control_plane_bytes }) => control_plane_bytes);
  return { ...intoSegments(app, name), control: Math.max(...control) };
}

/** The same workflow and state on the first generation. */
async function measureFirst(
  app: DeployedTestApp,
  name: string,
  state: JsonObject,
): Promise<Omit<Carried, 'control'>> {
  const document = w100(name, Object.keys(state), SEGMENTS);
  const run = await runLegacy(app, await legacyStart(app, document, { execution_id: name, input: state }));
  if (run.status !== 'SUCCEEDED') throw new Error(`${name} ${run.status} ${run.error}: ${run.cause}`);
  return intoSegments(app, name);
}

function intoSegments(app: DeployedTestApp, name: string): Omit<Carried, 'control'> {
  const carried = linesOf(app, EXECUTE_SEGMENT, name).map(carriedInto);
  if (carried.length === 0) throw new Error(`${name} left no lines of its segments`);
  return { most: Math.max(...carried), total: carried.reduce((sum, bytes) => sum + bytes, 0) };
}

/** But for the one that a run begins with: it is given the whole input, from which the bag is made. */
function linesOf(app: DeployedTestApp, fn: string, name: string): StepLine[] {
  return app.stepLines(fn).filter(({ execution_id, action }) => execution_id === name && action !== 'init');
}

/** The event and what the segment reads because of it. */
function carriedInto({ event_bytes, hydrated_bytes }: StepLine): number {
  return event_bytes + hydrated_bytes;
}

/**
 * One model call a segment; the prompts together make the configuration. Each reads two of the fields, and
 * writes its own.
 */
function w100(name: string, fields: readonly string[], segments: number): JsonObject {
  const rule = textOf(CONFIG_BYTES / SEGMENTS - 200, 1);
  const nodes = Array.from({ length: segments }, (_, index) => {
    const read = [fields[index % fields.length], fields[(index + 1) % fields.length]];
    return {
      id: `n${index}`,
      type: 'llm_chat',
      output_key: 'answer',
      config: { prompt: `${rule} ${read.map((field) => `{{ $length(${field}) }}`).join(' ')}` },
    };
  });
  return { name, options: { llm_per_segment: 1 }, nodes };
}

/**
 * How much less than everything goes into a segment of each type: workflow, partition and state, as the first
 * generation passed them.
 */
async function savings(app: DeployedTestApp): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const type of NODE_TYPES) {
    const document = oneOf(type);
    const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), { file: `${type}.json` });
    if (!workflow) throw new Error(`the workflow of ${type} is not valid: ${JSON.stringify(diagnostics)}`);
    const { manifest, segments } = compileWorkflow(workflow);
    // all of it is JSON
    const everything = byteSizeOf({
      document,
      manifest,
      segments: [...segments.values()],
      state: spreadState(),
    } as never);
    const run = await app.end(await app.start(document, { input: spreadState(), name: type }));
    if (run.status !== 'SUCCEEDED') throw new Error(`${type} ${run.status} ${run.error}: ${run.cause}`);
    const [line] = linesOf(app, EXECUTE_SEGMENT, type);
    const saved = line ? 100 * (1 - carriedInto(line) / everything) : 0;
    const target = SAVING_TARGETS[type];
    rows.push({
      figure: `saved of a payload, ${type}`,
      unit: '%',
      ours: saved,
      reference: 0,
      reference_name: 'the whole payload, same run',
      ratio: null,
      target: `>= ${target}`,
      holds: saved >= target,
    });
  }
  return rows;
}

function oneOf(type: (typeof NODE_TYPES)[number]): JsonObject {
  const configs: Readonly<Record<typeof type, JsonObject>> = {
    llm_chat: { prompt: '{{ f0 }} {{ f1 }}' },
    conditional: { cases: [{ when: '{% $length(f0) > $length(f1) %}', to: 'end' }], default: 'end' },
    data_transform: { transform: '{% $length(f0) + $length(f1) %}' },
    operator: { set: { sum: '{% $length(f0) + $length(f1) %}' } },
  };
  const output = type === 'llm_chat' || type === 'data_transform' ? { output_key: 'result' } : {};
  const asked = (id: string, prompt: string): JsonObject => ({
    id,
    type: 'llm_chat',
    output_key: id,
    config: { prompt },
  });
  const nodes = [
    // the first segment is part of the call that is given the whole input
    { id: 'begun', type: 'wait', config: { seconds: 1 } },
    { id: 'node', type, ...output, config: configs[type] },
    asked('end', '?'),
    asked('others', textOf(CONFIG_BYTES, 2)),
  ];
  const edges = [
    { from: 'begun', to: 'node' },
    { from: 'node', to: 'end' },
    { from: 'end', to: 'others' },
  ];
  return { name: type, options: { llm_per_segment: 1 }, nodes, edges };
}

function spreadState(): JsonObject {
  return Object.fromEntries(
    Array.from({ length: FIELDS }, (_, index) => [`f${index}`, textOf(FIELD_BYTES, index)]),
  );
}

function textOf(bytes: number, seed: number): string {
  return Array.from({ length: Math.ceil(bytes / 8) }, (_, index) =>
    ((index + 1) * (seed + 7_919)).toString(36).padStart(8, '.'),
  )
    .join('')
    .slice(0, bytes);
}

function row(
  figure: string,
  ours: number,
  { target, reference }: { readonly target: number; readonly reference: number },
): BenchRow {
  return {
    figure,
    unit: 'bytes',
    ours,
    reference,
    reference_name: PUBLISHED,
    ratio: null,
    target: `<= ${target}`,
    holds: ours <= target,
  };
}

function besideFirst(figure: string, ours: number, reference: number): BenchRow {
  const ratio = ours / reference;
  return {
    figure,
    unit: 'bytes',
    ours,
    reference,
    reference_name: FIRST_GENERATION,
    ratio,
    target: `<= ${MOST_OF_FIRST}x`,
    holds: ratio <= MOST_OF_FIRST,
  };
}
