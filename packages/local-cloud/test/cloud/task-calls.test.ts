import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { eventually, openTestCloud, type TestCloud } from '../gateway/test-cloud.ts';
import { deployCode } from '../lambda/deploy-code.ts';

let opened: TestCloud;
beforeAll(async () => {
  opened = await openTestCloud({ durable: false });
  await opened.cloud.s3.createBucket('orders');
  await deployCode(
    opened.cloud,
    'double',
    'async ({ n }) => { if (n === 0) throw new Error("no"); return n * 2; }',
  );
});
afterAll(() => opened.close());

const task = (call: string, Parameters: object, more: object = { End: true }) => ({
  Type: 'Task',
  Resource: `arn:aws:states:::aws-sdk:${call}`,
  Parameters,
  ...more,
});

/** Runs states one after the other and gives the output, or the error. */
async function run(states: Readonly<Record<string, object>>): Promise<Record<string, unknown>> {
  const { states: actions } = opened.cloud;
  const name = `calls-${Math.random().toString(36).slice(2)}`;
  const definition = JSON.stringify({ StartAt: Object.keys(states)[0], States: states });
  const roleArn = 'arn:aws:iam::000000000000:role/r';
  // answers of the engine
  const machine = (await actions['CreateStateMachine']?.({ name, definition, roleArn })) as Answer;
  const started = (await actions['StartExecution']?.({
    stateMachineArn: machine['stateMachineArn'],
  })) as Answer;
  return eventually(async () => {
    const ended = (await actions['DescribeExecution']?.({ executionArn: started['executionArn'] })) as Answer;
    if (ended['status'] === 'RUNNING') return undefined;
    return ended['output'] === undefined ? { error: ended['error'] } : JSON.parse(ended['output']);
  });
}
type Answer = Readonly<Record<string, string>>;

test('tasks put, read, list and delete objects', async () => {
  const Key = 'a/ö 1.json';
  const output = await run({
    Put: task(
      's3:putObject',
      { Bucket: 'orders', Key, Body: { id: 7 }, Metadata: { by: 'task' } },
      { ResultPath: '$.put', Next: 'Get' },
    ),
    Get: task('s3:getObject', { Bucket: 'orders', Key }, { ResultPath: '$.get', Next: 'List' }),
    List: task(
      's3:listObjectsV2',
      { Bucket: 'orders', Prefix: 'a/', MaxKeys: 1 },
      { ResultPath: '$.list', Next: 'Head' },
    ),
    Head: task('s3:headObject', { Bucket: 'orders', Key }, { ResultPath: '$.head', Next: 'Delete' }),
    Delete: task('s3:deleteObject', { Bucket: 'orders', Key }, { ResultPath: '$.deleted', End: true }),
  });
  expect(output['get']).toMatchObject({
    Body: '{"id":7}',
    ContentLength: 8,
    Metadata: { by: 'task' },
    ETag: expect.stringMatching(/^"\w{32}"$/),
  });
  expect(output['list']).toMatchObject({
    Name: 'orders',
    KeyCount: 1,
    IsTruncated: false,
    Contents: [{ Key, Size: 8 }],
  });
  expect(output['head']).toMatchObject({ ContentLength: 8 });
  expect(output['head']).not.toHaveProperty('Body');
});

test('a call of S3 that is refused fails by the name of its exception', async () => {
  expect(await run({ Get: task('s3:getObject', { Bucket: 'orders', Key: 'none' }) })).toEqual({
    error: 'S3.NoSuchKeyException',
  });
  expect(await run({ Get: task('s3:listObjectsV2', { Bucket: 'none' }) })).toEqual({
    error: 'S3.NoSuchBucketException',
  });
});

test('a call of Lambda gives its payload as a text, also where the function failed', async () => {
  expect(await run({ A: task('lambda:invoke', { FunctionName: 'double', Payload: { n: 4 } }) })).toEqual({
    StatusCode: 200,
    ExecutedVersion: '$LATEST',
    Payload: '8',
  });
  expect(
    await run({ A: task('lambda:invoke', { FunctionName: 'double', Payload: { n: 0 } }) }),
  ).toMatchObject({
    FunctionError: 'Unhandled',
    Payload: expect.stringContaining('"errorMessage":"no"'),
  });
});

test('an action that is not there is refused when the machine is made', async () => {
  await expect(run({ A: task('s3:putBucketPolicy', { Bucket: 'orders' }) })).rejects.toThrow(
    's3:putBucketPolicy',
  );
  await expect(run({ A: task('lambda:createFunction', {}) })).rejects.toThrow('lambda:createFunction');
});
