import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import type { Functions } from '@statebag/states';
import { type RunOptions, StateMachine } from 'aws-local-stepfunctions';
import { atLeast, atMost, type BenchRow } from './bench-row.ts';
import { CALLING, COUNTING, EACH_BATCH, LOOPS, STATES_OF_COUNTING, TASKS } from './engine-machines.ts';

const REFERENCE = 'aws-local-stepfunctions 3.0.0, in memory';
const ROUNDS = 3;
/** A round of calls takes a tenth of a second: more of them, so that one finds the machine free. */
const CALLING_ROUNDS = 20;
const COUNTING_EXECUTIONS = 10;
const CALLING_EXECUTIONS = 100;
/** The task, and a Pass and a Choice that count it. */
const STATES_OF_A_TASK = 3;
const LEAST_THROUGH_THREADS = 5_000;
const SYNCED =
  'a call goes out only when the disk has what leads to it (packages/states/README.md, Durability); the library keeps nothing';
const ITEMS = 10_000;
const MEBIBYTE = 2 ** 20;

/**
 * The local engine: states and tasks a second with its journal on disk, beside the best library in memory; a
 * large map; its memory.
 */
export async function suite(): Promise<BenchRow[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'statebag-bench-'));
  const cloud = await startLocalCloud({ dataDir, taskFunctions: ECHO });
  try {
    const rows = [await statesRow(cloud), ...(await tasksRows(cloud)), ...(await mapRows(cloud))];
    return [...rows, await threadsRow()];
  } finally {
    await cloud.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

const ECHO: Functions = {
  invoke: async ({ payload }) => ({
    statusCode: 200,
    requestId: 'bench',
    executedVersion: '$LATEST',
    payload,
  }),
};

async function statesRow(cloud: LocalCloud): Promise<BenchRow> {
  const machine = await createMachine(cloud, 'counting', COUNTING);
  const states = COUNTING_EXECUTIONS * STATES_OF_COUNTING;
  const ours =
    states /
    (await best(() => executeAll(cloud, machine, { input: { loops: LOOPS }, count: COUNTING_EXECUTIONS })));
  const library = new StateMachine(COUNTING);
  const reference =
    states / (await best(() => all(COUNTING_EXECUTIONS, () => library.run({ loops: LOOPS }).result)));
  return faster({ figure: 'Pass and Choice states', unit: 'states/s', ours, reference });
}

/**
 * Calls of standard executions, whose every call waits for the disk, and of express ones; in turns with the
 * library, so that what else goes on in the machine meets all of them.
 */
async function tasksRows(cloud: LocalCloud): Promise<BenchRow[]> {
  const library = new StateMachine(CALLING);
  const options: RunOptions = { overrides: { taskResourceLocalHandlers: { Call: async (event) => event } } };
  const rounds = {
    standard: await callingRound(cloud),
    express: await expressRound(cloud),
    reference: () => all(CALLING_EXECUTIONS, () => library.run({ tasks: TASKS }, options).result),
  };
  const seconds = { standard: LONG, express: LONG, reference: LONG };
  for (let round = 0; round < CALLING_ROUNDS; round += 1)
    for (const kind of KINDS) seconds[kind] = Math.min(seconds[kind], await timed(rounds[kind]));
  const row = (kind: 'standard' | 'express'): BenchRow =>
    faster({
      figure: `task states, ${CALLING_EXECUTIONS} ${kind} executions at once`,
      unit: 'tasks/s',
      ours: (CALLING_EXECUTIONS * TASKS) / seconds[kind],
      reference: (CALLING_EXECUTIONS * TASKS) / seconds.reference,
    });
  const standard = row('standard');
  return [standard.holds ? standard : { ...standard, known_reason: SYNCED }, row('express')];
}

const KINDS = ['standard', 'express', 'reference'] as const;
const LONG = Number.POSITIVE_INFINITY;

async function expressRound(cloud: LocalCloud): Promise<() => Promise<unknown>> {
  const stateMachineArn = await createMachine(cloud, 'calling-express', CALLING, 'EXPRESS');
  const input = JSON.stringify({ tasks: TASKS });
  return () =>
    all(CALLING_EXECUTIONS, async () => {
      const started = cloud.states['StartSyncExecution']?.({ stateMachineArn, input });
      const { status }: { status?: string } = (await started) ?? {};
      if (status !== 'SUCCEEDED') throw new Error(`an express execution ended ${status}`);
    });
}

/** What runs all calls of a round. */
async function callingRound(cloud: LocalCloud): Promise<() => Promise<void>> {
  const machine = await createMachine(cloud, 'calling', CALLING);
  return () => executeAll(cloud, machine, { input: { tasks: TASKS }, count: CALLING_EXECUTIONS });
}

/** The same machine with a real function in its threads. */
async function threadsRow(): Promise<BenchRow> {
  const dataDir = mkdtempSync(join(tmpdir(), 'statebag-bench-'));
  const cloud = await startLocalCloud({ dataDir });
  try {
    await cloud.functions.deploy({
      name: 'echo',
      bundle: Buffer.from('exports.handler = async (event) => event;'),
      config: { exportName: 'handler', memorySize: 128, timeout: 3, environment: {} },
      settings: { maxConcurrency: 4, maximumRetryAttempts: 0, maximumEventAgeSeconds: 60 },
    });
    const seconds = await best(await callingRound(cloud), CALLING_ROUNDS);
    const ours = (STATES_OF_A_TASK * CALLING_EXECUTIONS * TASKS) / seconds;
    const figure = 'states around a function in its threads';
    return atLeast(LEAST_THROUGH_THREADS, { figure, unit: 'states/s', ours });
  } finally {
    await cloud.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

async function mapRows(cloud: LocalCloud): Promise<BenchRow[]> {
  await cloud.s3.createBucket('bench');
  const lines = Array.from({ length: ITEMS }, (_, index) =>
    JSON.stringify({ id: index, text: 'x'.repeat(100) }),
  );
  await cloud.s3.put('bench', 'items.jsonl', Buffer.from(lines.join('\n')), 'application/x-ndjson');
  const machine = await createMachine(cloud, 'each-batch', EACH_BATCH);
  const before = settledMemory();
  let peak = before;
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 20);
  const seconds = await timed(() => executeAll(cloud, machine, { input: {}, count: 1 }));
  clearInterval(watch);
  const growth = (Math.max(peak, process.memoryUsage().rss) - before) / MEBIBYTE;
  return [
    atMost(60, { figure: `distributed map of ${ITEMS} items in batches of 100`, unit: 's', ours: seconds }),
    atMost(150, { figure: 'memory growth during that map', unit: 'MiB', ours: growth }),
  ];
}

async function createMachine(
  { states }: LocalCloud,
  name: string,
  definition: object,
  type = 'STANDARD',
): Promise<string> {
  const created: { stateMachineArn?: string } =
    (await states['CreateStateMachine']?.({
      ...{ name, type },
      definition: JSON.stringify(definition),
      roleArn: 'role',
    })) ?? {};
  return created.stateMachineArn ?? '';
}

/** Starts the executions together and waits until the last has succeeded. */
async function executeAll(
  { states }: LocalCloud,
  stateMachineArn: string,
  { input, count }: { input: object; count: number },
): Promise<void> {
  const started = await all(count, async () => ({
    ...(await states['StartExecution']?.({ stateMachineArn, input: JSON.stringify(input) })),
  }));
  for (const execution of started) {
    for (;;) {
      const { status }: { status?: string } = (await states['DescribeExecution']?.(execution)) ?? {};
      if (status === 'SUCCEEDED') break;
      if (status !== 'RUNNING') throw new Error(`an execution of ${stateMachineArn} ended ${status}`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }
}

function all<T>(count: number, start: () => Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, start));
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** The shortest of a few rounds: the one that other processes have disturbed least. */
async function best(work: () => Promise<unknown>, count = ROUNDS): Promise<number> {
  const rounds: number[] = [];
  for (let round = 0; round < count; round += 1) rounds.push(await timed(work));
  return Math.min(...rounds);
}

function settledMemory(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

function faster({
  figure,
  unit,
  ours,
  reference,
}: {
  figure: string;
  unit: string;
  ours: number;
  reference: number;
}): BenchRow {
  return {
    figure,
    unit,
    ours,
    reference,
    reference_name: REFERENCE,
    ratio: ours / reference,
    target: '>= 1x',
    holds: ours >= reference,
  };
}
