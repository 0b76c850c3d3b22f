import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import {
  CreateActivityCommand,
  CreateStateMachineCommand,
  DeleteActivityCommand,
  DeleteStateMachineCommand,
  DescribeExecutionCommand,
  GetActivityTaskCommand,
  GetExecutionHistoryCommand,
  SendTaskFailureCommand,
  SendTaskHeartbeatCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from '@aws-sdk/client-sfn';
import {
  CreateQueueCommand,
  DeleteMessageCommand,
  DeleteQueueCommand,
  ReceiveMessageCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { ApiError, type Clock, type Functions, virtualClock } from '@statebag/states';
import { startLocalCloud } from '../../src/index.ts';
import type { TokenAnswer } from './answers.ts';
import type { Ending, VectorCloud } from './run-vector.ts';
import type { FunctionBehaviour } from './vector.ts';
import { callFunction } from './vector-functions.ts';

/** Where the vectors were recorded. */
const PLACE = { account: '111111111111', region: 'us-east-1' };
const POLL_MS = 1;
const POLLS = 5_000;

/** Runs `work` on a local cloud of its own, which it reaches as any AWS client does. Time is virtual. */
export async function withHttpCloud<T>(work: (cloud: VectorCloud) => Promise<T>): Promise<T> {
  const dataDir = mkdtempSync(join(tmpdir(), 'statebag-vectors-'));
  const clock = virtualClock();
  let behaviour: FunctionBehaviour | null = null;
  const useFunctions = (next: FunctionBehaviour | null): void => {
    behaviour = next;
  };
  const world = {
    wait: (seconds: number) =>
      new Promise<void>((resolve) => void clock.at(clock.now() + seconds * 1000, resolve)),
    notFound: (name: string) =>
      new ApiError(
        'ResourceNotFoundException',
        `Function not found: arn:aws:lambda:${PLACE.region}:${PLACE.account}:function:${name}:$LATEST`,
        {
          status: 404,
        },
      ),
  };
  const taskFunctions: Functions = {
    async invoke({ functionName, payload }) {
      const answer = await callFunction(behaviour, { name: functionName, payload }, world);
      return { statusCode: 200, requestId: randomUUID(), executedVersion: '$LATEST', ...answer };
    },
  };
  const cloud = await startLocalCloud({ dataDir, clock, taskFunctions, ...PLACE });
  const sfn = new SFNClient({ ...cloud.clientOptions, disableHostPrefix: true });
  const sqs = new SQSClient(cloud.clientOptions);
  const s3 = new S3Client({ ...cloud.clientOptions, forcePathStyle: true });
  try {
    const answering = { sfn, sqs, clock, watch: cloud.queues.watch };
    return await work({
      ...executor(sfn),
      ...activities(answering),
      ...queues(answering),
      putObject: putter(s3),
      useFunctions,
    });
  } finally {
    sqs.destroy();
    sfn.destroy();
    s3.destroy();
    await cloud.close();
    rmSync(dataDir, { recursive: true, force: true });
  }
}

function executor(sfn: SFNClient): Pick<VectorCloud, 'createMachine' | 'removeMachine' | 'execute'> {
  return {
    async createMachine({ name, definition, type }) {
      const { stateMachineArn } = await sfn.send(
        new CreateStateMachineCommand({
          name,
          type,
          definition: JSON.stringify(definition),
          roleArn: 'sfn_role_arn',
        }),
      );
      return stateMachineArn ?? '';
    },
    async removeMachine(stateMachineArn) {
      await sfn.send(new DeleteStateMachineCommand({ stateMachineArn }));
    },
    async execute(stateMachineArn, input, type) {
      if (type === 'EXPRESS')
        return endingOf(await sfn.send(new StartSyncExecutionCommand({ stateMachineArn, input })));
      const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
      return whenEnded(sfn, executionArn);
    },
  };
}

/** What answers need: who is told, where messages are, and the clock, which stands still until they are given. */
interface Answering {
  readonly sfn: SFNClient;
  readonly sqs: SQSClient;
  readonly clock: Clock;
  watch(queue: string, callback: () => void): () => void;
}

function activities(
  answering: Answering,
): Pick<VectorCloud, 'createActivity' | 'removeActivity' | 'startWorker'> {
  const { sfn, clock } = answering;
  return {
    async createActivity(name) {
      const { activityArn } = await sfn.send(new CreateActivityCommand({ name }));
      return activityArn ?? '';
    },
    async removeActivity(activityArn) {
      await sfn.send(new DeleteActivityCommand({ activityArn }));
    },
    startWorker(activityArn, answer) {
      const abort = new AbortController();
      const release = clock.hold();
      const poll = async (): Promise<void> => {
        while (!abort.signal.aborted) {
          const { taskToken, input = '' } = await sfn.send(new GetActivityTaskCommand({ activityArn }));
          if (taskToken !== undefined) return sendAnswer(answering, taskToken, answer(input));
        }
      };
      const polling = poll().finally(release);
      // What waits for a time of its own before the task would wait for ever.
      AbortSignal.timeout(PATIENCE_MS).addEventListener('abort', release);
      return () => {
        abort.abort();
        return polling;
      };
    },
  };
}

const PATIENCE_MS = 500;

function queues(answering: Answering): Pick<VectorCloud, 'createQueue' | 'removeQueue' | 'answerQueue'> {
  const { sqs, clock, watch } = answering;
  return {
    async createQueue(name) {
      const Attributes = name.endsWith('.fifo') ? { FifoQueue: 'true' } : undefined;
      const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: name, Attributes }));
      return QueueUrl ?? '';
    },
    async removeQueue(QueueUrl) {
      await sqs.send(new DeleteQueueCommand({ QueueUrl }));
    },
    answerQueue(url, answer) {
      let work = Promise.resolve();
      const receive = async (): Promise<void> => {
        const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl: url }));
        for (const { Body = '{}', ReceiptHandle } of Messages) {
          await sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));
          const body: unknown = JSON.parse(Body);
          const token: unknown =
            typeof body === 'object' && body !== null ? Reflect.get(body, 'TaskToken') : '';
          await sendAnswer(answering, String(token), answer(body));
        }
      };
      const unwatch = watch(url.slice(url.lastIndexOf('/') + 1), () => {
        const release = clock.hold();
        work = work.then(receive).finally(release);
      });
      return () => {
        unwatch();
        return work;
      };
    },
  };
}

/** Errors of an answer that comes when nobody waits for it any more: how the execution ends tells the rest. */
const TOO_LATE = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']);

async function sendAnswer(
  { sfn, clock }: Answering,
  taskToken: string,
  { heartbeats, delaySeconds, end }: TokenAnswer,
): Promise<void> {
  const pause = (): Promise<void> =>
    new Promise((resolve) => void clock.at(clock.now() + delaySeconds * 1000, resolve));
  try {
    for (let beat = 0; beat < heartbeats; beat += 1) {
      await pause();
      await sfn.send(new SendTaskHeartbeatCommand({ taskToken }));
    }
    if (!end) return;
    if ('output' in end) await sfn.send(new SendTaskSuccessCommand({ taskToken, output: end.output }));
    else await sfn.send(new SendTaskFailureCommand({ taskToken, ...end }));
  } catch (error) {
    if (!(error instanceof Error && TOO_LATE.has(error.name))) throw error;
  }
}

async function whenEnded(sfn: SFNClient, executionArn: string | undefined): Promise<Ending> {
  for (let polls = 0; polls < POLLS; polls += 1) {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING')
      return { ...endingOf(execution), events: await eventTypes(sfn, executionArn) };
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${executionArn} did not end`);
}

async function eventTypes(sfn: SFNClient, executionArn: string | undefined): Promise<readonly string[]> {
  const types: string[] = [];
  let nextToken: string | undefined;
  do {
    const command = new GetExecutionHistoryCommand({ executionArn, maxResults: 1000, nextToken });
    const page = await sfn.send(command);
    types.push(...(page.events ?? []).map(({ type }) => String(type)));
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return types;
}

function endingOf({ status, output, error, cause }: { [K in keyof Ending]?: Ending[K] | undefined }): Ending {
  return { status: status ?? '', output, error, cause };
}

function putter(s3: S3Client): VectorCloud['putObject'] {
  const buckets = new Set<string>();
  return async ({ bucket, key, body }) => {
    if (!buckets.has(bucket)) await s3.send(new CreateBucketCommand({ Bucket: bucket }));
    buckets.add(bucket);
    await s3.send(new PutObjectCommand({ Bucket: bucket, Key: key, Body: body }));
  };
}
