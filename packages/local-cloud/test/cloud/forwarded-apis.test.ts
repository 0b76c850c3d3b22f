import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Apis } from '@statebag/states';
import { openApiCalls } from '../../src/cloud/api-calls.ts';
import { installedClients } from '../../src/cloud/sdk-clients.ts';
import { openTestCloud, type TestCloud } from '../gateway/test-cloud.ts';
import { deployCode } from '../lambda/deploy-code.ts';

/** Another cloud, which speaks every protocol, stands for the endpoints. */
let elsewhere: TestCloud;
let apis: Apis;

beforeAll(async () => {
  const credentials = { accessKeyId: 'local', secretAccessKey: 'local' };
  elsewhere = await openTestCloud({ durable: false, credentials });
  await deployCode(elsewhere.cloud, 'double', 'async ({ n }) => n * 2');
  const { endpoint } = elsewhere.cloud;
  apis = openApiCalls({
    services: () => ({}),
    region: 'us-east-1',
    endpoints: {
      ...Object.fromEntries(
        ['ssm', 'sqs', 'lambda', 'cloudformation', 's3', 'rekognition'].map((name) => [name, endpoint]),
      ),
      cloudwatchlogs: endpoint,
      sfn: endpoint,
    },
    mocks: {},
    findClient: installedClients([import.meta.dirname]),
  });
});
afterAll(() => elsewhere.close());

const call = (service: string, action: string, input: object = {}) =>
  apis.call(`aws-sdk:${service}`, action, { ...input });

test('a call is made by the protocol of its service, and its answer has the names of a task', async () => {
  expect(await call('ssm', 'putParameter', { Name: '/a', Value: 'b', Type: 'String' })).toMatchObject({
    Version: 1,
  });
  expect(await call('ssm', 'getParameter', { Name: '/a' })).toMatchObject({
    Parameter: { Name: '/a', Value: 'b', LastModifiedDate: expect.stringMatching(/^\d{4}-.*Z$/) },
  });
  const { QueueUrl } = Object(
    await call('sqs', 'createQueue', { QueueName: 'q', Attributes: { DelaySeconds: '0' } }),
  );
  expect(await call('sqs', 'sendMessage', { QueueUrl, MessageBody: 'm' })).toMatchObject({
    MessageId: expect.any(String),
  });
  expect(await call('lambda', 'invoke', { FunctionName: 'double', Payload: { n: 4 } })).toMatchObject({
    StatusCode: 200,
    Payload: '8',
  });
  expect(await call('cloudwatchlogs', 'describeLogGroups', { LogGroupNamePrefix: '/none' })).toEqual({
    LogGroups: [],
  });
  expect(await call('cloudformation', 'listStacks')).toMatchObject({ StackSummaries: [] });
  await call('s3', 'createBucket', { Bucket: 'far' });
  await call('s3', 'putObject', { Bucket: 'far', Key: 'k', Body: { a: 1 }, Metadata: { by: 'task' } });
  expect(await call('s3', 'getObject', { Bucket: 'far', Key: 'k' })).toMatchObject({
    Body: '{"a":1}',
    Metadata: { by: 'task' },
  });
});

test('a call that is refused there fails as it was refused', async () => {
  await expect(call('ssm', 'getParameter', { Name: '/none' })).rejects.toMatchObject({
    code: 'ParameterNotFound',
    status: 400,
  });
  await expect(call('s3', 'getObject', { Bucket: 'none', Key: 'k' })).rejects.toMatchObject({
    code: 'NoSuchBucket',
    status: 404,
  });
});

test('a parameter that the API has not is no call', async () => {
  await expect(call('ssm', 'getParameter', { Nmae: '/a' })).rejects.toThrow(
    "The API has no parameter 'Nmae'",
  );
});

test.each([
  ['aws-sdk:ssm', 'getParameter', undefined, undefined],
  ['aws-sdk:ssm', 'getNothing', undefined, "has no action 'getNothing'"],
  ['aws-sdk:rekognition', 'detectLabels', undefined, 'install that package'],
  ['aws-sdk:sns', 'publish', undefined, 'give an endpoint or a mock'],
  ['lambda', 'invoke', '.sync', "'lambda:invoke.sync'; give a mock"],
])('%s:%s with %s is refused: %s', (service, action, suffix, why) => {
  const refusal = apis.refusal(service, action, suffix);
  if (why === undefined) expect(refusal).toBeUndefined();
  else expect(refusal).toContain(why);
});

test('the model of an answer is that of the installed client', () => {
  expect(apis.answer?.('aws-sdk:sfn', 'startExecution')).toEqual({
    required: { ExecutionArn: 'string', StartDate: 'any' },
    optional: {},
  });
  expect(apis.answer?.('aws-sdk:sqs', 'receiveMessage')).toEqual({
    required: {},
    optional: { Messages: 'array' },
  });
  expect(apis.answer?.('aws-sdk:rekognition', 'detectLabels')).toBeUndefined();
  expect(apis.answer?.('aws-sdk:sqs', 'nothing')).toBeUndefined();
});
