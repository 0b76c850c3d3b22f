import { expect, test } from '@jest/globals';
import { executed, statusChangeOf } from './status-change.ts';

const start = {
  schema_version: 3,
  owner_id: 'acme',
  workflow_id: 'w',
  definition_id: 'd'.repeat(64),
  execution_id: 'run-1',
  input: {},
};
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

const machine = (name: string) => `arn:aws:states:us-east-1:000000000000:stateMachine:statebag-${name}`;
const paused = { state_data: bag, next_action: 'CONTINUE' };

test.each([
  ['a start', 'run-1', 'v3-prod:3', start, 'run'],
  ['a start that is named by a hash', 'a'.repeat(64), 'v3-prod:3', start, 'run'],
  ['a resumed run', 'run-1.r2', 'v3-prod:3', { ...paused, resumed: true }, 'run'],
  ['a branch', 'a'.repeat(64), 'v3-prod:3', paused, 'part'],
  ['a list', 'started-by-hand', 'legacy-distributed-prod', paused, 'part'],
  ['a bag without ids', 'run-1.r2', 'v3-prod', { state_data: { ...bag, owner_id: '../x' } }, 'other'],
  ['an input that no run begins with', 'x', 'v3-prod', { hello: 'world' }, 'other'],
  ['no object', 'x', 'v3-prod', [1], 'other'],
] as const)('%s is known for what it is', (_, name, of, input, kind) => {
  const found = executed({ name, machine_arn: machine(of), generation: 'v3' }, JSON.stringify(input));
  expect(found).toMatchObject(kind === 'other' ? { kind } : { kind, ids: { execution_id: 'run-1' } });
});

test('an input that is no JSON is refused', () => {
  expect(() => executed({ name: 'x', machine_arn: machine('v3-prod'), generation: 'v3' }, '{')).toThrow(
    expect.objectContaining({ name: 'Contract.EventRejected' }),
  );
});

test('a machine of the first generation is known by its name, and its starts by the little they say', () => {
  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:statebag-legacy-prod';
  expect(statusChangeOf({ detail: { ...detail, stateMachineArn } }).generation).toBe('legacy');
  const legacy = (input: object) =>
    executed({ name: 'order-1', machine_arn: stateMachineArn, generation: 'legacy' }, JSON.stringify(input));
  expect(legacy({ ownerId: 'acme', workflow_config: {} })).toEqual({
    kind: 'run',
    ids: { owner_id: 'acme', execution_id: 'order-1', workflow_id: 'workflow', definition_id: 'inline' },
  });
  expect(legacy({ hello: 'world' })).toEqual({ kind: 'other' });
});
