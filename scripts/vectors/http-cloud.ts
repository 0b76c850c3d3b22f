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
  SendTaskFailureCommand,
  SendTaskSuccessCommand,
  SFNClient,
  StartExecutionCommand,
  StartSyncExecutionCommand,
} from '@aws-sdk/client-sfn';
import { startLocalCloud } from '@statebag/local-cloud';
import { ApiError, type Functions, virtualClock } from '@statebag/local-cloud/engine';
import type { WorkerAnswer } from './activity-worker.ts';
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
    wait: (seconds: number) => new Promise<void>((resolve) => void clock.at(clock.now() + seconds * 1000, resolve)),
    notFound: (name: string) =>
      new ApiError('ResourceNotFoundException', `Function not found: arn:aws:lambda:${PLACE.region}:${PLACE.account}:function:${name}:$LATEST`, {
        status: 404,
      }),
  };
  const taskFunctions: Functions = {
    async invoke({ functionName, payload }) {
      const answer = await callFunction(behaviour, { name: functionName, payload }, world);
      return { statusCode: 200, requestId: randomUUID(), executedVersion: '$LATEST', ...answer };
    },
  };
  const cloud = await startLocalCloud({ dataDir, clock, taskFunctions, ...PLACE });
  const sfn = new SFNClient({ ...cloud.clientOptions, disableHostPrefix: true });
  const s3 = new S3Client({ ...cloud.clientOptions, forcePathStyle: true });
  try {
    return await work({ ...executor(sfn), ...activities(sfn), putObject: putter(s3), useFunctions });
  } finally {
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
        new CreateStateMachineCommand({ name, type, definition: JSON.stringify(definition), roleArn: 'sfn_role_arn' }),
      );
      return stateMachineArn ?? '';
    },
    async removeMachine(stateMachineArn) {
      await sfn.send(new DeleteStateMachineCommand({ stateMachineArn }));
    },
    async execute(stateMachineArn, input, type) {
      if (type === 'EXPRESS') return endingOf(await sfn.send(new StartSyncExecutionCommand({ stateMachineArn, input })));
      const { executionArn } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
      return whenEnded(sfn, executionArn);
    },
  };
}

function activities(sfn: SFNClient): Pick<VectorCloud, 'createActivity' | 'removeActivity' | 'startWorker'> {
  return {
    async createActivity(name) {
      const { activityArn } = await sfn.send(new CreateActivityCommand({ name }));
      return activityArn ?? '';
    },
    async removeActivity(activityArn) {
      await sfn.send(new DeleteActivityCommand({ activityArn }));
    },
    startWorker(activityArn, answer) {
      let stopped = false;
      const poll = async (): Promise<void> => {
        while (!stopped) {
          const { taskToken, input = '' } = await sfn.send(new GetActivityTaskCommand({ activityArn }));
          if (taskToken !== undefined) return sendAnswer(sfn, taskToken, answer(input));
        }
      };
      const polling = poll();
      return () => {
        stopped = true;
        return polling;
      };
    },
  };
}

async function sendAnswer(sfn: SFNClient, taskToken: string, answer: WorkerAnswer): Promise<void> {
  if (answer.kind === 'success') await sfn.send(new SendTaskSuccessCommand({ taskToken, output: answer.output }));
  else await sfn.send(new SendTaskFailureCommand({ taskToken, error: answer.error, cause: answer.cause }));
}

async function whenEnded(sfn: SFNClient, executionArn: string | undefined): Promise<Ending> {
  for (let polls = 0; polls < POLLS; polls += 1) {
    const execution = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') return endingOf(execution);
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
  throw new Error(`${executionArn} did not end`);
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
