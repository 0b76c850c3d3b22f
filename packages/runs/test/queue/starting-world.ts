import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { StatebagError, type Timestamp } from '@statebag/contracts';
import { type ExecutionId, executionId, type OwnerId, ownerId, workflowId } from '@statebag/contracts/ids';
import type { StartSettings } from '@statebag/contracts/schemas/rollout';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '@statebag/local-cloud';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { compileWorkflow, readWorkflow } from '@statebag/workflow';
import { type LifecycleEvent, openRuns, type RunRecord, type Runs } from '../../src/index.ts';
import {
  type Clock,
  dispatchStarts,
  type StartQueue,
  sdkExecutions,
  startQueue,
} from '../../src/queue/index.ts';
import { sdkStarts, startRun } from '../../src/start-run.ts';
import { createRunsTable } from '../runs-table.ts';

const BUCKET = 'starts';
const TABLE = 'statebag-runs-starts';
const STAYS_OPEN = {
  StartAt: 'Wait',
  States: { Wait: { Type: 'Wait', Seconds: 3_600, Next: 'Done' }, Done: { Type: 'Succeed' } },
};

/** A world of a time of its own; the cloud's options otherwise. */
export interface Opening extends Partial<Omit<LocalCloudOptions, 'clock'>> {
  readonly clock?: Clock;
  readonly cloudClock?: LocalCloudOptions['clock'];
  /** Its definition; without it, one that stays open for an hour. */
  readonly machine?: object;
}

/** A clock that passes by being waited for. */
export function drivenClock(): Clock {
  let now = Date.parse('2026-03-01T08:00:00.000Z');
  return {
    now: () => now,
    pause: async (ms) => {
      now += ms;
    },
  };
}

const WATCH = { step: 'initialize', name: 'calls' } as const;

/** A machine, a table and a bucket, with starters and dispatchers over real clients, in a time that is driven. */
export class StartingWorld {
  settings: StartSettings = {};
  /** Called before each request to Step Functions or to the table; what it throws, the client throws. */
  onCall: (command: string) => unknown = () => undefined;
  /** The same after its answer: what it throws, the client throws, and the request was done. */
  onAnswer: (command: string) => unknown = () => undefined;
  readonly woken: number[] = [];
  readonly told: LifecycleEvent[] = [];
  /** Executions that were asked for, and those that the service took, in order: name of each. */
  readonly asked: string[] = [];
  readonly begun: string[] = [];
  readonly #cloud: LocalCloud;
  readonly #dataDir: string;
  readonly #machine: string;
  readonly sfn: SFNClient;
  readonly #client: DynamoDBClient;
  readonly #s3: S3Client;
  readonly runs: Runs;
  queue: StartQueue;
  readonly clock: Clock;
  #dispatchers = 0;

  private constructor(cloud: LocalCloud, dataDir: string, machine: string, clock: Clock) {
    this.clock = clock;
    this.#cloud = cloud;
    this.#dataDir = dataDir;
    this.#machine = machine;
    const settings = { ...cloud.clientOptions, maxAttempts: 1 };
    this.sfn = new SFNClient(settings);
    this.#client = new DynamoDBClient(settings);
    this.sfn.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          await this.onCall(commandName);
          if (commandName !== 'StartExecutionCommand') return next(args);
          const name = String(Reflect.get(args.input, 'name'));
          this.asked.push(name);
          const answer = await next(args);
          this.begun.push(name);
          await this.onAnswer(commandName);
          return answer;
        },
      WATCH,
    );
    this.#client.middlewareStack.add(
      (next, { commandName = '' }) =>
        async (args) => {
          await this.onCall(commandName);
          const answer = await next(args);
          await this.onAnswer(commandName);
          return answer;
        },
      WATCH,
    );
    this.#s3 = new S3Client({ ...settings, forcePathStyle: true });
    this.runs = openRuns({ client: this.#client, table: TABLE });
    this.queue = this.starter();
  }

  static async open({
    clock = drivenClock(),
    cloudClock,
    machine = STAYS_OPEN,
    ...options
  }: Opening = {}): Promise<StartingWorld> {
    const dataDir = mkdtempSync(join(tmpdir(), 'statebag-queue-'));
    const cloud = await startLocalCloud({
      dataDir,
      durable: false,
      ...options,
      ...(cloudClock && { clock: cloudClock }),
    });
    await cloud.s3.createBucket(BUCKET);
    const client = new DynamoDBClient(cloud.clientOptions);
    await createRunsTable(client, TABLE);
    client.destroy();
    const sfn = new SFNClient(cloud.clientOptions);
    const { stateMachineArn = '' } = await sfn.send(
      new CreateStateMachineCommand({
        name: 'starts',
        definition: JSON.stringify(machine),
        roleArn: 'arn:aws:iam::000000000000:role/starts',
      }),
    );
    sfn.destroy();
    return new StartingWorld(cloud, dataDir, stateMachineArn, clock);
  }

  /** The queue of a process that has just begun. */
  starter(): StartQueue {
    return startQueue({
      book: this.runs.starts,
      waiting: this.runs.waiting,
      runs: this.runs,
      settings: async () => this.settings,
      isDraining: () => this.runs.startsLease.isHeld(this.clock.now()),
      wake: async () => void this.woken.push(this.clock.now()),
      now: () => this.clock.now(),
    });
  }

  async start(owner: string, id: string, { input = {}, key }: { input?: object; key?: string } = {}) {
    return startRun(
      {
        starts: sdkStarts(this.sfn),
        store: s3ObjectStore(this.#s3),
        bucket: BUCKET,
        runs: this.runs,
        queue: this.queue,
        now: () => this.clock.now(),
      },
      {
        owner_id: ownerId(owner),
        workflow_id: workflowId('one'),
        execution_id: executionId(id),
        generation: 'v3',
        machine_arn: this.#machine,
        definition: COMPILED,
        given: { input: { ...input } },
        idempotency_key: key,
      },
    );
  }

  /** A dispatcher that works until nothing is left that may begin, or until `onCall` stops it. */
  dispatch({ thorough = false }: { thorough?: boolean } = {}) {
    this.#dispatchers += 1;
    return dispatchStarts(
      {
        runs: this.runs,
        book: this.runs.starts,
        waiting: this.runs.waiting,
        lease: this.runs.startsLease,
        executions: sdkExecutions(this.sfn),
        settings: async () => this.settings,
        events: { put: async (event) => void this.told.push(event) },
        clock: this.clock,
      },
      { holder: `dispatcher-${this.#dispatchers}`, deadline: { remainingMs: () => 600_000 }, thorough },
    );
  }

  async run(id: string): Promise<RunRecord> {
    const run = await this.runs.getRun(executionId(id));
    if (run) return run;
    throw new StatebagError('Run.NotFound', `there is no run ${id}`);
  }

  /** Ends a run as the recorder does: its record, and its place. */
  async end(owner: string, id: string): Promise<void> {
    const execution_arn = (await this.run(id)).execution_arns.at(-1) ?? '';
    await this.runs.finishRun(executionId(id), {
      execution_arn,
      status: 'SUCCEEDED',
      ended_at: new Date(this.clock.now()).toISOString() as Timestamp, // the one form toISOString has
    });
    await this.runs.starts.give(ownerId(owner), executionId(id));
  }

  async waiting(owner: string): Promise<number> {
    const found = (await this.runs.starts.waitingOwners()).find(({ owner_id }) => owner_id === owner);
    return found?.waiting ?? 0;
  }

  inLine(owner: OwnerId): Promise<readonly ExecutionId[]> {
    return this.runs.waiting
      .firstInLine(owner, 1_000)
      .then(({ runs }) => runs.map(({ execution_id }) => execution_id));
  }

  async close(): Promise<void> {
    for (const client of [this.sfn, this.#client, this.#s3]) client.destroy();
    await this.#cloud.close();
    rmSync(this.#dataDir, { recursive: true, force: true });
  }
}

const COMPILED = compiled();

function compiled() {
  const node = { id: 'a', type: 'data_transform', output_key: 'a', config: { transform: '{% 1 %}' } };
  const document = { name: 'one', version: '1', nodes: [node], edges: [] };
  const { workflow } = readWorkflow(JSON.stringify(document), { file: 'one.json' });
  if (!workflow) throw new Error('the workflow of this test is invalid');
  return compileWorkflow(workflow);
}
