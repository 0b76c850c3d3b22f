import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { dynamoDb, placeOf, s3 } from './index.ts';
import { hostOf } from './signed-requests.ts';

const PATIENCE = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 1_000, throwOnRequestTimeout: true },
} as const;
const KEYS = { AWS_REGION: 'eu-west-1', AWS_ACCESS_KEY_ID: 'a', AWS_SECRET_ACCESS_KEY: 'b' };
const KEY = { pk: { S: 'a' }, sk: { S: 'b' } };

interface Reply {
  readonly status: number;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

let server: Server;
/** What comes next; the last one stays. */
let replies: Reply[] = [];
let asked: IncomingHttpHeaders[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push(request.headers);
    const next = (replies.length > 1 ? replies.shift() : replies[0]) ?? { status: 500 };
    const headers = { 'content-type': 'application/x-amz-json-1.0', ...next.headers };
    request.resume().on('end', () => response.writeHead(next.status, headers).end(next.body));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
});
afterAll(() => new Promise<void>((resolve) => void server.close(() => resolve())));

function placeThatSays(...says: Reply[]) {
  [replies, asked] = [says, []];
  const { port } = server.address() as AddressInfo; // it listens
  return { ...KEYS, AWS_ENDPOINT_URL: `http://127.0.0.1:${port}` };
}

function items(...says: Reply[]) {
  return dynamoDb(placeOf(placeThatSays(...says)), PATIENCE);
}

const refused = (name: string, more: object = {}) =>
  JSON.stringify({ __type: `com.amazonaws.dynamodb.v20120810#${name}`, message: 'no', ...more });

test('an answer is its members', async () => {
  const Item = { pk: { S: 'ä' }, n: { N: '1' } };
  expect(
    await items({ status: 200, body: JSON.stringify({ Item }) }).getItem({ TableName: 't', Key: KEY }),
  ).toEqual({
    Item,
  });
});

test('a refusal has the name, the status and the members that the service gave it, and is not tried again', async () => {
  const body = refused('ConditionalCheckFailedException', { Item: KEY });
  await expect(items({ status: 400, body }).putItem({ TableName: 't', Item: KEY })).rejects.toMatchObject({
    name: 'ConditionalCheckFailedException',
    message: 'no',
    $metadata: { httpStatusCode: 400 },
    Item: KEY,
  });
  expect(asked).toHaveLength(1);
});

test.each([
  ['a throttled request', { status: 400, body: refused('ProvisionedThroughputExceededException') }],
  ['a service that is down', { status: 503 }],
  [
    'a page of something in between',
    { status: 502, body: '<html>', headers: { 'content-type': 'text/html' } },
  ],
])('%s is tried again', async (_, first) => {
  await items(first, { status: 200, body: '{}' }).getItem({ TableName: 't', Key: KEY });
  expect(asked).toHaveLength(2);
  expect(asked.map((headers) => headers['amz-sdk-request'])).toEqual([
    'attempt=1; max=3',
    'attempt=2; max=3',
  ]);
});

test('what stays down fails after all tries, by its status', async () => {
  await expect(items({ status: 500 }).getItem({ TableName: 't', Key: KEY })).rejects.toMatchObject({
    $metadata: { httpStatusCode: 500, attempts: 3 },
  });
  expect(asked).toHaveLength(3);
});

test('a clock that is an hour behind is set by the refusal, and the request goes through', async () => {
  const ahead = new Date(Date.now() + 3_600_000);
  const skewed = {
    status: 400,
    body: refused('RequestTimeTooSkewed'),
    headers: { date: ahead.toUTCString() },
  };
  await items(skewed, { status: 200, body: '{}' }).getItem({ TableName: 't', Key: KEY });
  const [, second] = asked.map((headers) => String(headers['x-amz-date']));
  expect(second?.slice(0, 11)).toBe(ahead.toISOString().replaceAll('-', '').slice(0, 11));
});

test('a request carries the trace of its invocation and the token of the keys', async () => {
  const environment = {
    ...placeThatSays({ status: 200, body: '{}' }),
    AWS_SESSION_TOKEN: 'token',
    _X_AMZN_TRACE_ID: 'Root=1',
  };
  const requests = dynamoDb(placeOf(environment), PATIENCE);
  await requests.getItem({ TableName: 't', Key: KEY });
  environment._X_AMZN_TRACE_ID = 'Root=2';
  await requests.getItem({ TableName: 't', Key: KEY });
  expect(asked.map((headers) => headers['x-amzn-trace-id'])).toEqual(['Root=1', 'Root=2']);
  expect(asked[0]).toMatchObject({ 'x-amz-security-token': 'token', 'user-agent': 'statebag' });
});

test.each(['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY'])(
  'without %s a function loads, and its first request says so',
  async (name) => {
    const environment = { ...placeThatSays({ status: 200, body: '{}' }), [name]: undefined };
    await expect(
      dynamoDb(placeOf(environment), PATIENCE).getItem({ TableName: 't', Key: KEY }),
    ).rejects.toThrow(name);
    expect(asked).toEqual([]);
  },
);

test('a refusal of S3 has its code; where there is no text, what its status says', async () => {
  const body = '<Error><Code>AccessDenied</Code><Message>no</Message></Error>';
  const objects = (reply: Reply) => s3(placeOf(placeThatSays(reply)), PATIENCE);
  await expect(objects({ status: 403, body }).getObject({ Bucket: 'b', Key: 'k' })).rejects.toMatchObject({
    name: 'AccessDenied',
    message: 'no',
    $metadata: { httpStatusCode: 403 },
  });
  await expect(objects({ status: 404 }).headObject({ Bucket: 'b', Key: 'k' })).rejects.toMatchObject({
    name: 'NotFound',
  });
});

test.each([
  'us-east-1',
  'cn-north-1',
  'us-gov-west-1',
  'us-iso-east-1',
  'us-isob-east-1',
  'us-isof-south-1',
  'eu-isoe-west-1',
  'eusc-de-east-1',
])('the host of %s is the one that the SDK asks', (region) => {
  const { endpointProvider } = new DynamoDBClient({ region }).config;
  expect(hostOf('dynamodb', region)).toBe(endpointProvider({ Region: region }).url.hostname);
});
