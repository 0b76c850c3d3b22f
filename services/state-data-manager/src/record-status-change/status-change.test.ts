import { expect, test } from '@jest/globals';
import { runOfExecution, statusChangeOf } from './status-change.ts';

const start = { schema_version: 3, owner_id: 'acme', workflow_id: 'w', definition_id: 'd'.repeat(64), execution_id: 'run-1', input: {} };
const bag = { execution_id: 'run-1', owner_id: 'acme', workflow_id: 'w', definition_id: 'd'.repeat(64) };
const detail = {
  executionArn: 'arn:e',
  name: 'run-1',
  stateMachineArn: 'arn:m',
  status: 'FAILED',
  startDate: 0,
  stopDate: 1_000,
  error: null,
  cause: 'why',
  input: '{}',
};

test('reads what the service says, version and all', () => {
  expect(statusChangeOf({ detail: { ...detail, stateMachineVersionArn: 'arn:m:3' } })).toEqual({
    execution_arn: 'arn:e',
    name: 'run-1',
    machine_arn: 'arn:m:3',
    generation: 'v3',
    status: 'FAILED',
    started_at: '1970-01-01T00:00:00.000Z',
    ended_at: '1970-01-01T00:00:01.000Z',
    error: undefined,
    cause: 'why',
    input: '{}',
    output: undefined,
  });
});

test.each([
  [null],
  [{}],
  [{ detail: [] }],
  [{ detail: { ...detail, status: 'PENDING_REDRIVE' } }],
  [{ detail: { ...detail, startDate: 'now' } }],
  [{ detail: { ...detail, name: 1 } }],
])('refuses %j', (event) => {
  expect(() => statusChangeOf(event)).toThrow(expect.objectContaining({ name: 'Contract.EventRejected' }));
});

test.each([
  ['a start', 'run-1', start, true],
  ['a resumed run', 'run-1.r2', { state_data: bag, next_action: 'CONTINUE', resumed: true }, true],
  ['a branch', 'a'.repeat(64), { state_data: bag, next_action: 'CONTINUE' }, false],
  ['a bag without ids', 'run-1.r2', { state_data: { ...bag, owner_id: '../x' } }, false],
  ['an input that no run begins with', 'x', { hello: 'world' }, false],
  ['no object', 'x', [1], false],
] as const)('%s is a run: %#', (_, name, input, isRun) => {
  const found = runOfExecution({ name, generation: 'v3' }, JSON.stringify(input));
  expect(found?.execution_id).toBe(isRun ? 'run-1' : undefined);
});

test('an input that is no JSON is refused', () => {
  expect(() => runOfExecution({ name: 'x', generation: 'v3' }, '{')).toThrow(expect.objectContaining({ name: 'Contract.EventRejected' }));
});

test('a machine of the first generation is known by its name, and its starts by the little they say', () => {
  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:statebag-legacy-prod';
  expect(statusChangeOf({ detail: { ...detail, stateMachineArn } }).generation).toBe('legacy');
  const legacy = (input: object) => runOfExecution({ name: 'order-1', generation: 'legacy' }, JSON.stringify(input));
  expect(legacy({ ownerId: 'acme', workflow_config: {} })).toEqual({
    owner_id: 'acme',
    execution_id: 'order-1',
    workflow_id: 'workflow',
    definition_id: 'inline',
  });
  expect(legacy({ hello: 'world' })).toBeUndefined();
});
