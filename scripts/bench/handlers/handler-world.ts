import { setTimeout as pause } from 'node:timers/promises';
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  type LambdaClientConfig,
} from '@aws-sdk/client-lambda';
import { DescribeExecutionCommand, type DescribeExecutionOutput, SFNClient } from '@aws-sdk/client-sfn';
import { eventFor } from '@statebag/api';
import type { JsonObject } from '@statebag/contracts';
import { executionArnOf, LOCAL_APP, localDeployment } from '@statebag/deployment/local-app';
import { bundleApp, type DeployedApp, deployApp } from '@statebag/deployment/stack';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';
import { FunctionHost, type Took } from './function-host.ts';

const LOOK_MS = 2;

/** What a run is started with. */
export interface Wanted {
  readonly workflow: JsonObject;
  readonly input: JsonObject;
}

type TaskFunctions = NonNullable<LocalCloudOptions['taskFunctions']>;
type Deployed = DeployedApp['functions'];

/** The app on a local cloud, each of its functions a process of its own that says what it takes. */
export class HandlerWorld {
  readonly #cloud: LocalCloud;
  readonly #functions: Deployed;
  readonly #files: ReadonlyMap<string, string>;
  readonly #clients: { readonly lambda: LambdaClient; readonly sfn: SFNClient };
  readonly #hosts = new Map<string, Promise<FunctionHost>>();
  /** By the workflow's name. */
  readonly #definitions = new Map<unknown, string>();
  #execArgv: readonly string[] = [];

  private constructor(cloud: LocalCloud, functions: Deployed, files: ReadonlyMap<string, string>) {
    this.#cloud = cloud;
    this.#functions = functions;
    this.#files = files;
    const settings: LambdaClientConfig = cloud.clientOptions;
    this.#clients = { lambda: new LambdaClient(settings), sfn: new SFNClient(cloud.clientOptions) };
  }

  static async open(dataDir: string): Promise<HandlerWorld> {
    const opened = Promise.withResolvers<HandlerWorld>();
    const invoke: TaskFunctions['invoke'] = async (call) => (await opened.promise).#task(call);
    const cloud = await startLocalCloud({ dataDir, ...THROWN_AWAY, taskFunctions: { invoke } });
    const { functions } = await deployApp(cloud, await localDeployment(cloud));
    // ends are told to a process here, and not to the deployed function too
    const { rules } = cloud.events;
    for (const rule of rules.list('default'))
      for (const { id } of rules.targets(rule)) rules.removeTarget(rule, id);
    const files = (await bundleApp()).map(({ key, file }) => [key, file] as const);
    const world = new HandlerWorld(cloud, functions, new Map(files));
    opened.resolve(world);
    return world;
  }

  /** One run, from its request to the record of its end. */
  async run({ workflow, input }: Wanted): Promise<void> {
    const known = this.#definitions.get(workflow['name']);
    const definition = known === undefined ? { workflow } : { definition_id: known };
    const started = await this.#started({ workflow_id: 'bench', ...definition, input });
    this.#definitions.set(workflow['name'], started.definition_id);
    const ended = await this.#ended(started.execution_id);
    await this.#asked('recordStatusChange', endOf(ended));
  }

  /** What each function took since it was last forgotten, by its key. */
  async took(): Promise<ReadonlyMap<string, Took>> {
    const hosts = await Promise.all([...this.#hosts].map(async ([key, host]) => [key, await host] as const));
    return new Map(hosts.map(([key, { took }]) => [key, took]));
  }

  async forget(): Promise<void> {
    for (const host of this.#hosts.values()) (await host).forget();
  }

  /** Ends all processes; those that begin from now on have these options of Node. */
  async restart(execArgv: readonly string[]): Promise<void> {
    const hosts = [...this.#hosts.values()];
    this.#hosts.clear();
    this.#execArgv = execArgv;
    for (const host of hosts) await (await host).close();
  }

  /** A process with another function, which finds the cloud as the deployed ones do. */
  host(file: string): FunctionHost {
    const environment = { RUNS_TABLE: LOCAL_APP.runsTable, ...this.#cloud.environment };
    return new FunctionHost({ file, exportName: 'handler', environment });
  }

  async close(): Promise<void> {
    for (const host of this.#hosts.values()) await (await host).close();
    for (const client of Object.values(this.#clients)) client.destroy();
    await this.#cloud.close();
  }

  async #started(
    body: JsonObject,
  ): Promise<{ readonly execution_id: string; readonly definition_id: string }> {
    const claims = { iss: 'https://statebag.local', sub: 'bench', [LOCAL_APP.ownerClaim]: LOCAL_APP.owner };
    const request = { method: 'POST', target: '/runs', claims, body: JSON.stringify(body) };
    const reply = JSON.parse(await this.#asked('startRun', eventFor(request)?.event));
    if (reply.statusCode !== 201) throw new Error(`a run was not started: ${reply.body}`);
    return JSON.parse(reply.body);
  }

  async #ended(run: string): Promise<DescribeExecutionOutput> {
    const executionArn = executionArnOf(run);
    for (;;) {
      const { DescribeExecution } = this.#cloud.states;
      const { status } = { status: 'RUNNING', ...(await DescribeExecution?.({ executionArn })) };
      if (status !== 'RUNNING') break;
      await pause(LOOK_MS);
    }
    const ended = await this.#clients.sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (ended.status !== 'SUCCEEDED') throw new Error(`a run ended ${ended.status}: ${ended.cause}`);
    return ended;
  }

  async #task({ functionName, payload }: Parameters<TaskFunctions['invoke']>[0]) {
    const called = this.#functions.find(({ arn }) => arn === functionName);
    if (!called) throw new Error(`the machine calls ${functionName}, which is not deployed`);
    const reply = await (await this.#hostOf(called.key)).invoke(payload);
    return { statusCode: 200, requestId: 'bench', executedVersion: called.version, payload: reply } as const;
  }

  async #asked(key: string, event: unknown): Promise<string> {
    return (await this.#hostOf(key)).invoke(JSON.stringify(event));
  }

  #hostOf(key: string): Promise<FunctionHost> {
    const known = this.#hosts.get(key) ?? this.#hosted(key);
    this.#hosts.set(key, known);
    return known;
  }

  async #hosted(key: string): Promise<FunctionHost> {
    const FunctionName = this.#functions.find((each) => each.key === key)?.name;
    const { Environment } = await this.#clients.lambda.send(
      new GetFunctionConfigurationCommand({ FunctionName }),
    );
    const environment = { ...Environment?.Variables, ...this.#cloud.environment };
    const file = this.#files.get(key) ?? '';
    return new FunctionHost({ file, exportName: 'handler', environment, execArgv: this.#execArgv });
  }
}

/** What the service tells of an end. Of a beginning it tells nobody who recorded the run himself. */
function endOf(ended: DescribeExecutionOutput): object {
  const { executionArn, stateMachineArn, stateMachineVersionArn, name, status, input, output } = ended;
  const [startDate, stopDate] = [ended.startDate?.getTime(), ended.stopDate?.getTime()];
  const of = { executionArn, stateMachineArn, stateMachineVersionArn, name, startDate, stopDate };
  return { detail: { ...of, status, input, output } };
}
