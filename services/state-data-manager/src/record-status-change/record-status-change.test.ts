import type { SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Timestamp } from '@statebag/contracts';
import type { ExecutionId } from '@statebag/contracts/ids';
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
  const note = ({ constructor: { name } }: object) => asked.push(name.replace('Command', ''));
  opened.client.middlewareStack.add(
    (next, { commandName = '' }) => {
      return (args) => {
        note({ constructor: { name: commandName } });
        return next(args);
      };
    },
    { step: 'initialize', name: 'note', override: true },
  );
  const sfn = {
    async send(command: object) {
      note(command);
      return { events: [{ type: 'PassStateEntered' }, { type: 'ExecutionSucceeded' }] };
    },
  } as unknown as SFNClient; // it is asked for a history and nothing else
  const events = {
    async put({ event_type }: LifecycleEvent) {
      asked.push(event_type);
    },
  };
  await recordStatusChange({ runs: opened.runs, sfn, events }, change, { invocation, now: 1_000 });
  return asked;
}

test('a run that its starter recorded takes one request when it begins, and three of the table when it ends', async () => {
  const running = changeOf('known', 'RUNNING');
  expect(await recorded(running)).toEqual(['PutItem']);
  expect(await recorded(running)).toEqual(['PutItem']);
  const end = changeOf('known', 'SUCCEEDED');
  expect(await recorded(end)).toEqual([
    'UpdateItem',
    'COMPLETED',
    'UpdateItem',
    'GetExecutionHistory',
    'PutItem',
  ]);
  expect(await opened.runs.getRun('known' as ExecutionId)).toMatchObject({
    status: 'SUCCEEDED',
    reported: true,
  });
});

test('an end that is reported again is not told again', async () => {
  await recorded(changeOf('again', 'RUNNING'));
  await recorded(changeOf('again', 'SUCCEEDED'));
  expect(await recorded(changeOf('again', 'SUCCEEDED'), 'i2')).toEqual([
    'UpdateItem',
    'GetExecutionHistory',
    'PutItem',
  ]);
});

test('an end that comes before the beginning is told, and the beginning changes nothing', async () => {
  expect(await recorded(changeOf('early', 'FAILED'))).toContain('FAILED');
  expect(await recorded(changeOf('early', 'RUNNING'))).toEqual(['PutItem']);
  expect(await opened.runs.getRun('early' as ExecutionId)).toMatchObject({
    status: 'FAILED',
    reported: true,
  });
});
