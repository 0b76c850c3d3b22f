import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { EventBridgeClient, ListRulesCommand } from '@aws-sdk/client-eventbridge';
import { LambdaClient, ListFunctionsCommand } from '@aws-sdk/client-lambda';
import { ListBucketsCommand, S3Client } from '@aws-sdk/client-s3';
import { ListStateMachinesCommand, SFNClient } from '@aws-sdk/client-sfn';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type ClientConfig, openTestCloud, refusalOf, type TestCloud } from './test-cloud.ts';

let opened: TestCloud;

beforeAll(async () => {
  opened = await openTestCloud();
});

afterAll(() => opened.close());

const CALLS: Readonly<
  Record<
    string,
    {
      readonly unknownKey: string;
      readonly wrongSecret: string;
      call(config: ClientConfig): Promise<unknown>;
    }
  >
> = {
  S3: {
    unknownKey: 'InvalidAccessKeyId',
    wrongSecret: 'SignatureDoesNotMatch',
    call: (config) => new S3Client(config).send(new ListBucketsCommand({})),
  },
  Lambda: {
    unknownKey: 'UnrecognizedClientException',
    wrongSecret: 'InvalidSignatureException',
    call: (config) => new LambdaClient(config).send(new ListFunctionsCommand({})),
  },
  DynamoDB: {
    unknownKey: 'UnrecognizedClientException',
    wrongSecret: 'InvalidSignatureException',
    call: (config) => new DynamoDBClient(config).send(new ListTablesCommand({})),
  },
  EventBridge: {
    unknownKey: 'UnrecognizedClientException',
    wrongSecret: 'InvalidSignatureException',
    call: (config) => new EventBridgeClient(config).send(new ListRulesCommand({})),
  },
  STS: {
    unknownKey: 'InvalidClientTokenId',
    wrongSecret: 'SignatureDoesNotMatch',
    call: (config) => new STSClient(config).send(new GetCallerIdentityCommand({})),
  },
  'Step Functions': {
    unknownKey: 'UnrecognizedClientException',
    wrongSecret: 'InvalidSignatureException',
    call: (config) => new SFNClient(config).send(new ListStateMachinesCommand({})),
  },
};

describe.each(Object.entries(CALLS))('%s', (_, { call, unknownKey, wrongSecret }) => {
  test('answers the right key', async () => {
    expect(await call(opened.config)).toBeTruthy();
  });

  test('refuses an unknown key with 403 in its own words', async () => {
    expect(
      await refusalOf(
        call({ ...opened.config, credentials: { accessKeyId: 'somebody', secretAccessKey: 'wrong' } }),
      ),
    ).toEqual({
      name: unknownKey,
      status: 403,
    });
  });

  test('refuses a wrong secret with 403 in its own words', async () => {
    expect(
      await refusalOf(
        call({ ...opened.config, credentials: { accessKeyId: 'local', secretAccessKey: 'local' } }),
      ),
    ).toEqual({
      name: wrongSecret,
      status: 403,
    });
  });

  test('refuses a request signed an hour ago', async () => {
    const old = { ...opened.config, systemClockOffset: -3_600_000 };
    expect((await refusalOf(call(old))).status).toBe(403);
  });
});

test('an unsigned request is refused', async () => {
  expect((await fetch(`${opened.cloud.endpoint}/bucket/key`)).status).toBe(403);
  const json = await fetch(opened.cloud.endpoint, {
    method: 'POST',
    headers: { 'x-amz-target': 'AWSStepFunctions.ListStateMachines' },
    body: '{}',
  });
  expect([json.status, await json.json()]).toEqual([
    403,
    expect.objectContaining({ __type: 'MissingAuthenticationTokenException' }),
  ]);
});

test('a request under a foreign host name is refused, whoever signed it', async () => {
  const { port } = new URL(opened.cloud.endpoint);
  const answer = await new Promise<{ status: number | undefined; body: string }>((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port, path: '/', headers: { host: 'rebound.example.com' } },
      async (response) => resolve({ status: response.statusCode, body: await text(response) }),
    );
    sent.on('error', reject).end();
  });
  expect(answer.status).toBe(403);
  expect(answer.body).toContain('loopback');
});

test.each([
  ['scheduler', {}, '/schedules'],
  ['iam', { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }, '/'],
])('a service that is not here is named, and not taken for a bucket: %s', async (service, headers, path) => {
  const authorization = `AWS4-HMAC-SHA256 Credential=local/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`;
  const answer = await fetch(`${opened.cloud.endpoint}${path}`, { headers: { ...headers, authorization } });
  expect(answer.status).toBe(400);
  expect(await answer.text()).toContain(`${service} is not a service of the local cloud`);
});

test('an unknown operation and an unknown service are named', async () => {
  const { FilterLogEventsCommand, CloudWatchLogsClient, DescribeQueriesCommand } = await import(
    '@aws-sdk/client-cloudwatch-logs'
  );
  const logs = new CloudWatchLogsClient(opened.config);
  expect((await refusalOf(logs.send(new DescribeQueriesCommand({})))).name).toBe('UnknownOperationException');
  expect((await logs.send(new FilterLogEventsCommand({ logGroupName: '/none' }))).events).toEqual([]);
});
