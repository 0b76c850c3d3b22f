import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import type { Json, JsonObject } from '@statebag/contracts';
import type { ExecutionId } from '@statebag/contracts/ids';
import type { AsyncLlmEvent } from '@statebag/contracts/schemas/events';
import { deployApp } from '@statebag/deployment/stack';
import { type LocalCloud, type LocalCloudOptions, startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';
import { openRuns, type Runs } from '@statebag/runs';

export const BUCKET = 'statebag-async-test';
const TABLE = 'statebag-runs-local';
const FUNCTION = 'statebag-async-llm-local-asyncLlmHandler';
/** Far above what any test takes. */
const STUCK_MS = 20_000;
export const HEARTBEAT_SECONDS = 60;
export const RHYTHM = { asyncLlmBeatMs: '20', asyncLlmLeaseMs: '400', asyncLlmPollMs: '10' };

/** Of one owner: far above what any test takes. */
export const DAY_LIMIT = { max_tokens: 10_000_000 };

/** A model on loopback that answers when it is told to. */
export class HeldModel {
  /** Questions that wait for their answer, in the order they came. */
  readonly waiting: ServerResponse[] = [];
  asked = 0;
  /** Questions whose asker hung up before the answer. */
  dropped = 0;
  readonly #server = createServer(async (request, response) => {
    for await (const _ of request); // the question itself does not matter here
    this.asked += 1;
    response.on('close', () => {
      if (!response.writableEnded) this.dropped += 1;
    });
    this.waiting.push(response);
  });

  async open(): Promise<string> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/v1`; // it listens on TCP
  }

  /** Answers the oldest question once there is one. */
  async answer(content: string, status = 200): Promise<void> {
    const response = await eventually(() => this.waiting.shift());
    const choices = [{ index: 0, message: { role: 'assistant', content }, finish_reason: 'stop' }];
    const usage = { prompt_tokens: 12, completion_tokens: 3, total_tokens: 15 };
    const body =
      status === 200
        ? { id: 'c', object: 'chat.completion', created: 1, model: 'm', choices, usage }
        : { error: { message: content } };
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  close(): Promise<unknown> {
    this.#server.closeAllConnections();
    return new Promise((resolve) => this.#server.close(resolve));
  }
}

/**
 * The service alone, deployed on a cloud of its own with a model that waits, and a machine of one state that
 * calls it as the real ones do.
 */
export class DeployedWorker {
  readonly model = new HeldModel();
  #directory = '';
  #open:
    | {
        readonly cloud: LocalCloud;
        readonly sfn: SFNClient;
        readonly dynamo: DynamoDBClient;
        readonly runs: Runs;
        readonly machine: string;
      }
    | undefined;

  async open(options: Pick<LocalCloudOptions, 'clock'> = {}): Promise<this> {
    this.#directory = mkdtempSync(join(tmpdir(), 'statebag-async-'));
    const cloud = await startLocalCloud({
      dataDir: join(this.#directory, 'cloud'),
      ...THROWN_AWAY,
      ...options,
    });
    const [sfn, dynamo] = [new SFNClient(cloud.clientOptions), new DynamoDBClient(cloud.clientOptions)];
    this.#open = { cloud, sfn, dynamo, machine: '', runs: openRuns({ client: dynamo, table: TABLE }) };
    await new S3Client({ ...cloud.clientOptions, forcePathStyle: true }).send(
      new CreateBucketCommand({ Bucket: BUCKET }),
    );
    await dynamo.send(runsTable());
    const parameters = {
      stateBucket: BUCKET,
      runsTable: TABLE,
      llmBaseUrl: await this.model.open(),
      ...RHYTHM,
      ownerDayLimit: JSON.stringify(DAY_LIMIT),
    };
    const { functions } = await deployApp(cloud, {
      only: ['services/async-llm'],
      parameters,
    });
    const definition = JSON.stringify(
      machineCalling(functions.find(({ key }) => key === 'asyncLlmHandler')?.arn ?? ''),
    );
    const { stateMachineArn = '' } = await sfn.send(
      new CreateStateMachineCommand({
        name: 'statebag-v3-local', // the worker may answer its tasks
        roleArn: 'arn:aws:iam::000000000000:role/test',
        definition,
      }),
    );
    this.#open = { ...this.#open, machine: stateMachineArn };
    return this;
  }

  get parts() {
    if (!this.#open) throw new Error('not opened');
    return this.#open;
  }

  /** Starts a task that waits for the worker. */
  async start(event: Json): Promise<string> {
    const { sfn, machine } = this.parts;
    const { executionArn = '' } = await sfn.send(
      new StartExecutionCommand({ stateMachineArn: machine, input: JSON.stringify(event) }),
    );
    return executionArn;
  }

  async end(executionArn: string): Promise<{
    readonly status: string;
    readonly error: string;
    readonly cause: string;
    readonly answer: JsonObject;
  }> {
    return eventually(async () => {
      const {
        status = '',
        output = '{}',
        error = '',
        cause = '',
      } = await this.parts.sfn.send(new DescribeExecutionCommand({ executionArn }));
      return status === 'RUNNING' ? undefined : { status, error, cause, answer: JSON.parse(output) };
    });
  }

  /** What the machine sent to the worker, token included. */
  async sent(executionArn: string): Promise<AsyncLlmEvent> {
    return eventually(async () => {
      const { events = [] } = await this.parts.sfn.send(new GetExecutionHistoryCommand({ executionArn }));
      const parameters = events.flatMap(
        ({ taskScheduledEventDetails }) => taskScheduledEventDetails?.parameters ?? [],
      )[0];
      return parameters === undefined ? undefined : JSON.parse(parameters).Payload;
    });
  }

  /** Calls the worker as a duplicate of an event would, and gives what it says of itself. */
  async invoke(event: JsonObject): Promise<JsonObject> {
    const { payload } = await this.parts.cloud.functions.invoke({
      functionName: FUNCTION,
      invocationType: 'RequestResponse',
      payload: JSON.stringify(event),
    });
    return JSON.parse(payload);
  }

  /** Log events of a run by name. */
  logged(name: string, execution_id: ExecutionId): readonly JsonObject[] {
    const lines = this.parts.cloud.logs.filter({
      group: `/aws/lambda/${FUNCTION}`,
      contains: [name, execution_id],
      startTime: 0,
      endTime: Number.MAX_SAFE_INTEGER,
      afterId: 0,
      limit: 100,
    });
    return lines
      .map(({ message }) => JSON.parse(message.slice(message.indexOf('{'))))
      .filter(({ event }) => event === name);
  }

  async close(): Promise<void> {
    const { cloud, sfn, dynamo } = this.parts;
    sfn.destroy();
    dynamo.destroy();
    await this.model.close();
    await cloud.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

function machineCalling(functionArn: string): object {
  const withToken = String.raw`States.JsonMerge($, States.StringToJson(States.Format('\{"task_token":"{}"\}', $$.Task.Token)), false)`;
  const ask = {
    Type: 'Task',
    Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
    Parameters: { FunctionName: functionArn, InvocationType: 'Event', 'Payload.$': withToken },
    TimeoutSeconds: 960,
    HeartbeatSeconds: HEARTBEAT_SECONDS,
    End: true,
  };
  return { StartAt: 'Ask', States: { Ask: ask } };
}

function runsTable(): CreateTableCommand {
  return new CreateTableCommand({
    TableName: TABLE,
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({
      AttributeName,
      AttributeType: 'S' as const,
    })),
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
  });
}

/** Waits in short steps until `probe` gives something. */
export async function eventually<Value>(
  probe: () => Value | undefined | Promise<Value | undefined>,
): Promise<Value> {
  const stuckAt = Date.now() + STUCK_MS;
  for (;;) {
    const value = await probe();
    if (value !== undefined) return value;
    if (Date.now() > stuckAt) throw new Error(`nothing came within ${STUCK_MS} ms`);
    await pause(5);
  }
}
