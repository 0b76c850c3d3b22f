import type { JsonObject } from '@statebag/contracts';
import { causeText } from '@statebag/contracts/cause-text';
import { type ExecutionId, executionId, ownerId, workflowId } from '@statebag/contracts/ids';
import { type RunLocation, uploadUri } from '@statebag/contracts/object-keys';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import type { Envelope, StateBag } from '@statebag/contracts/schemas/state-bag';
import { NO_FACTS, type RunFacts, together, withEvent } from '@statebag/runs/history';
import { startEventV3, storedInput } from '@statebag/runs/start';
import { loadManifest } from '@statebag/state-core/store/load-definition';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import { virtualClock } from '@statebag/states';
import { type CompiledWorkflow, checkInput, publishDefinition } from '@statebag/workflow';
import { type AnsweredWays, type Answers, answeredWays, type CallMade } from './answers.ts';
import type { Approve } from './approvals.ts';
import { type FunctionParts, functionsOf } from './functions.ts';
import { type EndedExecution, type Machines, openMachines } from './machines.ts';
import { engineObjects } from './memory-places.ts';
import { readTested, type Tested, type TestedDocument, type TestedNodes } from './read-tested.ts';

/** What a test gives a workflow. */
export interface TestOptions {
  readonly input?: JsonObject;
  /** By node: what its calls to models, services and functions are answered. */
  readonly answers?: Answers;
  /** Who decides where the run asks a person. */
  readonly approve?: Approve;
  /** When the run begins, `2026-01-01T00:00:00.000Z` if not given. Waits and deadlines take no time. */
  readonly clock?: string | Date;
  /**
   * Node types of the project: the folder of their modules, or the declarations; `nodes` beside the workflow if
   * not given. `answers` may stand for their effects.
   */
  readonly nodes?: TestedNodes;
  /** Values of secrets by their names. One that is not given has its name as its value. */
  readonly secrets?: Readonly<Record<string, string>>;
  /** Uploads of the owner, by the names that the workflow has for them. */
  readonly uploads?: Readonly<Record<string, string | Uint8Array>>;
}

/** What became of a run. */
export interface TestRun {
  readonly status: 'SUCCEEDED' | 'FAILED';
  /** The fields that `output` nodes name, else the whole state; null where the run failed. */
  readonly output: JsonObject | null;
  /** Every field as the run left it. */
  readonly state: JsonObject;
  readonly error: { readonly name: string; readonly message: string; readonly node: string | null } | null;
  /** The nodes that ran, in their order; one in a loop as often as it ran. Nodes inside of lists are not told. */
  readonly path: readonly string[];
  /** Calls to the outside that were really made: what the ledger had is not made again. */
  readonly calls: readonly CallMade[];
  readonly history: readonly HistoryEntry[];
  /** States that were entered, segments that ran, and the largest input or output of a state. */
  readonly transitions: number;
  readonly segments: readonly string[];
  readonly largest: { readonly bytes: number; readonly state: string };
  /** How long it took in its own time, in milliseconds. */
  readonly took: number;
}

const BUCKET = 'statebag-test';
const OWNER = ownerId('test');
const RUN = executionId('test-run');
const WORKFLOW = workflowId('test');
const START = '2026-01-01T00:00:00.000Z';

/**
 * Runs a workflow on the real state machines, segment runner and sync core, in this process: nothing listens,
 * nothing outside is called, no time passes.
 * @throws where the document or the input is not valid, or where the run asks what the test gives no answer for
 */
export function runWorkflow(document: TestedDocument, options: TestOptions = {}): Promise<TestRun> {
  return leftBehind(document, options, async ({ run }) => run);
}

/** A run, and what it left: its objects, and the engine that has its history. */
export interface LeftBehind {
  readonly run: TestRun;
  readonly store: MemoryObjectStore;
  readonly machines: Machines;
  readonly executionArn: string;
  readonly location: RunLocation;
  readonly compiled: CompiledWorkflow;
  /** What became of another execution over the same objects, once it has ended; its calls are in `run.calls`, too. */
  readonly seen: (executionArn: string) => Promise<Omit<TestRun, 'calls' | 'took'>>;
}

/** What only tests of this repository give: calls of functions that die. */
export type Interruptions = Pick<FunctionParts, 'dies'>;

/** Runs a workflow and looks at what it left, while that is there. */
export async function leftBehind<Seen>(
  document: TestedDocument,
  options: TestOptions & Interruptions,
  look: (left: LeftBehind) => Promise<Seen>,
): Promise<Seen> {
  return leftBehindBy(await readTested(document, options.nodes), options, look);
}

/** What stands in the place of answers where a run is recorded, and the id that it had. */
export interface AsRecorded {
  readonly ways?: AnsweredWays & Pick<FunctionParts['outside'], 'instead'>;
  readonly run?: ExecutionId;
}

/** The same of a workflow that was read before. */
export async function leftBehindBy<Seen>(
  { compiled, nodes }: Tested,
  options: TestOptions & Interruptions & AsRecorded,
  look: (left: LeftBehind) => Promise<Seen>,
): Promise<Seen> {
  const { ways = answeredWays(options.answers ?? {}), run: execution_id = RUN } = options;
  await refuseUnfit(compiled, options.input ?? {});
  const clock = virtualClock(startOf(options));
  const store = new MemoryObjectStore();
  const mistakes: unknown[] = [];
  const { secrets = {}, approve, dies } = options;
  const functions = functionsOf({
    store,
    bucket: BUCKET,
    clock,
    outside: {
      ...ways,
      secret: async (name) => secrets[name] ?? name,
      nodes: async () => ways.answeredNodes(nodes),
    },
    approve,
    dies,
    tokens: () => machines,
    onMistake: (error) => mistakes.push(error),
  });
  const objects = engineObjects(store);
  const machines: Machines = await openMachines({ clock, functions, objects, bucket: BUCKET });
  try {
    const began = clock.now();
    const event = await prepared(store, compiled, {
      ...options,
      execution_id,
      machineArn: machines.machineArn,
    });
    const ended = await machines.run(execution_id, event);
    const told = [...mistakes, ...ways.missing.map(missingAnswer)];
    if (told.length > 0) throw told[0];
    const took = clock.now() - began;
    const run = { ...(await seen(ended, machines, store)), calls: ways.calls, took };
    return await look({
      run,
      store,
      machines,
      executionArn: ended.arn,
      location: { bucket: BUCKET, owner_id: OWNER, execution_id },
      compiled,
      seen: async (arn) => seen(await machines.ended(arn), machines, store),
    });
  } finally {
    await machines.close();
  }
}

function missingAnswer({ node, kind, asked }: CallMade): Error {
  return new Error(
    `node ${node} makes a ${kind} call that \`answers\` has nothing for: ${JSON.stringify(asked)}`,
  );
}

function startOf({ clock = START }: TestOptions): number {
  const at = new Date(clock).getTime();
  if (Number.isNaN(at)) throw new Error(`clock: ${String(clock)} is no time; write ${START}`);
  return at;
}

async function refuseUnfit({ manifest, workflow }: CompiledWorkflow, input: JsonObject): Promise<void> {
  const { problems } = await checkInput(manifest.input, input, workflow.initial_state);
  if (problems.length === 0) return;
  throw new Error(
    `input: ${problems.map(({ path, message, mend }) => `${path}: ${message}; ${mend}`).join('\n')}`,
  );
}

/** Everything that lies in the store when a run begins, and the event that begins it. */
async function prepared(
  store: MemoryObjectStore,
  compiled: CompiledWorkflow,
  {
    input = {},
    uploads = {},
    machineArn,
    execution_id,
  }: TestOptions & { readonly machineArn: string; readonly execution_id: ExecutionId },
): Promise<JsonObject> {
  const { definition_id } = compiled;
  await publishDefinition(compiled, { bucket: BUCKET, owner_id: OWNER }, store);
  for (const [name, body] of Object.entries(uploads))
    await store.put(uploadUri(BUCKET, OWNER, name), { body: Buffer.from(body), encoding: 'json' });
  const ids = {
    owner_id: OWNER,
    workflow_id: WORKFLOW,
    execution_id,
    definition_id,
    machine_arn: machineArn,
  };
  return startEventV3(ids, await storedInput({ store, bucket: BUCKET }, ids, input));
}

async function seen(
  ended: EndedExecution,
  machines: Machines,
  store: MemoryObjectStore,
): Promise<Omit<TestRun, 'calls' | 'took'>> {
  const facts = await factsOf(machines, ended.arn);
  const { transitions, segments, maxTransition: largest, lastEnvelope } = facts;
  const left = lastEnvelope === undefined ? NOTHING : await stateIn(JSON.parse(lastEnvelope), store);
  const succeeded = ended.status === 'SUCCEEDED';
  return {
    status: succeeded ? 'SUCCEEDED' : 'FAILED',
    state: left.state,
    history: left.history,
    path: left.history.map(({ node_id }) => node_id),
    output: succeeded ? left.output : null,
    error: succeeded ? null : { name: ended.error, message: causeText(ended.cause), node: left.failedAt },
    transitions,
    segments: segments.map(({ segmentId }) => segmentId),
    largest,
  };
}

interface Left {
  readonly state: JsonObject;
  readonly output: JsonObject;
  readonly history: readonly HistoryEntry[];
  readonly failedAt: string | null;
}

/** Of a run that never had a bag. */
const NOTHING: Left = { state: {}, output: {}, history: [], failedAt: null };

async function stateIn({ state_data: bag }: Envelope, store: MemoryObjectStore): Promise<Left> {
  const session = openSession(openStore(store), { bucket: BUCKET, ...idsOf(bag) });
  const { output_fields } = await loadManifest({ bucket: BUCKET, ...idsOf(bag) }, session);
  const state = await session.hydrator.fields(bag, 'all');
  const output = output_fields === null ? state : picked(state, output_fields);
  const history = await session.hydrator.history(bag.state_history);
  return { state, output, history, failedAt: bag.failed_segments?.[0]?.node_id ?? null };
}

function idsOf({ owner_id, execution_id, definition_id }: StateBag) {
  return { owner_id, execution_id, definition_id };
}

function picked(state: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(
    fields.flatMap((name) => (Object.hasOwn(state, name) ? [[name, state[name] ?? null]] : [])),
  );
}

/** Of an execution and all that it started. */
async function factsOf(machines: Machines, arn: string): Promise<RunFacts> {
  const own = (await machines.history(arn)).reduce(withEvent, NO_FACTS);
  let all = own;
  for (const child of own.children) all = together(all, await factsOf(machines, child));
  return all;
}
