import { CreateTableCommand, DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, expect, test } from '@jest/globals';
import { virtualClock } from '@statebag/states';
import type { QuotaSet } from '../../src/quotas/quota-set.ts';
import { eventually, openTestCloud, refusalOf, type TestCloud } from '../gateway/test-cloud.ts';
import { deployCode } from '../lambda/deploy-code.ts';

let opened: TestCloud;
afterEach(() => opened.close());

const clock = virtualClock();
const open = (quotas: Partial<QuotaSet>) =>
  openTestCloud({ clock, durable: false, quotas: { concurrency: 1_000, rates: {}, ...quotas } });

async function call(action: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  return { ...(await opened.cloud.states[action]?.(input)) };
}

async function machine(definition: object): Promise<string> {
  const { stateMachineArn } = await call('CreateStateMachine', {
    name: 'm',
    roleArn: 'arn:aws:iam::000000000000:role/m',
    definition: JSON.stringify(definition),
  });
  return String(stateMachineArn);
}

const ended = (executionArn: string) =>
  eventually(async () => {
    const execution = await call('DescribeExecution', { executionArn });
    return execution['status'] === 'RUNNING' ? undefined : execution;
  });

const later = (millis: number) =>
  new Promise<void>((resolve) => void clock.at(clock.now() + millis, () => resolve()));

test('starters that try again drain at the rate of the account: nothing is lost and nothing doubled', async () => {
  opened = await open({ rates: { 'states.StartExecution': { bucket: 130, per_second: 30 } } });
  const stateMachineArn = await machine({ StartAt: 'Done', States: { Done: { Type: 'Pass', End: true } } });
  const began = clock.now();
  const starts = Array.from({ length: 250 }, async (_, index) => {
    for (let refused = 0; ; refused++) {
      try {
        await call('StartExecution', { stateMachineArn, name: `run-${index}` });
        return refused;
      } catch (error) {
        expect(error).toMatchObject({ code: 'ThrottlingException', message: 'Rate exceeded' });
        await later(100);
      }
    }
  });
  const refusals = await Promise.all(starts);
  expect(refusals.filter((count) => count > 0).length).toBe(120);
  const bound = ((250 - 130) / 30) * 1_000;
  expect(clock.now() - began).toBeGreaterThanOrEqual(bound - 1);
  expect(clock.now() - began).toBeLessThanOrEqual(bound * 1.1);
});

test('a client of the SDK is refused as Step Functions refuses it', async () => {
  opened = await open({ rates: { 'states.StartExecution': { bucket: 1, per_second: 1 } } });
  const stateMachineArn = await machine({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
  const sfn = new SFNClient(opened.config);
  const start = () => sfn.send(new StartExecutionCommand({ stateMachineArn }));
  await start();
  expect(await refusalOf(start())).toEqual({ name: 'ThrottlingException', status: 400 });
  await later(1_000);
  await start();
  sfn.destroy();
});

test('states are entered at the rate of transitions, and every execution ends', async () => {
  opened = await open({ rates: { 'states.transitions': { bucket: 10, per_second: 10 } } });
  const names = Array.from({ length: 10 }, (_, index) => `s${index}`);
  const States = Object.fromEntries(
    names.map((name, index) => [
      name,
      { Type: 'Pass', ...(index === 9 ? { End: true } : { Next: names[index + 1] }) },
    ]),
  );
  const stateMachineArn = await machine({ StartAt: 's0', States });
  const began = clock.now();
  const starts = await Promise.all(names.map(() => call('StartExecution', { stateMachineArn })));
  const ends = await Promise.all(starts.map(({ executionArn }) => ended(String(executionArn))));
  expect(ends.map(({ status }) => status)).toEqual(names.map(() => 'SUCCEEDED'));
  const bound = ((100 - 10) / 10) * 1_000;
  const last = Math.max(...ends.map(({ stopDate }) => Number(stopDate))) * 1_000;
  expect(last - began).toBeGreaterThanOrEqual(bound - 10);
  expect(last - began).toBeLessThanOrEqual(bound * 1.1);
});

test('one function too many is refused, a task tries again, and an event waits without losing an attempt', async () => {
  opened = await open({ concurrency: 1 });
  const code = 'async () => { await new Promise((resolve) => setTimeout(resolve, 20)); return 1; }';
  const settings = { maximumRetryAttempts: 0 };
  await deployCode(opened.cloud, 'one', code, { settings });
  const lambda = new LambdaClient(opened.config);
  const both = await Promise.all(
    [1, 2]
      .map(() => refusalOf(lambda.send(new InvokeCommand({ FunctionName: 'one' }))))
      .map((each) => each.catch(() => undefined)),
  );
  expect(both.filter((refusal) => refusal?.name === 'TooManyRequestsException')).toHaveLength(1);
  const stateMachineArn = await machine({
    StartAt: 'All',
    States: {
      All: {
        Type: 'Map',
        End: true,
        ItemProcessor: {
          StartAt: 'Call',
          States: {
            Call: {
              Type: 'Task',
              Resource: 'arn:aws:states:::lambda:invoke',
              Parameters: { FunctionName: 'one' },
              Retry: [{ ErrorEquals: ['Lambda.TooManyRequestsException'], MaxAttempts: 20 }],
              End: true,
            },
          },
        },
      },
    },
  });
  const { executionArn } = await call('StartExecution', { stateMachineArn, input: '[1,2,3]' });
  expect(await ended(String(executionArn))).toMatchObject({ status: 'SUCCEEDED' });
  const event = { FunctionName: 'one', InvocationType: 'Event' } as const;
  await Promise.all([1, 2, 3].map(() => lambda.send(new InvokeCommand(event))));
  const runs = await eventually(() => {
    const filter = { startTime: 0, endTime: Number.MAX_SAFE_INTEGER, afterId: 0, limit: 100 };
    const lines = opened.cloud.logs.filter({ group: '/aws/lambda/one', contains: ['END'], ...filter });
    return lines.length >= 7 ? lines.length : undefined;
  });
  expect(runs).toBe(7);
  lambda.destroy();
});

test('S3 slows down whoever writes too often to one bucket, and no other', async () => {
  opened = await open({ rates: { 's3.writes': { bucket: 2, per_second: 1 } } });
  const s3 = new S3Client({ ...opened.config, forcePathStyle: true });
  const put = (Bucket: string) => s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
  for (const Bucket of ['one', 'two']) await s3.send(new CreateBucketCommand({ Bucket }));
  await put('one');
  expect(await refusalOf(put('one'))).toEqual({ name: 'SlowDown', status: 503 });
  await put('two');
  s3.destroy();
});

test('a partition of a table, or of its index, takes so many writes; others are not slowed by it', async () => {
  opened = await open({ rates: { 'dynamodb.partition_writes': { bucket: 2, per_second: 1 } } });
  const client = new DynamoDBClient(opened.config);
  await client.send(
    new CreateTableCommand({
      TableName: 'runs',
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['id', 'owner'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-owner',
          KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );
  const put = (id: string, owner?: string) =>
    client.send(
      new PutItemCommand({
        TableName: 'runs',
        Item: { id: { S: id }, ...(owner && { owner: { S: owner } }) },
      }),
    );
  await put('a', 'acme');
  await put('b', 'acme');
  const refusal = { name: 'ProvisionedThroughputExceededException', status: 400 };
  expect(await refusalOf(put('c', 'acme'))).toEqual(refusal);
  await put('d', 'other');
  await put('a');
  expect(await refusalOf(put('a'))).toEqual(refusal);
  client.destroy();
});
