import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListExecutionsCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, expect, test } from '@jest/globals';
import { type LocalCloud, startLocalCloud } from '../src/index.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'statebag-remove-'));
afterAll(() => rmSync(dataDir, { recursive: true, force: true }));

/** Large enough to be kept apart from the rows that name it. */
const LARGE = 'x'.repeat(2_000);

async function withCloud<Result>(
  idle: boolean,
  use: (sfn: SFNClient, cloud: LocalCloud) => Promise<Result>,
): Promise<Result> {
  const cloud = await startLocalCloud({ dataDir, durable: false, idle });
  const sfn = new SFNClient(cloud.clientOptions);
  try {
    return await use(sfn, cloud);
  } finally {
    sfn.destroy();
    await cloud.close();
  }
}

async function machine(sfn: SFNClient, name: string, state: object): Promise<string> {
  const definition = JSON.stringify({ StartAt: 'Only', States: { Only: { ...state, End: true } } });
  const roleArn = 'arn:aws:iam::000000000000:role/r';
  const { stateMachineArn = '' } = await sfn.send(
    new CreateStateMachineCommand({ name, roleArn, definition }),
  );
  return stateMachineArn;
}

async function started(sfn: SFNClient, stateMachineArn: string, name: string): Promise<string> {
  const input = JSON.stringify({ name, LARGE });
  const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
  return executionArn;
}

const statusOf = async (sfn: SFNClient, executionArn: string) =>
  (await sfn.send(new DescribeExecutionCommand({ executionArn }))).status;

test('an ended execution goes with all it started; what runs, and what others keep, stays', async () => {
  const made = await withCloud(false, async (sfn) => {
    const child = await machine(sfn, 'child', { Type: 'Pass' });
    const parent = await machine(sfn, 'parent', {
      Type: 'Task',
      Resource: 'arn:aws:states:::states:startExecution.sync:2',
      Parameters: { StateMachineArn: child, 'Input.$': '$' },
    });
    const waits = await machine(sfn, 'waits', { Type: 'Wait', Seconds: 10_000 });
    const [gone, kept] = [await started(sfn, parent, 'gone'), await started(sfn, parent, 'kept')];
    const running = await started(sfn, waits, 'running');
    for (const arn of [gone, kept]) while ((await statusOf(sfn, arn)) === 'RUNNING') await pause(10);
    return { child, gone, kept, running };
  });
  await withCloud(true, async (sfn, cloud) => {
    const { child, gone, kept, running } = made;
    expect(await cloud.removeExecutions([gone, running])).toEqual([gone]);
    await expect(statusOf(sfn, gone)).rejects.toThrow(/does not exist/i);
    expect(await statusOf(sfn, running)).toBe('RUNNING');
    const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: child }));
    expect(executions).toHaveLength(1);
    for (const executionArn of [kept, executions[0]?.executionArn, running]) {
      const { input } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
      expect(input).toContain(LARGE);
      const { events = [] } = await sfn.send(new GetExecutionHistoryCommand({ executionArn }));
      expect(events[0]?.executionStartedEventDetails?.input).toContain(LARGE);
    }
  });
});

test('the name of a removed execution is free again', async () => {
  await withCloud(false, async (sfn) => {
    const again = await machine(sfn, 'child', { Type: 'Pass' });
    await expect(started(sfn, again, 'gone')).resolves.toMatch(/gone$/);
  });
});
