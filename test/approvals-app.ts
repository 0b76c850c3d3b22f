import { setTimeout as pause } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import type { JsonObject, Timestamp } from '@statebag/contracts';
import { type ExecutionId, executionId, type NodeId, type OwnerId } from '@statebag/contracts/ids';
import {
  type ApprovalDecision,
  type DecisionDeps,
  type DecisionOutcome,
  decideApproval,
  type HeldApproval,
  openRuns,
  type Runs,
} from '@statebag/runs';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { type AppOptions, BUCKET, DeployedTestApp, OWNER } from './deployed-app.ts';

const SERVICE = 'statebag-state-data-manager-local';
const STUCK_MS = 30_000;

/** What a person says; the rest is filled in. */
export type Said = Partial<Omit<ApprovalDecision, 'execution_id' | 'node_id' | 'owner_id'>> & {
  readonly node_id?: string;
  readonly owner_id?: string;
};

/** The deployed app with what it takes to answer as a person does, and to look at what was recorded. */
export class ApprovalsApp {
  readonly app: DeployedTestApp;
  readonly runs: Runs;
  readonly #lambda: LambdaClient;

  private constructor(app: DeployedTestApp) {
    const { clientOptions } = app.cloud;
    this.app = app;
    this.#lambda = new LambdaClient(clientOptions);
    this.runs = openRuns({ client: new DynamoDBClient(clientOptions), table: 'statebag-runs-local' });
  }

  static async open(options: AppOptions = {}): Promise<ApprovalsApp> {
    return new ApprovalsApp(await DeployedTestApp.open(options));
  }

  /** Starts a run and waits until it asks as many questions. */
  async asking(
    document: JsonObject,
    { name, input = {}, questions = 1 }: { name: string; input?: JsonObject; questions?: number },
  ): Promise<string> {
    const arn = await this.app.start(document, { input, name });
    await this.open(name, questions);
    return arn;
  }

  /** The open questions of a run, once there are as many. */
  open(name: string, questions = 1): Promise<readonly HeldApproval[]> {
    return eventually(async () => {
      const open = (await this.runs.heldApprovals(executionId(name))).filter(({ state }) => state === 'OPEN');
      return open.length >= questions ? open : undefined;
    });
  }

  decide(name: string, said: Said = {}): Promise<DecisionOutcome> {
    return this.decideOver(this.app.sfn, name, said);
  }

  /** The same over another client, which may fail. */
  decideOver(sfn: DecisionDeps['sfn'], name: string, said: Said = {}): Promise<DecisionOutcome> {
    const deps = { runs: this.runs, sfn, store: s3ObjectStore(this.app.s3), bucket: BUCKET };
    const { node_id, owner_id, ...rest } = said;
    return decideApproval(deps, {
      choice: 'approve',
      by: 'ann',
      now: new Date().toISOString() as Timestamp,
      ...rest,
      execution_id: executionId(name),
      owner_id: (owner_id ?? OWNER) as OwnerId,
      node_id: node_id as NodeId | undefined,
    });
  }

  /** Invokes a deployed function and gives its reply. */
  async invoke(key: string, event: unknown): Promise<JsonObject> {
    const { Payload, FunctionError } = await this.#lambda.send(
      new InvokeCommand({ FunctionName: `${SERVICE}-${key}`, Payload: JSON.stringify(event) }),
    );
    const text = Buffer.from(Payload ?? []).toString();
    if (FunctionError !== undefined) throw new Error(text);
    return text === '' || text === 'null' ? {} : JSON.parse(text);
  }

  /** A beat as the schedule sends it, so many seconds from now. */
  beat(inSeconds = 0): Promise<JsonObject> {
    return this.invoke('beatApprovals', {
      source: 'aws.events',
      time: new Date(Date.now() + inSeconds * 1_000).toISOString(),
    });
  }

  /** What the bus was told of a run, once there is as much of it. */
  told(name: string, types: readonly string[], count = 1): Promise<readonly JsonObject[]> {
    return eventually(async () => {
      const found = this.toldSoFar(name, types);
      return found.length >= count ? found : undefined;
    });
  }

  toldSoFar(name: string, types: readonly string[]): readonly JsonObject[] {
    // its putters put objects
    const details = this.app.cloud.events
      .list({ source: 'statebag.orchestrator' })
      .map(({ event }) => event.detail as JsonObject);
    return details.filter(
      ({ execution_id, event_type }) => execution_id === name && types.includes(String(event_type)),
    );
  }

  /** The service's own events about a run's execution. */
  statusEvents(name: string) {
    const events = this.app.cloud.events.list({ source: 'aws.states' }).map(({ event }) => event);
    return events.filter(({ detail }) => (detail as JsonObject)['name'] === name); // the engine's own events
  }

  /** The run's record once it has ended and that was reported. */
  recorded(name: string) {
    const execution_id: ExecutionId = executionId(name);
    return eventually(async () => {
      const run = await this.runs.getRun(execution_id);
      return run?.reported ? run : undefined;
    });
  }

  async close(): Promise<void> {
    this.#lambda.destroy();
    await this.app.close();
  }
}

export async function eventually<Value>(probe: () => Promise<Value | undefined>): Promise<Value> {
  const stuckAt = Date.now() + STUCK_MS;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (Date.now() > stuckAt) throw new Error(`nothing came within ${STUCK_MS} ms`);
    await pause(10);
  }
}

/** Asks a person at the node `ask`, then computes what follows from the answer. */
export function askingWorkflow(config: JsonObject = {}): JsonObject {
  return {
    name: 'asking',
    initial_state: { subject: 'bags' },
    nodes: [
      {
        id: 'ask',
        type: 'human_approval',
        output_key: 'decision',
        config: { message: 'Ship {{ subject }}?', ...config },
      },
      {
        id: 'after',
        type: 'data_transform',
        output_key: 'after',
        config: { transform: "{% decision.choice & ' ' & subject %}" },
      },
    ],
  };
}
