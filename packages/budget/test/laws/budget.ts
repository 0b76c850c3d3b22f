import { zstdDecompressSync } from 'node:zlib';
import type { HistoryEvent } from '@aws-sdk/client-sfn';
import type { Json, JsonObject } from '@statebag/contracts';
import { API_LIMITS } from '@statebag/contracts/limits';
import { priced, sum } from '@statebag/cost';
import { type Asked, law } from '@statebag/law';
import { byteSizeOf } from '@statebag/state-core';
import type { StoredObject } from '@statebag/state-core/store/object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import { type LeftBehind, leftBehind } from '@statebag/testing/left-behind';
import { type CompiledWorkflow, compileWorkflow, fieldsToHydrate, readDocument } from '@statebag/workflow';
import fc from 'fast-check';
import { type Budget, budgetOfWorkflow, type Measure } from '../../src/index.ts';
import { type Fill, FULL, fillOf, fills } from './fills.ts';
import { type BoundedCase, boundedWorkflow, commentOf } from './workflows.ts';

/** How long the names of runs in tests are, and what the engine adds: with these a bound is as tight as it can be. */
const NAMES = {
  bucket: 13,
  owner_id: 4,
  execution_id: 8,
  workflow_id: 4,
  machine_arn: 57,
  idempotency_key: 0,
  task_token: 96,
  call_metadata: 448,
};

/** What was measured in a run, by what it is measured against. */
export type Measured = Partial<Record<Measure, number>>;

/** Of many workflows: how close the largest that was seen came to its bound. */
export interface Tightness {
  readonly cases: number;
  readonly runs: number;
  readonly succeeded: number;
  readonly ratios: Readonly<Record<string, readonly number[]>>;
}

/**
 * No figure of a run exceeds its bound, whatever its data are. @throws naming the figure and the case
 */
export async function budgetsAreSound(asked: Asked): Promise<Tightness> {
  const ratios: Record<string, number[]> = {};
  let [cases, runs, succeeded] = [0, 0, 0];
  const property = fc.asyncProperty(boundedWorkflow, fills, async (drawn, drawnFills) => {
    const compiled = compiledOf(drawn);
    const budget = budgetOfWorkflow(compiled, { answers: drawn.schemas, names: NAMES });
    const seen: Measured = {};
    for (const fill of [FULL, ...drawnFills.map(fillOf)]) {
      const { measured, status } = await measuredRun(drawn, fill, compiled);
      compare(budget, measured, () =>
        JSON.stringify({ document: drawn.document, input: inputOf(drawn, fill) }),
      );
      for (const [measure, value] of Object.entries(measured))
        seen[measure as Measure] = Math.max(seen[measure as Measure] ?? 0, value);
      runs += 1;
      succeeded += status === 'SUCCEEDED' ? 1 : 0;
    }
    cases += 1;
    note(ratios, budget, seen);
  });
  await law(property, asked);
  return { cases, runs, succeeded, ratios };
}

function compiledOf({ document }: BoundedCase): CompiledWorkflow {
  const { workflow, diagnostics } = readDocument(document, {
    file: 'case.json',
    readFile: () => ({ ok: false, reason: 'none' }) as never,
  });
  if (!workflow) throw new Error(`the case is not valid: ${JSON.stringify(diagnostics)}`);
  return compileWorkflow(workflow);
}

interface MeasuredRun {
  readonly measured: Measured;
  readonly status: string;
}

function inputOf({ input }: Pick<BoundedCase, 'input'>, fill: Fill): JsonObject {
  return Object.fromEntries(
    Object.entries(input).map(([name, { value }]): [string, Json] => [name, value(fill)]),
  );
}

async function measuredRun(
  { document, input, answers }: BoundedCase,
  fill: Fill,
  compiled: CompiledWorkflow,
): Promise<MeasuredRun> {
  const given = inputOf({ input }, fill);
  const options = {
    input: given,
    answers: Object.fromEntries(
      Object.entries(answers).map(([id, { value }]) => [id, () => answerTo(document, id, value(fill))]),
    ),
    approve: () => ({ choice: 'approve', comment: commentOf(fill) }),
  };
  return leftBehind(document, options, async (left) => ({
    measured: await measuresOf(left, compiled, given),
    status: left.run.status,
  }));
}

function answerTo(document: JsonObject, id: string, value: Json): Json {
  return JSON.stringify(document).includes(`{"id":"${id}","type":"api_call"`)
    ? { status: 200, body: value }
    : value;
}

/** Figures of a run and of every execution that it started. */
async function measuresOf(
  left: LeftBehind,
  compiled: CompiledWorkflow,
  input: JsonObject,
): Promise<Measured> {
  const { run, store, machines, executionArn } = left;
  const measured: Measured = {};
  const most = (measure: Measure, value: number) => {
    measured[measure] = Math.max(measured[measure] ?? 0, value);
  };
  const all = await executions(machines, executionArn);
  for (const events of all) {
    most('history events', events.length);
    for (const event of events) measureEvent(event, input, most);
  }
  for (const { items } of run.history) if (items) most('items', items.total);
  const usage = run.history.map((entry) => entry.usage).filter((each) => each !== undefined);
  measured.transitions = run.transitions;
  measured.duration = run.took / 1_000;
  measured.requests = all
    .flat()
    .filter(({ taskScheduledEventDetails: task }) => task?.resourceType === 'lambda').length;
  measured.tokens = usage.reduce(
    (sum, { input_tokens, output_tokens }) => sum + input_tokens + output_tokens,
    0,
  );
  for (const event of all.flat()) most('memory', await readBySegment(event, left, { ...compiled, input }));
  measured.dollars = priced({
    ...sum([]),
    transitions: run.transitions,
    lambda_requests: measured.requests,
    s3_puts: store.uris().length,
    llm_calls: usage.length,
    tokens_nano_usd: usage.reduce((total, { cost_nano_usd }) => total + cost_nano_usd, 0),
  }).total;
  for (const uri of store.uris()) most('object', bytesIn(await store.get(uri)));
  return measured;
}

/** Repeated characters compress to nothing, others do not: what counts is what is in an object. */
function bytesIn({ body, encoding }: StoredObject): number {
  return encoding === 'json+zstd' ? zstdDecompressSync(body).length : body.length;
}

interface Begun extends Pick<CompiledWorkflow, 'manifest' | 'segments'> {
  readonly input: JsonObject;
}

/** The same for the segment that a run begins with, whose fields are at hand. */
function readByFirst({ input, manifest, segments }: Begun): number {
  const segment = segments.get(manifest.first_segment);
  const fields = { ...manifest.initial_state, ...input };
  const reads = segment ? fieldsToHydrate(segment, null) : [];
  if (reads === 'all') return byteSizeOf(fields);
  return byteSizeOf(Object.fromEntries(Object.entries(fields).filter(([name]) => reads.includes(name))));
}

/** What the fields take that a segment is about to read. */
async function readBySegment(
  { taskScheduledEventDetails: task }: HistoryEvent,
  { store, location }: LeftBehind,
  { definition_id, manifest, segments, input }: Begun & Pick<CompiledWorkflow, 'definition_id'>,
): Promise<number> {
  const { FunctionName = '', Payload } = JSON.parse(task?.parameters ?? '{}');
  if (!String(FunctionName).endsWith('ExecuteSegment')) return 0;
  const { state_data: bag } = Payload;
  if (!bag) return readByFirst({ input, manifest, segments });
  const segment = segments.get(bag.segment_to_run);
  if (!segment) throw new Error(`the run enters ${bag.segment_to_run}, which the plan does not have`);
  const session = openSession(openStore(store), { ...location, definition_id });
  return byteSizeOf(await session.hydrator.fields(bag, fieldsToHydrate(segment, bag.cursor)));
}

async function executions(machines: LeftBehind['machines'], arn: string): Promise<readonly HistoryEvent[][]> {
  const own = await machines.history(arn);
  const started = own.flatMap(({ taskSubmittedEventDetails: task }) =>
    task?.resourceType === 'states' ? [String(JSON.parse(task.output ?? '{}').ExecutionArn)] : [],
  );
  const below: (readonly HistoryEvent[][])[] = [];
  for (const each of started) below.push(await executions(machines, each));
  return [own, ...below.flat()];
}

type Most = (measure: Measure, value: number) => void;

const bytes = (text: string | undefined): number => Buffer.byteLength(text ?? '');

/** They have what they are about beside the bag before them, too. */
const INSIDE: ReadonlySet<string> = new Set([
  'ChooseWorkers',
  'ProcessInlineChunks',
  'ProcessDistributedChunks',
]);

/** Where a bag travels with an answer, with the pointers of branches, or with an error beside it. */
const BESIDE: Readonly<Record<string, Measure>> = {
  WaitForCallback: 'callback',
  MergeCallbackResult: 'callback',
  WaitForAsyncLLM: 'callback',
  MergeAsyncResult: 'callback',
  ProcessParallelBranches: 'map output',
  PrepareDistributedExecution: 'map output',
  ChooseWorkers: 'map output',
  ProcessInlineChunks: 'map output',
  ProcessDistributedChunks: 'map output',
  AggregateDistributedResults: 'map output',
  AggregateParallelResults: 'map output',
  TakeSegmentFailure: 'cause',
  SyncStateData: 'cause',
  TakeFailure: 'cause',
  WorkflowFailed: 'cause',
};

function measureEvent(event: HistoryEvent, input: JsonObject, most: Most): void {
  const entered = event.stateEnteredEventDetails;
  const exited = event.stateExitedEventDetails;
  if (entered) measureData(entered.name ?? '', entered.input, most, 'in');
  if (exited) measureData(exited.name ?? '', exited.output, most, 'out');
  if (event.taskScheduledEventDetails?.resourceType === 'lambda') {
    const { InvocationType, Payload } = JSON.parse(event.taskScheduledEventDetails.parameters ?? '{}');
    const begins = Payload?.action === 'init';
    const given = begins ? { ...Payload, start: startEvent(Payload.start, input) } : (Payload ?? null);
    most(InvocationType === 'Event' ? 'async payload' : 'payload', byteSizeOf(given));
    if (begins) most('start', byteSizeOf(given.start));
  }
  if (event.taskSucceededEventDetails?.resourceType === 'lambda')
    most('result', bytes(event.taskSucceededEventDetails.output));
}

/** The test kit uploads every input; where a run is started, a small one travels in the event. */
function startEvent({ input_s3_path = null, ...event }: JsonObject, input: JsonObject): JsonObject {
  return byteSizeOf(input) <= API_LIMITS.inlineInputBytes ? { ...event, input } : { ...event, input_s3_path };
}

function measureData(state: string, text: string | undefined, most: Most, way: 'in' | 'out'): void {
  const data = JSON.parse(text ?? 'null');
  const bag = data?.state_data;
  const failed = bag?.next_action === 'FAILED' || bag?.status === 'FAILED' || data?.error_info !== undefined;
  const beside = BESIDE[state];
  // what goes in is the bag alone where the state waits or begins a group, what comes out where it merges
  const merges = state.startsWith('Merge') || state.startsWith('Aggregate');
  const isThere = beside === 'cause' || INSIDE.has(state) || way === (merges ? 'in' : 'out');
  const isBeside = beside !== undefined && isThere;
  most(failed ? 'cause' : isBeside ? beside : 'transition', bytes(text));
  if (bag && !failed) most('bag', bytes(JSON.stringify(bag)));
}

function compare(budget: Budget, measured: Measured, shown: () => string): void {
  for (const [measure, value] of Object.entries(measured)) {
    const lines = budget.lines.filter((line) => line.measure === measure);
    // of lists the largest: which of them was seen is not told
    const line = lines.reduce<(typeof lines)[number] | undefined>(
      (most, each) => (most && most.bound >= each.bound ? most : each),
      undefined,
    );
    if (!line) throw new Error(`${measure}: ${value} was measured, and the budget says nothing of it`);
    const bound = line.undisturbed ?? line.bound;
    if (value > bound)
      throw new Error(
        `${measure}: ${value} was measured, and the bound is ${bound} (${line.at} ${line.field}): ${shown()}`,
      );
  }
}

function note(ratios: Record<string, number[]>, budget: Budget, seen: Measured): void {
  for (const { measure, bound, undisturbed } of budget.lines) {
    const value = seen[measure];
    if (value === undefined || value === 0 || !Number.isFinite(bound)) continue;
    ratios[measure] = [...(ratios[measure] ?? []), (undisturbed ?? bound) / value];
  }
}

/** What `npm run laws -- budget` prints. */
export async function prove({
  count,
  seed,
}: {
  readonly count: number;
  readonly seed: number;
}): Promise<string> {
  const { cases, runs, succeeded, ratios } = await budgetsAreSound({ cases: count, seed });
  const told = Object.entries(ratios).map(([measure, all]) => `${measure} ${medianOf(all).toFixed(2)}`);
  return `${cases} workflows, ${runs} runs, ${succeeded} of them succeeded; bound / largest seen, median: ${told.join(', ')}`;
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}
