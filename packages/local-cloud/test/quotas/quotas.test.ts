import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, expect, test } from '@jest/globals';
import { eventually, refusalOf } from '../gateway/test-cloud.ts';
import { deployCode } from '../lambda/deploy-code.ts';
import { DONE, type HeldCloud, openHeldCloud } from './held-cloud.ts';

let opened: HeldCloud;
afterEach(() => opened.close());

test('starters that try again drain at the rate of the account: nothing is lost and nothing doubled', async () => {
  opened = await openHeldCloud({ rates: { 'states.StartExecution': { bucket: 130, per_second: 30 } } });
  const stateMachineArn = await opened.machine(DONE);
  const began = opened.now();
  const starts = Array.from({ length: 250 }, async (_, index) => {
    for (let refused = 0; ; refused++) {
      try {
        await opened.call('StartExecution', { stateMachineArn, name: `run-${index}` });
        return refused;
      } catch (error) {
        expect(error).toMatchObject({ code: 'ThrottlingException', message: 'Rate exceeded' });
        await opened.later(100);
      }
    }
  });
  const refusals = await Promise.all(starts);
  expect(refusals.filter((count) => count > 0).length).toBe(120);
  const bound = ((250 - 130) / 30) * 1_000;
  expect(opened.now() - began).toBeGreaterThanOrEqual(bound - 1);
  expect(opened.now() - began).toBeLessThanOrEqual(bound * 1.1);
});

test('a client of the SDK is refused as Step Functions refuses it', async () => {
  opened = await openHeldCloud({ rates: { 'states.StartExecution': { bucket: 1, per_second: 1 } } });
  const stateMachineArn = await opened.machine({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
  const sfn = new SFNClient(opened.config);
  const start = () => sfn.send(new StartExecutionCommand({ stateMachineArn }));
  await start();
  expect(await refusalOf(start())).toEqual({ name: 'ThrottlingException', status: 400 });
  await opened.later(1_000);
  await start();
  sfn.destroy();
});

test('states are entered at the rate of transitions, and every execution ends', async () => {
  opened = await openHeldCloud({ rates: { 'states.transitions': { bucket: 10, per_second: 10 } } });
  const names = Array.from({ length: 10 }, (_, index) => `s${index}`);
  const States = Object.fromEntries(
    names.map((name, index) => [
      name,
      { Type: 'Pass', ...(index === 9 ? { End: true } : { Next: names[index + 1] }) },
    ]),
  );
  const stateMachineArn = await opened.machine({ StartAt: 's0', States });
  const began = opened.now();
  const starts = await Promise.all(names.map(() => opened.call('StartExecution', { stateMachineArn })));
  const ends = await Promise.all(starts.map(({ executionArn }) => opened.ended(executionArn)));
  expect(ends.map(({ status }) => status)).toEqual(names.map(() => 'SUCCEEDED'));
  const bound = ((100 - 10) / 10) * 1_000;
  const last = Math.max(...ends.map(({ stopDate }) => Number(stopDate))) * 1_000;
  expect(last - began).toBeGreaterThanOrEqual(bound - 10);
  expect(last - began).toBeLessThanOrEqual(bound * 1.1);
});

test('one function too many is refused, a task tries again, and an event waits without losing an attempt', async () => {
  opened = await openHeldCloud({ concurrency: 1 });
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
  const stateMachineArn = await opened.machine({
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
  const { executionArn } = await opened.call('StartExecution', { stateMachineArn, input: '[1,2,3]' });
  expect(await opened.ended(executionArn)).toMatchObject({ status: 'SUCCEEDED' });
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
  opened = await openHeldCloud({ rates: { 's3.writes': { bucket: 2, per_second: 1 } } });
  const s3 = new S3Client({ ...opened.config, forcePathStyle: true });
  const put = (Bucket: string) => s3.send(new PutObjectCommand({ Bucket, Key: 'k', Body: 'x' }));
  for (const Bucket of ['one', 'two']) await s3.send(new CreateBucketCommand({ Bucket }));
  await put('one');
  expect(await refusalOf(put('one'))).toEqual({ name: 'SlowDown', status: 503 });
  await put('two');
  s3.destroy();
});
