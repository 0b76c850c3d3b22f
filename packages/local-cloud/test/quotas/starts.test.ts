import { afterEach, expect, test } from '@jest/globals';
import { eventually } from '../gateway/test-cloud.ts';
import { DONE, type HeldCloud, openHeldCloud } from './held-cloud.ts';

let opened: HeldCloud;
afterEach(() => opened.close());

const BUCKET_OF_ONE = { bucket: 1, per_second: 1 };

test('executions that tasks start are starts of the account: a task is refused and tries again', async () => {
  opened = await openHeldCloud({ rates: { 'states.StartExecution': { bucket: 2, per_second: 1 } } });
  const StateMachineArn = await opened.machine(DONE);
  const start = (Retry: object[]) => ({
    Type: 'Task',
    Resource: 'arn:aws:states:::states:startExecution.sync:2',
    Parameters: { StateMachineArn },
    End: true,
    Retry,
  });
  const refused = await opened.machine({
    StartAt: 'Start',
    States: { Start: start([]) },
  });
  const patient = await opened.machine({
    StartAt: 'All',
    States: {
      All: {
        Type: 'Map',
        End: true,
        ItemProcessor: {
          StartAt: 'Start',
          States: {
            Start: start([
              {
                ErrorEquals: ['StepFunctions.AWSStepFunctionsException'],
                IntervalSeconds: 1,
                MaxAttempts: 9,
              },
            ]),
          },
        },
      },
    },
  });
  const began = opened.now();
  const first = await opened.call('StartExecution', { stateMachineArn: patient, input: '[1,2,3,4,5]' });
  expect(await opened.ended(first['executionArn'])).toMatchObject({ status: 'SUCCEEDED' });
  expect(opened.now() - began).toBeGreaterThanOrEqual(4_000 - 1);
  expect(
    (await opened.call('ListExecutions', { stateMachineArn: StateMachineArn }))['executions'],
  ).toHaveLength(5);
  await opened.later(500);
  const second = await opened.call('StartExecution', { stateMachineArn: refused });
  expect(await opened.ended(second['executionArn'])).toMatchObject({
    status: 'FAILED',
    error: 'StepFunctions.AWSStepFunctionsException',
    cause: expect.stringContaining('Rate exceeded (Service: AWSStepFunctions; Status Code: 400'),
  });
});

test('express executions have a rate of their own, and none where the caller waits', async () => {
  opened = await openHeldCloud({
    rates: { 'states.StartExecution': BUCKET_OF_ONE, 'states.StartExecution.express': BUCKET_OF_ONE },
  });
  const [standard, express] = [await opened.machine(DONE), await opened.machine(DONE, { type: 'EXPRESS' })];
  const start = (stateMachineArn: string) => opened.call('StartExecution', { stateMachineArn });
  await Promise.all([start(standard), start(express)]);
  for (const each of [standard, express])
    await expect(start(each)).rejects.toMatchObject({ code: 'ThrottlingException' });
  for (const _ of [1, 2])
    await expect(opened.call('StartSyncExecution', { stateMachineArn: express })).resolves.toMatchObject({
      status: 'SUCCEEDED',
    });
});

test('an account has so many executions open, and another one when one has ended', async () => {
  opened = await openHeldCloud({ openExecutions: 2 });
  const stateMachineArn = await opened.machine({
    StartAt: 'Ask',
    States: { Ask: { Type: 'Wait', Seconds: 86_400, End: true } },
  });
  const start = () => opened.call('StartExecution', { stateMachineArn });
  const [{ executionArn }] = [await start(), await start()];
  await expect(start()).rejects.toMatchObject({
    code: 'ExecutionLimitExceeded',
    message: expect.stringContaining('The maximum number of running executions has been reached.'),
  });
  await opened.call('StopExecution', { executionArn });
  await start();
});

test('an event for a machine that may not start now waits and is not lost', async () => {
  opened = await openHeldCloud({ rates: { 'states.StartExecution': BUCKET_OF_ONE } });
  const stateMachineArn = await opened.machine(DONE);
  const began = opened.now();
  const { events } = opened.cloud;
  await events.actions['PutRule']?.({ Name: 'r', EventPattern: '{"source":["test"]}' });
  await events.actions['PutTargets']?.({
    Rule: 'r',
    Targets: [{ Id: 't', Arn: stateMachineArn, RoleArn: 'arn:aws:iam::000000000000:role/m' }],
  });
  const entry = { Source: 'test', DetailType: 'd', Detail: '{}' };
  await events.actions['PutEvents']?.({ Entries: [entry, entry, entry, entry] });
  await eventually(async () => {
    const { executions } = await opened.call('ListExecutions', { stateMachineArn });
    return Array.isArray(executions) && executions.length === 4 ? executions : undefined;
  });
  expect(opened.now() - began).toBeGreaterThanOrEqual(3_000 - 1);
});
