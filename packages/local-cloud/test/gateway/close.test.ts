import { existsSync } from 'node:fs';
import { afterEach, expect, test } from '@jest/globals';
import { startLocalCloud } from '../../src/cloud/local-cloud.ts';
import { deployCode } from '../lambda/deploy-code.ts';
import { eventually, openTestCloud, type TestCloud } from './test-cloud.ts';

let opened: TestCloud;

afterEach(() => opened.close());

const started = (functionName: string): number =>
  opened.cloud.logs.filter({
    group: `/aws/lambda/${functionName}`,
    contains: ['START'],
    startTime: 0,
    endTime: Number.MAX_SAFE_INTEGER,
    afterId: 0,
    limit: 10,
  }).length;

/** Hangs the first time it gets an event, and answers at once when the event comes again. */
const STUCK_ONCE = `async ({ mark }) => {
  const { existsSync, writeFileSync } = require('node:fs');
  if (existsSync(mark)) return 'done';
  writeFileSync(mark, '');
  await new Promise((resolve) => setTimeout(resolve, 60_000));
}`;

test('a task and an event that were under way when the cloud closed are done after it opens again', async () => {
  opened = await openTestCloud();
  await deployCode(opened.cloud, 'task', STUCK_ONCE, { config: { timeout: 60 } });
  const States = { Work: { Type: 'Task', Resource: opened.cloud.functions.arnOf('task'), End: true } };
  await opened.cloud.states['CreateStateMachine']?.({
    name: 'm',
    roleArn: 'arn:aws:iam::000000000000:role/m',
    definition: JSON.stringify({ StartAt: 'Work', States }),
  });
  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:m';
  const execution = await opened.cloud.states['StartExecution']?.({
    stateMachineArn,
    input: JSON.stringify({ mark: `${opened.dataDir}/task` }),
  });
  await opened.cloud.functions.invoke({
    functionName: 'task',
    invocationType: 'Event',
    payload: JSON.stringify({ mark: `${opened.dataDir}/event` }),
  });
  await eventually(() =>
    existsSync(`${opened.dataDir}/task`) && existsSync(`${opened.dataDir}/event`) ? true : undefined,
  );

  opened = await opened.restart();
  const executionArn = Reflect.get(execution ?? {}, 'executionArn');
  const ended = await eventually(async () => {
    const described = await opened.cloud.states['DescribeExecution']?.({ executionArn });
    return Reflect.get(described ?? {}, 'status') === 'RUNNING' ? undefined : described;
  });
  expect(ended).toMatchObject({ status: 'SUCCEEDED', output: '"done"' });
  await eventually(() => (started('task') === 4 ? true : undefined));
});

test('a port that is taken is named, and the data directory is free again', async () => {
  opened = await openTestCloud();
  const { port } = new URL(opened.cloud.endpoint);
  const dataDir = `${opened.dataDir}/second`;
  await expect(startLocalCloud({ dataDir, port: Number(port) })).rejects.toThrow(
    `EADDRINUSE: address already in use 127.0.0.1:${port}`,
  );
  await (await startLocalCloud({ dataDir })).close();
});

test('two clouds cannot share a data directory', async () => {
  opened = await openTestCloud();
  await expect(startLocalCloud({ dataDir: opened.dataDir })).rejects.toThrow(
    `is in use by process ${process.pid} at ${opened.cloud.endpoint}`,
  );
});
