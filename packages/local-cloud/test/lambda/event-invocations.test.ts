import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, expect, test } from '@jest/globals';
import { virtualClock } from '@statebag/states';
import { eventually, openTestCloud, type TestCloud } from '../gateway/test-cloud.ts';
import { deployCode } from './deploy-code.ts';

let opened: TestCloud;

afterEach(() => opened.close());

/** Log lines of a function that say `attempt`, as seconds after the first one. */
function attempts(functionName: string): number[] {
  const lines = opened.cloud.logs.filter({
    group: `/aws/lambda/${functionName}`,
    contains: ['START'],
    startTime: 0,
    endTime: Number.MAX_SAFE_INTEGER,
    afterId: 0,
    limit: 100,
  });
  return lines.map(({ timestamp }) => Math.round((timestamp - (lines[0]?.timestamp ?? 0)) / 1000));
}

const arnOf = (name: string): string => opened.cloud.functions.arnOf(name);

async function send(functionName: string, event: unknown = {}): Promise<number | undefined> {
  const lambda = new LambdaClient(opened.config);
  const { StatusCode } = await lambda.send(
    new InvokeCommand({
      FunctionName: functionName,
      InvocationType: 'Event',
      Payload: JSON.stringify(event),
    }),
  );
  lambda.destroy();
  return StatusCode;
}

test('an event that fails is tried again after one minute and after two more, then its failure destination learns of it', async () => {
  opened = await openTestCloud({ clock: virtualClock() });
  await deployCode(opened.cloud, 'undertaker', 'async (record) => { console.log(JSON.stringify(record)); }');
  await deployCode(opened.cloud, 'fails', 'async () => { throw new TypeError("no"); }', {
    settings: { onFailure: arnOf('undertaker') },
  });
  expect(await send('fails', { order: 7 })).toBe(202);
  const [line] = await eventually(() => {
    const lines = opened.cloud.logs.filter({
      group: '/aws/lambda/undertaker',
      contains: ['RetriesExhausted'],
      startTime: 0,
      endTime: Number.MAX_SAFE_INTEGER,
      afterId: 0,
      limit: 1,
    });
    return lines.length > 0 ? lines : undefined;
  });
  expect(attempts('fails')).toEqual([0, 60, 180]);
  expect(JSON.parse(line?.message.split('\t').at(-1) ?? '')).toMatchObject({
    requestContext: { functionArn: arnOf('fails'), condition: 'RetriesExhausted', approximateInvokeCount: 3 },
    requestPayload: { order: 7 },
    responseContext: { statusCode: 200, functionError: 'Unhandled' },
    responsePayload: { errorType: 'TypeError', errorMessage: 'no' },
  });
});

test('without retries one failure is the end, told to an event bus where that is the destination', async () => {
  opened = await openTestCloud({ clock: virtualClock() });
  await deployCode(opened.cloud, 'fails', 'async () => { throw new Error("no"); }', {
    settings: {
      maximumRetryAttempts: 0,
      onFailure: 'arn:aws:events:us-east-1:000000000000:event-bus/default',
    },
  });
  await send('fails', { a: 1 });
  const [recorded] = await eventually(() => {
    const events = opened.cloud.events.list({ source: 'lambda' });
    return events.length > 0 ? events : undefined;
  });
  expect(recorded?.event).toMatchObject({
    'detail-type': 'Lambda Function Invocation Result - Failure',
    detail: { requestPayload: { a: 1 } },
  });
  expect(attempts('fails')).toEqual([0]);
});

test('an event that is too old is not tried again', async () => {
  opened = await openTestCloud({ clock: virtualClock() });
  await deployCode(opened.cloud, 'fails', 'async () => { throw new Error("no"); }', {
    settings: { maximumEventAgeSeconds: 90, onFailure: 'arn:aws:events:::event-bus/default' },
  });
  await send('fails');
  const [recorded] = await eventually(() => {
    const events = opened.cloud.events.list({ source: 'lambda' });
    return events.length > 0 ? events : undefined;
  });
  expect(recorded?.event.detail).toMatchObject({ requestContext: { condition: 'EventAgeExceeded' } });
  expect(attempts('fails')).toEqual([0, 60]);
});

test('what was accepted is worked on after a restart', async () => {
  opened = await openTestCloud();
  await deployCode(opened.cloud, 'later', 'async () => {}');
  opened.cloud.functions.queue.stop();
  await send('later');
  opened = await opened.restart();
  await eventually(() => (attempts('later').length === 1 ? true : undefined));
});

test('more events than sandboxes all come through, and the sandboxes stay few', async () => {
  opened = await openTestCloud({ maxSandboxes: 3 });
  for (const name of ['one', 'two', 'three', 'four'])
    await deployCode(opened.cloud, name, 'async (event) => event');
  const invocations = Array.from({ length: 40 }, (_, index) => ({
    functionName: ['one', 'two', 'three', 'four'][index % 4] ?? '',
    invocationType: 'RequestResponse' as const,
    payload: `${index}`,
  }));
  const answers = await Promise.all(
    invocations.map((invocation) => opened.cloud.functions.invoke(invocation)),
  );
  expect(answers.map(({ payload }) => Number(payload))).toEqual(invocations.map((_, index) => index));
});

test('a function that waits for another does not starve it', async () => {
  opened = await openTestCloud({ maxSandboxes: 1 });
  await deployCode(opened.cloud, 'inner', 'async () => "inner"');
  await deployCode(opened.cloud, 'outer', callingInner());
  const { payload } = await opened.cloud.functions.invoke({
    functionName: 'outer',
    invocationType: 'RequestResponse',
    payload: '{}',
  });
  expect(JSON.parse(payload)).toBe('inner');
});

/** A handler that signs a call of another function with nothing but Node. */
function callingInner(): string {
  return `async () => {
    const { createHash, createHmac } = require('node:crypto');
    const url = new URL(process.env.AWS_ENDPOINT_URL + '/2015-03-31/functions/inner/invocations');
    const date = new Date().toISOString().replace(/[-:]|\\.\\d{3}/g, '');
    const scope = date.slice(0, 8) + '/us-east-1/lambda/aws4_request';
    const sha = (text) => createHash('sha256').update(text).digest('hex');
    const canonical = ['POST', url.pathname, '', 'host:' + url.host, 'x-amz-date:' + date, '', 'host;x-amz-date', sha('{}')].join('\\n');
    const key = scope.split('/').reduce((k, part) => createHmac('sha256', k).update(part).digest(), 'AWS4' + process.env.AWS_SECRET_ACCESS_KEY);
    const signature = createHmac('sha256', key).update(['AWS4-HMAC-SHA256', date, scope, sha(canonical)].join('\\n')).digest('hex');
    const authorization = 'AWS4-HMAC-SHA256 Credential=' + process.env.AWS_ACCESS_KEY_ID + '/' + scope + ', SignedHeaders=host;x-amz-date, Signature=' + signature;
    return (await fetch(url, { method: 'POST', body: '{}', headers: { authorization, 'x-amz-date': date } })).json();
  }`;
}
