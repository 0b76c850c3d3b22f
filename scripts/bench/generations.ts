import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DescribeExecutionCommand, type HistoryEvent } from '@aws-sdk/client-sfn';
import type { JsonObject } from '@statebag/contracts';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { amountsOfRun, priced } from '@statebag/cost';
import { openLegacyBag } from '@statebag/state-core/legacy';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import type { StepLine } from '@statebag/step-kit';
import { DeployedTestApp, OWNER, statesEntered } from '../../test/deployed-app.ts';
import { legacyStart, startLegacy } from '../../test/legacy-app.ts';
import { type StateMachine, statesOf } from '../asl-lint/definition.ts';
import { type BenchRow, median } from './bench-row.ts';
import { FIELDS, SEGMENTS, state, workflow } from './generations-workload.ts';

const DEFINITIONS = join(import.meta.dirname, '..', '..', 'stepfunctions', 'definitions');
const BUCKET = 'statebag-test';
const FIELD_BYTES = 5 * 1024;
const SMALL_FIELD_BYTES = 3 * 1024;
const ROUNDS = 5;
const MEASURED = 'legacy, same run, same work';

/**
 * One workflow on both generations: model calls one a segment, and a group. Over 100 KB of state the first
 * generation keeps all of it in one object and reads it whole; over 60 KB it carries all of it along.
 */
export async function suite(): Promise<BenchRow[]> {
  const app = await DeployedTestApp.open();
  try {
    await Promise.all([onV3(app, 'warm-v3', FIELD_BYTES), onLegacy(app, 'warm-legacy', FIELD_BYTES)]);
    const large = await side(app, FIELD_BYTES);
    const small = await side(app, SMALL_FIELD_BYTES);
    return [
      ...machines(),
      ...ofLarge(large),
      compared('execution history, inputs and outputs, 60 KB of state', 'bytes', {
        both: small,
        pick: ({ historyBytes }) => historyBytes,
        most: 0.8,
      }),
    ];
  } finally {
    await app.close();
  }
}

function machines(): BenchRow[] {
  const ours = statesIn('v3.asl.json');
  return [
    row('states of the standard machine', 'states', {
      ours,
      reference: 63,
      reference_name: 'the source system, published',
      most: 43 / 63,
    }),
    row('the same, beside ours', 'states', {
      ours,
      reference: statesIn('legacy.asl.json'),
      reference_name: 'legacy.asl.json',
      most: 1,
    }),
  ];
}

function ofLarge(both: Both): BenchRow[] {
  const gets = middle(both.v3, (measured) => measured.gets);
  const published = {
    ours: gets,
    reference: SEGMENTS * FIELDS,
    reference_name: 'one a field and segment, published',
    most: 0.7,
  };
  return [
    compared('transitions', 'states', { both, pick: ({ transitions }) => transitions, most: 1 }),
    compared('execution history', 'events', { both, pick: ({ historyEvents }) => historyEvents, most: 0.8 }),
    {
      ...compared('execution history, inputs and outputs, 100 KB of state', 'bytes', {
        both,
        pick: ({ historyBytes }) => historyBytes,
        most: 0.8,
      }),
      known_reason:
        'the run is told to have begun before its first segment, which takes the input along twice more',
    },
    compared('into a segment, event and what it reads', 'bytes', {
      both,
      pick: ({ segmentBytes }) => segmentBytes,
      most: 0.35,
    }),
    row('S3 GETs', 'requests', published),
    compared('the same, beside ours', 'requests', { both, pick: (measured) => measured.gets, most: 1 }),
    compared('S3 PUTs', 'requests', { both, pick: ({ puts }) => puts, most: 1 }),
    compared('repeated history lines', 'lines', { both, pick: ({ repeated }) => repeated, most: 0 }),
    compared('duration', 'ms', { both, pick: ({ ms }) => ms, most: 0.9 }),
    compared('AWS, 1,000 runs', 'US$', { both, pick: ({ usd }) => usd, most: 1 }),
  ];
}

interface Both {
  readonly v3: readonly Measured[];
  readonly legacy: readonly Measured[];
}

/** In turns, so that a busy moment of the machine meets both. */
async function side(app: DeployedTestApp, fieldBytes: number): Promise<Both> {
  const [v3, legacy]: [Measured[], Measured[]] = [[], []];
  for (let round = 0; round < ROUNDS; round++) {
    v3.push(await onV3(app, `v3-${fieldBytes}-${round}`, fieldBytes));
    legacy.push(await onLegacy(app, `legacy-${fieldBytes}-${round}`, fieldBytes));
  }
  return { v3, legacy };
}

function middle(all: readonly Measured[], pick: (measured: Measured) => number): number {
  return median(all.map(pick));
}

function compared(figure: string, unit: string, { both, pick, most }: Aim): BenchRow {
  return row(figure, unit, {
    ours: middle(both.v3, pick),
    reference: middle(both.legacy, pick),
    reference_name: MEASURED,
    most,
  });
}

interface Aim {
  readonly both: Both;
  readonly pick: (measured: Measured) => number;
  /** At most so many times the reference. */
  readonly most: number;
}

interface Measured {
  readonly transitions: number;
  readonly historyEvents: number;
  readonly historyBytes: number;
  readonly segmentBytes: number;
  readonly gets: number;
  readonly puts: number;
  readonly repeated: number;
  readonly ms: number;
  readonly usd: number;
}

async function onV3(app: DeployedTestApp, name: string, fieldBytes: number): Promise<Measured> {
  return measured(app, name, await app.start(workflow(), { input: state(fieldBytes), name }));
}

async function onLegacy(app: DeployedTestApp, name: string, fieldBytes: number): Promise<Measured> {
  return measured(
    app,
    name,
    await startLegacy(
      app,
      await legacyStart(app, workflow(), { execution_id: name, input: state(fieldBytes) }),
    ),
  );
}

async function measured(app: DeployedTestApp, name: string, executionArn: string): Promise<Measured> {
  const ended = await app.end(executionArn);
  if (ended.status !== 'SUCCEEDED') throw new Error(`${name} ${ended.status} ${ended.error}: ${ended.cause}`);
  const { startDate, stopDate } = await app.sfn.send(new DescribeExecutionCommand({ executionArn }));
  const events = await app.history(executionArn);
  const runners = linesOf(app, name, SEGMENT_RUNNERS);
  const lines = [...runners, ...linesOf(app, name, BAG_KEEPERS)];
  const segments = runners.filter(({ action }) => action !== 'init'); // that one is given the input of the run
  const transitions = statesEntered(events).length;
  const lambdaInvocations = events.filter(
    ({ taskScheduledEventDetails: task }) => task?.resourceType === 'lambda',
  ).length;
  return {
    transitions,
    historyEvents: events.length,
    historyBytes: events.reduce((total, event) => total + bytesOf(event), 0),
    segmentBytes: Math.round(
      sum(segments, ({ event_bytes, hydrated_bytes }) => event_bytes + hydrated_bytes) / segments.length,
    ),
    gets: sum(lines, ({ s3 }) => s3.gets),
    puts: sum(lines, ({ s3 }) => s3.puts),
    // a bag of either generation
    repeated: await repeatedLines(app, name, ended.envelope?.state_data as unknown as JsonObject),
    ms: (stopDate?.getTime() ?? 0) - (startDate?.getTime() ?? 0),
    usd: priced(amountsOfRun({ transitions, lambdaInvocations }, lines)).total * 1_000,
  };
}

const SEGMENT_RUNNERS = ['segment-runner-local-executeSegment'];
const BAG_KEEPERS = [
  'initializeStateData',
  'stateDataManager',
  'loadLatestState',
  'saveLatestState',
  'mergeCallback',
].map((key) => `state-data-manager-local-${key}`);

function linesOf(app: DeployedTestApp, execution: string, functions: readonly string[]): StepLine[] {
  return functions
    .flatMap((fn) => app.stepLines(fn))
    .filter(({ execution_id }) => execution_id === execution);
}

function sum(lines: readonly StepLine[], pick: (line: StepLine) => number): number {
  return lines.reduce((total, line) => total + pick(line), 0);
}

/** What an event carries, as it is stored with the history. */
function bytesOf({
  stateEnteredEventDetails: entered,
  stateExitedEventDetails: exited,
  ...event
}: HistoryEvent): number {
  const { taskScheduledEventDetails: scheduled, taskSucceededEventDetails: succeeded } = event;
  return [entered?.input, exited?.output, scheduled?.parameters, succeeded?.output].reduce(
    (total, text) => total + Buffer.byteLength(text ?? ''),
    0,
  );
}

async function repeatedLines(app: DeployedTestApp, execution: string, ended: JsonObject): Promise<number> {
  // both generations keep their lines there
  const { state_history, execution_id } = openLegacyBag(ended) as unknown as StateBag;
  const { hydrator } = openSession(openStore(s3ObjectStore(app.s3)), {
    bucket: BUCKET,
    owner_id: OWNER,
    execution_id,
  });
  const lines: readonly HistoryEntry[] = await hydrator.history(state_history);
  if (lines.length === 0) throw new Error(`${execution} left no history`);
  return lines.length - new Set(lines.map(({ id }) => id)).size;
}

function statesIn(file: string): number {
  const machine: StateMachine = JSON.parse(readFileSync(join(DEFINITIONS, file), 'utf8'));
  return statesOf(machine).length;
}

interface Compared {
  readonly ours: number;
  readonly reference: number;
  readonly reference_name: string;
  readonly most: number;
}

function row(figure: string, unit: string, { ours, reference, reference_name, most }: Compared): BenchRow {
  const ratio = reference === 0 ? null : ours / reference;
  return {
    figure,
    unit,
    ours,
    reference,
    reference_name,
    ratio,
    target: most === 0 ? '0' : `<= ${Number(most.toFixed(3))}x`,
    holds: ours <= reference * most,
  };
}
