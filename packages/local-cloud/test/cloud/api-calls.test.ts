import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ApiError, type Apis } from '@statebag/states';
import { openApiCalls } from '../../src/cloud/api-calls.ts';

let server: Server;
let apis: Apis;
const asked: { url: string | undefined; body: string }[] = [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk) => {
      body += String(chunk);
    });
    request.on('end', () => {
      asked.push({ url: request.url, body });
      const isKnown = request.url?.includes('good');
      response.writeHead(isKnown ? 200 : 404, {
        'content-type': 'application/json',
        'x-amzn-errortype': 'ResourceNotFoundException:http',
      });
      response.end(isKnown ? '{"text":"hi"}' : 'no such model');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo; // a server that listens on a port
  apis = openApiCalls({
    services: () => ({
      ssm: { actions: { GetParameter: async (input) => ({ got: input }) } },
      sfn: { actions: { DescribeExecution: async (input) => ({ ...input, startDate: 0 }) }, camelCase: true },
    }),
    region: 'us-east-1',
    endpoints: { bedrockruntime: `http://127.0.0.1:${port}/` },
    mocks: {
      'sns:publish': [{ Return: { MessageId: '1' } }, { Throw: { Error: 'SNS.Throttled', Cause: 'slow' } }],
    },
  });
});
afterAll(() => new Promise((resolve) => server.close(resolve)));

describe('a call of a task', () => {
  test('reaches a service of this cloud, in its own spelling', async () => {
    expect(await apis.call('aws-sdk:ssm', 'getParameter', { Name: 'n' })).toEqual({ got: { Name: 'n' } });
    expect(await apis.call('aws-sdk:sfn', 'describeExecution', { ExecutionArn: 'a' })).toEqual({
      ExecutionArn: 'a',
      StartDate: '1970-01-01T00:00:00.000Z',
    });
  });

  test('gets the answers of a mock one after the other, and the last one from then on', async () => {
    expect(await apis.call('sns', 'publish', {})).toEqual({ MessageId: '1' });
    for (const _ of [2, 3])
      await expect(apis.call('sns', 'publish', {})).rejects.toMatchObject({
        code: 'SNS.Throttled',
        message: 'slow',
      });
  });

  test('goes to the endpoint that is given for its service', async () => {
    const input = { ModelId: 'good:1', Body: { prompt: 'x' } };
    expect(await apis.call('bedrock', 'invokeModel', input)).toEqual({
      Body: { text: 'hi' },
      ContentType: 'application/json',
    });
    expect(asked.at(-1)).toEqual({ url: '/model/good%3A1/invoke', body: '{"prompt":"x"}' });
    const refused = apis.call('aws-sdk:bedrockruntime', 'invokeModel', { ModelId: 'bad' });
    await expect(refused).rejects.toEqual(
      new ApiError('ResourceNotFoundException', 'no such model', { status: 404 }),
    );
  });

  test.each<[string, string, boolean]>([
    ['aws-sdk:ssm', 'getParameter', true],
    ['aws-sdk:ssm', 'constructor', false],
    ['ssm', 'getParameter', false],
    ['sns', 'publish', true],
    ['ecs', 'runTask', false],
  ])('%s:%s can be made: %s', (service, action, isPossible) => {
    expect(apis.refusal(service, action) === undefined).toBe(isPossible);
  });
});
