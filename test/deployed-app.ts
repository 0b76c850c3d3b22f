import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { S3Client } from '@aws-sdk/client-s3';
import {
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  type HistoryEvent,
  ListExecutionsCommand,
  ListStateMachineVersionsCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Json, JsonObject } from '@statebag/contracts';
import { executionId, ownerId } from '@statebag/contracts/ids';
import type { Answer } from '@statebag/contracts/schemas/answer';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import { SCHEMA_VERSION } from '@statebag/contracts/statuses';
import { deployApp } from '@statebag/deployment/stack';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';
import { type HeldApproval, openRuns } from '@statebag/runs';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { openSession, openStore } from '@statebag/state-core/store/store-session';
import type { StepLine } from '@statebag/step-kit';
import { compileWorkflow, publishDefinition, readWorkflow, textsBeside } from '@statebag/workflow';
import { whenEnded } from './when-ended.ts';

export const BUCKET = 'statebag-test';
const RUNS_TABLE = 'statebag-runs-local';
export const OWNER = ownerId('test');
const EVERYTHING = { startTime: 0, endTime: Number.MAX_SAFE_INTEGER, afterId: 0, limit: 100_000 };
/** Far above what any run of a test takes. */
const STUCK_MS = 300_000;

const TEST_PARAMETERS = { stateBucket: BUCKET, mockMode: 'true' };

export interface StartOptions {
  readonly input?: JsonObject;
  readonly name?: string;
  /** Files that the document uses, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly machine_arn?: string;
}

type Functions = NonNullable<LocalCloudOptions['taskFunctions']>;
export type Invoke = Functions['invoke'];

export interface AppOptions
  extends Pick<LocalCloudOptions, 'clock' | 'maxSandboxes' | 'heldParameters' | 'quotas'> {
  /** Stands between Step Functions and the deployed functions: may answer itself, fail, or pass on. */
  readonly between?: (invocation: Parameters<Invoke>[0], invoke: Invoke) => ReturnType<Invoke>;
  readonly parameters?: Readonly<Record<string, string>>;
  /** Whoever waits for the end of a run approves what it asks meanwhile. */
  readonly approves?: boolean;
  /** Kept when the app is closed; without it a directory of its own, which is removed. */
  readonly dataDir?: string;
}

/** A run as a caller of the API sees it in the end. */
export interface EndedRun {
  readonly executionArn: string;
  readonly status: string;
  readonly error: string;
  readonly cause: string;
  readonly envelope: Envelope | undefined;
}

/** The whole app, deployed on a local cloud of its own, with ordinary AWS clients. */
export class DeployedTestApp {
  readonly cloud: LocalCloud;
  readonly sfn: SFNClient;
  readonly s3: S3Client;
  readonly #machines: ReadonlyMap<string, string>;
  readonly #remove: () => Promise<void>;
  readonly #approver: Approver | undefined;
  #runs = 0;

  private constructor(
    cloud: LocalCloud,
    machines: ReadonlyMap<string, string>,
    { remove, approves }: { remove: () => Promise<void>; approves: boolean },
  ) {
    this.cloud = cloud;
    this.sfn = new SFNClient(cloud.clientOptions);
    this.s3 = new S3Client({ ...cloud.clientOptions, forcePathStyle: true });
    this.#machines = machines;
    this.#remove = remove;
    this.#approver = approves ? new Approver(cloud, this.sfn) : undefined;
  }

  static async open({
    between,
    parameters,
    dataDir: kept,
    approves = false,
    ...options
  }: AppOptions = {}): Promise<DeployedTestApp> {
    const dataDir = kept ?? (await mkdtemp(join(tmpdir(), 'statebag-test-')));
    // what was under way goes on before the cloud is in our hands
    const opened = Promise.withResolvers<LocalCloud>();
    const passOn: Invoke = async (invocation) => (await opened.promise).functions.invoke(invocation);
    const cloud = await startLocalCloud({
      dataDir,
      ...THROWN_AWAY,
      durable: kept !== undefined,
      ...options,
      ...(between && { taskFunctions: { invoke: (invocation) => between(invocation, passOn) } }),
    });
    opened.resolve(cloud);
    const remove = kept === undefined ? () => rm(dataDir, { recursive: true, force: true }) : async () => {};
    const { machines } = await deployApp(cloud, {
      parameters: { ...TEST_PARAMETERS, ...parameters },
    }).catch(async (error: unknown) => {
      await cloud.close(); // its threads and timers would keep the tests from ending
      await remove();
      throw error;
    });
    return new DeployedTestApp(cloud, new Map(machines.map(({ key, arn }) => [key, arn])), {
      remove,
      approves,
    });
  }

  machineArn(key = 'v3'): string {
    const arn = this.#machines.get(key);
    if (arn === undefined) throw new Error(`no machine ${key} is deployed`);
    return arn;
  }

  /** Deploys the app again, as another configuration makes it. */
  async redeploy(parameters: Readonly<Record<string, string>>): Promise<void> {
    await deployApp(this.cloud, { parameters: { ...TEST_PARAMETERS, ...parameters } });
  }

  /** The newest published version of the v3 machine. */
  async newestVersion(): Promise<string> {
    const { stateMachineVersions = [] } = await this.sfn.send(
      new ListStateMachineVersionsCommand({ stateMachineArn: this.machineArn() }),
    );
    return stateMachineVersions[0]?.stateMachineVersionArn ?? '';
  }

  /** Publishes a workflow and starts it, on the machine as it is or on one version of it. */
  async start(
    document: JsonObject,
    { input = {}, files = {}, name = `run-${++this.#runs}`, machine_arn }: StartOptions = {},
  ): Promise<string> {
    const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), {
      file: `${name}.json`,
      readFile: textsBeside(files),
    });
    if (!workflow) throw new Error(`${name} is not valid: ${JSON.stringify(diagnostics)}`);
    const compiled = compileWorkflow(workflow);
    await publishDefinition(compiled, { bucket: BUCKET, owner_id: OWNER }, s3ObjectStore(this.s3));
    const { definition_id } = compiled;
    const ids = {
      schema_version: SCHEMA_VERSION,
      owner_id: OWNER,
      workflow_id: 'test',
      definition_id,
      execution_id: executionId(name),
    };
    const start = { ...ids, input, ...(machine_arn !== undefined && { machine_arn }) };
    const { executionArn = '' } = await this.sfn.send(
      new StartExecutionCommand({
        stateMachineArn: machine_arn ?? this.machineArn(),
        name: start.execution_id,
        input: JSON.stringify(start),
      }),
    );
    return executionArn;
  }

  /** Waits for the end of an execution. */
  async end(executionArn: string): Promise<EndedRun> {
    const meanwhile = async (): Promise<void> => this.#approver?.approve(executionArn);
    if ((await whenEnded(this.cloud, { executionArn, meanwhile, stuckMs: STUCK_MS })) === 'stuck')
      throw new Error(`${executionArn} is still RUNNING after ${STUCK_MS} ms: ${await this.#whereabouts()}`);
    const {
      status = '',
      output,
      error = '',
      cause = '',
    } = await this.sfn.send(new DescribeExecutionCommand({ executionArn }));
    return {
      executionArn,
      status,
      error,
      cause,
      envelope: output === undefined ? undefined : JSON.parse(output),
    };
  }

  /** The state that each running execution is in. */
  async #whereabouts(): Promise<string> {
    const { executions = [] } = await this.sfn.send(
      new ListExecutionsCommand({ stateMachineArn: this.machineArn(), statusFilter: 'RUNNING' }),
    );
    const places = executions.map(
      async ({ executionArn = '', name }) =>
        `${name} in ${statesEntered(await this.history(executionArn)).at(-1)}`,
    );
    return (await Promise.all(places)).join(', ');
  }

  async run(document: JsonObject, input: JsonObject = {}): Promise<EndedRun> {
    return this.end(await this.start(document, { input }));
  }

  /** The whole state of an ended run, pointers replaced by their values. */
  async state({ envelope }: EndedRun): Promise<JsonObject> {
    if (!envelope) throw new Error('the run has no output');
    const { hydrator } = this.session(envelope);
    return hydrator.fields(envelope.state_data, 'all');
  }

  session({ state_data }: Envelope) {
    return openSession(openStore(s3ObjectStore(this.s3)), { bucket: BUCKET, ...state_data });
  }

  async history(executionArn: string): Promise<HistoryEvent[]> {
    const found: HistoryEvent[] = [];
    let nextToken: string | undefined;
    do {
      const page = await this.sfn.send(
        new GetExecutionHistoryCommand({
          executionArn,
          maxResults: 1_000,
          ...(nextToken !== undefined && { nextToken }),
        }),
      );
      found.push(...(page.events ?? []));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    return found;
  }

  /** What the functions of one service said of their invocations. */
  stepLines(fn: string): StepLine[] {
    const lines = this.cloud.logs.filter({
      group: `/aws/lambda/statebag-${fn}`,
      contains: ['"statebag":"step"'],
      ...EVERYTHING,
    });
    return lines.map(({ message }) => JSON.parse(message.slice(message.indexOf('{'))));
  }

  async close(): Promise<void> {
    this.#approver?.close();
    this.sfn.destroy();
    this.s3.destroy();
    await this.cloud.close();
    await this.#remove();
  }
}

/** Says yes to everything, with an answer that is always the same. */
class Approver {
  readonly #cloud: LocalCloud;
  readonly #client: DynamoDBClient;
  readonly #sfn: SFNClient;
  /** Runs that asked since they were last looked at. */
  readonly #asking = new Set<unknown>();
  readonly #answered = new Set<string>();
  #heard = 0;

  constructor(cloud: LocalCloud, sfn: SFNClient) {
    this.#cloud = cloud;
    this.#client = new DynamoDBClient(cloud.clientOptions);
    this.#sfn = sfn;
  }

  async approve(executionArn: string): Promise<void> {
    const run = executionArn.split(':').at(-1) ?? '';
    this.#listen();
    if (!this.#asking.delete(run)) return;
    const runs = openRuns({ client: this.#client, table: RUNS_TABLE });
    for (const held of await runs.heldApprovals(executionId(run))) {
      if (this.#answered.has(held.task_token)) continue;
      this.#answered.add(held.task_token);
      await this.#sfn
        .send(new SendTaskSuccessCommand({ taskToken: held.task_token, output: JSON.stringify(yes(held)) }))
        .catch(unlessGone);
    }
  }

  /** A question is recorded before the bus is told of it. */
  #listen(): void {
    for (const { position, event } of this.#cloud.events.list({
      source: 'statebag.orchestrator',
      after: this.#heard,
    })) {
      this.#heard = position;
      const { event_type, execution_id } = event.detail as JsonObject; // its putters put objects
      if (event_type === 'HITP_REQUESTED') this.#asking.add(execution_id);
    }
  }

  close(): void {
    this.#client.destroy();
  }
}

type Asked = Pick<HeldApproval, 'execution_id' | 'branch_path' | 'loop_counter' | 'segment_id' | 'request'>;

/** The answer to a pause that approves it, always the same. */
export function yes({
  execution_id,
  branch_path,
  loop_counter,
  segment_id,
  request: { field, reducer },
}: Asked): Answer {
  const result_id = { execution_id, branch_path, loop_counter: loop_counter - 1, segment_id };
  return {
    result_id,
    field,
    ...(reducer !== undefined && { reducer }),
    status: 'CONTINUE',
    value: { choice: 'approve' },
  };
}

/** A token whose task was tried again, or answered before a kill, has a successor. */
function unlessGone(error: Error): void {
  if (!/TaskTimedOut|TaskDoesNotExist|InvalidToken/.test(error.name)) throw error;
}

/** States entered, in order. */
export function statesEntered(events: readonly HistoryEvent[]): string[] {
  return events.flatMap(({ stateEnteredEventDetails }) => stateEnteredEventDetails?.name ?? []);
}

/** The largest input or output of a state, in bytes. */
export function largestTransition(events: readonly HistoryEvent[]): number {
  return Math.max(
    0,
    ...events.map(({ stateEnteredEventDetails, stateExitedEventDetails }) =>
      Buffer.byteLength(stateEnteredEventDetails?.input ?? stateExitedEventDetails?.output ?? ''),
    ),
  );
}

/** A node that computes one value. */
export function transform(id: string, expression: Json): JsonObject {
  return { id, type: 'data_transform', output_key: id, config: { transform: expression } };
}
