import { EventBridgeClient, PutEventsCommand } from '@aws-sdk/client-eventbridge';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { CreateQueueCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterEach, expect, test } from '@jest/globals';
import { eventually, refusalOf } from '../gateway/test-cloud.ts';
import { deployCode } from '../lambda/deploy-code.ts';
import { DONE, type HeldCloud, openHeldCloud } from './held-cloud.ts';

let opened: HeldCloud;
afterEach(() => opened.close());

const BUCKET_OF_ONE = { bucket: 1, per_second: 1 };
const ENTRY = { Source: 'test', DetailType: 'd', Detail: '{}' };

test('a function gets new environments at a rate; one that is there is used again', async () => {
  opened = await openHeldCloud({ rates: { 'lambda.new_environments': BUCKET_OF_ONE } });
  const code = 'async () => { await new Promise((resolve) => setTimeout(resolve, 20)); return 1; }';
  await deployCode(opened.cloud, 'one', code);
  const lambda = new LambdaClient(opened.config);
  const invoke = () =>
    refusalOf(lambda.send(new InvokeCommand({ FunctionName: 'one' }))).catch(() => undefined);
  const both = await Promise.all([invoke(), invoke()]);
  expect(both.filter((refusal) => refusal?.name === 'TooManyRequestsException')).toHaveLength(1);
  expect(await invoke()).toBeUndefined();
  await opened.later(1_000);
  expect(await Promise.all([invoke(), invoke()])).toEqual([undefined, undefined]);
  lambda.destroy();
});

test('an account has ten requests a second for each function that may be at work', async () => {
  opened = await openHeldCloud({ concurrency: 1 });
  await deployCode(opened.cloud, 'one', 'async () => 1');
  const invoke = () =>
    opened.cloud.functions.invoke({
      functionName: 'one',
      invocationType: 'RequestResponse',
      payload: '{}',
    });
  for (let sent = 0; sent < 10; sent += 1) await invoke();
  await expect(invoke()).rejects.toMatchObject({
    code: 'TooManyRequestsException',
    fields: { Reason: 'FunctionInvocationRateLimitExceeded' },
  });
  await opened.later(100);
  await invoke();
});

test('PutEvents is refused to a client and to a task; the service tells of executions all the same', async () => {
  opened = await openHeldCloud({ rates: { 'events.PutEvents': BUCKET_OF_ONE } });
  const bridge = new EventBridgeClient(opened.config);
  const put = () => bridge.send(new PutEventsCommand({ Entries: [ENTRY] }));
  await put();
  expect(await refusalOf(put())).toEqual({ name: 'ThrottlingException', status: 400 });
  const stateMachineArn = await opened.machine({
    StartAt: 'Tell',
    States: {
      Tell: {
        Type: 'Task',
        Resource: 'arn:aws:states:::events:putEvents',
        Parameters: { Entries: [ENTRY] },
        End: true,
      },
    },
  });
  const { executionArn } = await opened.call('StartExecution', { stateMachineArn });
  expect(await opened.ended(executionArn)).toMatchObject({
    error: 'EventBridge.AmazonEventBridgeException',
  });
  const told = await eventually(() => {
    const events = opened.cloud.events.list().filter(({ event }) => event.source === 'aws.states');
    return events.length === 2 ? events : undefined;
  });
  expect(told).toHaveLength(2);
  bridge.destroy();
});

test('targets of rules get their events at a rate, later and all of them', async () => {
  opened = await openHeldCloud({ rates: { 'events.invocations': BUCKET_OF_ONE } });
  const stateMachineArn = await opened.machine(DONE);
  const { events } = opened.cloud;
  await events.actions['PutRule']?.({ Name: 'r', EventPattern: '{"source":["test"]}' });
  await events.actions['PutTargets']?.({
    Rule: 'r',
    Targets: [{ Id: 't', Arn: stateMachineArn, RoleArn: 'arn:aws:iam::000000000000:role/m' }],
  });
  const began = opened.now();
  await events.put([ENTRY, ENTRY, ENTRY]);
  const started = await eventually(async () => {
    const { executions } = await opened.call('ListExecutions', { stateMachineArn });
    return Array.isArray(executions) && executions.length === 3 ? executions : undefined;
  });
  const seconds = started.map(({ startDate }) => Math.round(Number(startDate) - began / 1_000));
  expect(seconds.toSorted()).toEqual([0, 1, 2]);
});

test('an HTTP API answers 429 to one request too many', async () => {
  opened = await openHeldCloud({ rates: { 'http.requests': BUCKET_OF_ONE } });
  opened.cloud.kept.put('AWS::ApiGatewayV2::Api', 'api', {});
  const ask = () => fetch(`${opened.cloud.endpoint}/_aws/execute-api/api/runs`);
  expect((await ask()).status).toBe(404);
  const refused = await ask();
  expect([refused.status, await refused.json()]).toEqual([429, { message: 'Too Many Requests' }]);
});

test('parameters are read at a rate', async () => {
  opened = await openHeldCloud({ rates: { 'ssm.reads': BUCKET_OF_ONE } });
  const ssm = new SSMClient(opened.config);
  await ssm.send(new PutParameterCommand({ Name: '/p', Value: 'v', Type: 'String' }));
  const read = () => ssm.send(new GetParameterCommand({ Name: '/p' }));
  await read();
  expect(await refusalOf(read())).toEqual({ name: 'ThrottlingException', status: 400 });
  ssm.destroy();
});

test('a queue in order takes so many messages a second, another one any number', async () => {
  opened = await openHeldCloud({ rates: { 'sqs.fifo': BUCKET_OF_ONE } });
  const sqs = new SQSClient(opened.config);
  const create = async (QueueName: string, Attributes = {}) =>
    (await sqs.send(new CreateQueueCommand({ QueueName, Attributes }))).QueueUrl;
  const [fifo, plain] = [await create('q.fifo', { FifoQueue: 'true' }), await create('q')];
  const send = (id: string) =>
    sqs.send(
      new SendMessageCommand({
        QueueUrl: fifo,
        MessageBody: 'x',
        MessageGroupId: 'g',
        MessageDeduplicationId: id,
      }),
    );
  await send('a');
  expect(await refusalOf(send('b'))).toEqual({ name: 'ThrottlingException', status: 400 });
  for (const _ of [1, 2, 3]) await sqs.send(new SendMessageCommand({ QueueUrl: plain, MessageBody: 'x' }));
  sqs.destroy();
});
