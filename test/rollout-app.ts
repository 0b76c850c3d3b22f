import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { SSMClient } from '@aws-sdk/client-ssm';
import { eventFor } from '@statebag/api';
import type { Timestamp } from '@statebag/contracts';
import { executionId } from '@statebag/contracts/ids';
import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import { localDeployment } from '@statebag/deployment/local-app';
import { deployApp } from '@statebag/deployment/stack';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';
import { readSettings, rolloutParameter } from '@statebag/rollout';
import { type EndedRun, openRuns, type RunRecord, type Runs } from '@statebag/runs';

const LAUNCHER = join(import.meta.dirname, '..', 'bin', 'statebag');

/** Far above what any run of a test takes. */
const STUCK_MS = 45_000;

export interface Finished {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** The command line as a process of its own. */
export function statebag(
  args: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return new Promise((resolve) => {
    const env = { PATH: process.env['PATH'] ?? '', HOME: tmpdir(), ...environment };
    execFile(LAUNCHER, [...args], { env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

/** The app as `statebag dev` has it, and the command line beside it. */
export class RolloutTestApp {
  readonly cloud: LocalCloud;
  readonly runs: Runs;
  readonly dataDir: string;
  readonly #items: DynamoDBClient;
  readonly #lambda: LambdaClient;
  readonly #parameters: SSMClient;
  #ends = 0;

  private constructor(cloud: LocalCloud, dataDir: string) {
    this.cloud = cloud;
    this.dataDir = dataDir;
    this.#items = new DynamoDBClient(cloud.clientOptions);
    this.#lambda = new LambdaClient(cloud.clientOptions);
    this.#parameters = new SSMClient(cloud.clientOptions);
    this.runs = openRuns({ client: this.#items, table: 'statebag-runs-local' });
  }

  static async open(parameters: Readonly<Record<string, string>> = {}): Promise<RolloutTestApp> {
    const dataDir = await mkdtemp(join(tmpdir(), 'statebag-rollout-'));
    const cloud = await startLocalCloud({ dataDir, ...THROWN_AWAY });
    const app = new RolloutTestApp(cloud, dataDir);
    await app.redeploy(parameters).catch(async (error: unknown) => {
      await app.close(); // its threads and timers would keep the tests from ending
      throw error;
    });
    return app;
  }

  /** Deploys the app again, as another configuration makes it. */
  async redeploy(parameters: Readonly<Record<string, string>>): Promise<void> {
    const deployment = await localDeployment(this.cloud);
    await deployApp(this.cloud, { ...deployment, parameters: { ...deployment.parameters, ...parameters } });
  }

  /** A command of the rollout, as a process of its own. */
  rollout(...args: string[]): Promise<Finished> {
    return statebag(['rollout', ...args, '--data-dir', this.dataDir]);
  }

  /** The JSON that a command prints. */
  async json<Answer>(...args: string[]): Promise<Answer> {
    const { code, stdout, stderr } = await this.rollout(...args, '--json');
    if (stdout === '') throw new Error(`rollout ${args.join(' ')} ended with ${code}: ${stderr}`);
    return JSON.parse(stdout);
  }

  settings(): Promise<RolloutSettings> {
    return readSettings(this.#parameters, rolloutParameter('local'));
  }

  /** Runs that ended just now, as the recorder keeps them. */
  async ended(
    generation: EndedRun['generation'],
    count: number,
    more: Partial<EndedRun> = {},
  ): Promise<void> {
    const at = new Date().toISOString() as Timestamp;
    const ids = { owner_id: 'acme', workflow_id: 'w', definition_id: 'd' } as Pick<
      EndedRun,
      'owner_id' | 'workflow_id' | 'definition_id'
    >;
    for (let n = 0; n < count; n++) {
      const execution_id = `ended-${++this.#ends}` as EndedRun['execution_id'];
      await this.runs.recordEnd({
        ...ids,
        execution_id,
        execution_arn: `arn:${execution_id}`,
        generation,
        status: 'SUCCEEDED',
        started_at: at,
        ended_at: at,
        ...more,
      });
    }
  }

  /** Calls the API as `ada`. */
  async call<Body>(method: string, target: string, body: object = {}): Promise<Body> {
    const found = eventFor({
      method,
      target,
      claims: { iss: 'https://issuer.test/', sub: 'ada' },
      headers: {},
      body: JSON.stringify(body),
    });
    if (!found) throw new Error(`there is no route ${method} ${target}`);
    return this.invoke<{ body: string }>(`workflow-api-local-${found.route.key}`, found.event).then(
      ({ body: text }) => JSON.parse(text),
    );
  }

  async invoke<Answer>(name: string, event: unknown): Promise<Answer> {
    const { Payload, FunctionError } = await this.#lambda.send(
      new InvokeCommand({ FunctionName: `statebag-${name}`, Payload: JSON.stringify(event) }),
    );
    const reply = JSON.parse(Payload?.transformToString() || 'null');
    if (FunctionError !== undefined) throw new Error(`${name} failed: ${JSON.stringify(reply)}`);
    return reply;
  }

  /** Looks at the record of a run until it is as wanted. */
  async until(execution_id: string, wanted: (run: RunRecord) => boolean): Promise<RunRecord> {
    const stuckAt = Date.now() + STUCK_MS;
    for (;;) {
      const run = await this.runs.getRun(executionId(execution_id));
      if (run && wanted(run)) return run;
      if (Date.now() > stuckAt) throw new Error(`run ${execution_id} is stuck: ${JSON.stringify(run)}`);
      await pause(50);
    }
  }

  async close(): Promise<void> {
    this.#lambda.destroy();
    this.#parameters.destroy();
    this.#items.destroy();
    await this.cloud.close();
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
