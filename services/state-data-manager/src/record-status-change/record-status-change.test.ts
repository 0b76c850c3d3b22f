import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Timestamp } from '@statebag/contracts';
import type { DefinitionId, ExecutionId, OwnerId, WorkflowId } from '@statebag/contracts/ids';
import type { LifecycleEvent } from '@statebag/runs';
import { openTestTable, type TestTable } from '@statebag/runs/testing';
import { recordStatusChange } from './record-status-change.ts';
import type { StatusChange } from './status-change.ts';

let opened: TestTable;
beforeAll(async () => {
  opened = await openTestTable();
});
afterAll(() => opened.close());

const ARN = 'arn:aws:states:us-east-1:000000000000:execution:statebag-v3-dev';
const AT = '2026-03-01T08:00:00.000Z' as Timestamp;

function changeOf(name: string, status: StatusChange['status']): StatusChange {
  const ids = { owner_id: 'acme', workflow_id: 'w', definition_id: 'd'.repeat(64), execution_id: name };
  return {
    execution_arn: `${ARN}:${name}`,
    name,
    machine_arn: 'arn:aws:states:us-east-1:000000000000:stateMachine:statebag-v3-dev',
    generation: 'v3',
    status,
    started_at: AT,
    ended_at: AT,
    error: undefined,
    cause: undefined,
    input: JSON.stringify({ schema_version: 3, ...ids, input: {} }),
    output: '{}',
  };
}

/** Records a change, and gives what was asked of the table, of Step Functions and of the bus. */
async function recorded(change: StatusChange, invocation = 'i1') {
  const asked: string[] = [];
  opened.client.middlewareStack.add(
    (next, { commandName = '' }) => {
      return (args) => {
        asked.push(commandName.replace('Command', ''));
        return next(args);
      };
    },
    { step: 'initialize', name: 'note', override: true },
  );
  const executions = {
    async describeExecution() {
      asked.push('DescribeExecution');
      return { input: change.input };
    },
  };
  const events = {
    async put({ event_type }: LifecycleEvent) {
      asked.push(event_type);
    },
  };
  const wake = async () => void asked.push('wake');
  await recordStatusChange({ runs: opened.runs, executions, events, wake }, change, {
    invocation,
    now: 1_000,
  });
  return asked;
}

test('a run that its starter recorded takes one request when it begins, and three of the table when it ends', async () => {
  const running = changeOf('known', 'RUNNING');
  expect(await recorded(running)).toEqual(['PutItem']);
  expect(await recorded(running)).toEqual(['PutItem']);
  const end = changeOf('known', 'SUCCEEDED');
  expect(await recorded(end)).toEqual(['UpdateItem', 'COMPLETED', 'UpdateItem', 'PutItem']);
  expect(await opened.runs.getRun('known' as ExecutionId)).toMatchObject({
    status: 'SUCCEEDED',
    reported: true,
  });
});

test('an end that is reported again is not told again', async () => {
  await recorded(changeOf('again', 'RUNNING'));
  await recorded(changeOf('again', 'SUCCEEDED'));
  expect(await recorded(changeOf('again', 'SUCCEEDED'), 'i2')).toEqual(['UpdateItem', 'PutItem']);
});

test('an end that comes before the beginning is told, and the beginning changes nothing', async () => {
  expect(await recorded(changeOf('early', 'FAILED'))).toContain('FAILED');
  expect(await recorded(changeOf('early', 'RUNNING'))).toEqual(['PutItem']);
  expect(await opened.runs.getRun('early' as ExecutionId)).toMatchObject({
    status: 'FAILED',
    reported: true,
  });
});

test('the end of a part of a run asks for nothing: its run tells', async () => {
  const ids = { execution_id: 'run-1', owner_id: 'acme', workflow_id: 'w', definition_id: 'd'.repeat(64) };
  const part = { ...changeOf('a'.repeat(64), 'SUCCEEDED'), input: JSON.stringify({ state_data: ids }) };
  expect(await recorded(part)).toEqual([]);
});

test('the end of a run whose owner has a limit gives its place back, and wakes who begins the next one', async () => {
  const { runs } = opened;
  const [owner_id, id] = ['acme' as OwnerId, (name: string) => name as ExecutionId];
  for (const name of ['first', 'second']) {
    const { execution_arn, machine_arn, generation } = changeOf(name, 'RUNNING');
    const ids = { owner_id, workflow_id: 'w' as WorkflowId, definition_id: 'd'.repeat(64) as DefinitionId };
    const run = { ...ids, execution_id: id(name), generation, machine_arn, started_at: AT };
    await runs.createRun({ ...run, execution_arns: [execution_arn], counted: true });
    expect(await runs.starts.takeAhead(owner_id, id(name), { now: 1, limit: 2 })).toBe(true);
  }
  expect(await recorded(changeOf('first', 'SUCCEEDED'))).not.toContain('wake'); // nothing waits
  await runs.starts.join(owner_id, { now: 1, most: 9 });
  expect(await recorded(changeOf('second', 'FAILED'))).toContain('wake');
  expect((await runs.starts.waitingOwners()).map(({ open }) => open)).toEqual([[]]);
});
