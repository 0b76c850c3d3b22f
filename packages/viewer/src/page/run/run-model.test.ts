import { expect, test } from '@jest/globals';
import { graphOfWorkflow } from '../graph/graph-of-workflow.ts';
import type { RunData } from './run-data.ts';
import { modelOf } from './run-model.ts';

const node = (id: string, type = 'data_transform', config: object = {}) => ({ id, type, config });
const scope = graphOfWorkflow({
  nodes: [
    node('in', 'input'),
    node('each', 'for_each', { body: { nodes: [node('one')], edges: [] } }),
    node('way', 'conditional', { cases: [{ when: 'x', to: 'yes' }], default: 'no' }),
    node('yes'),
    node('no'),
    node('out', 'output'),
  ],
  edges: [
    { from: 'in', to: 'each' },
    { from: 'each', to: 'way' },
  ],
});
const NODES = ['in', 'each', 'way', 'yes', 'no'];

/** A run of which nothing is known but what matters to the states of its nodes. */
function dataOf(status: string, done: readonly string[], more: object = {}): RunData {
  const at = '2026-11-28T10:00:00.000Z';
  const entries = done.map((node_id) => ({
    id: node_id,
    node_id,
    segment_id: 's01',
    type: 'x',
    status: 'SUCCEEDED',
    started_at: at,
    ended_at: at,
    attempt: 1,
  }));
  const runner = {
    event: 2,
    state: 'ExecuteSegment',
    kind: 'Task',
    segment_id: 's01',
    entered_at: at,
    exited_at: status === 'RUNNING' ? null : at,
    failures: [],
  };
  // the model reads no other members
  return {
    run: { status },
    entries,
    approvals: [],
    executions: [{ states: [runner] }],
    ...more,
  } as unknown as RunData;
}

function standings(data: RunData, { held = true, failedNode = null as string | null } = {}) {
  const { nodes } = modelOf({
    data,
    scope,
    segments: [{ segment_id: 's01', nodes: NODES }],
    held,
    failedNode,
  });
  return Object.fromEntries(nodes.map(({ id, standing }) => [id, standing]));
}

test('a run that succeeded took one way, and what lies in its list stands as the list does', () => {
  expect(standings(dataOf('SUCCEEDED', ['in', 'each', 'way', 'yes']))).toEqual({
    in: 'ok',
    each: 'ok',
    one: 'ok',
    way: 'ok',
    yes: 'ok',
    no: 'skip',
    out: 'ok',
  });
});

test('a failure inside a list fails the list, and what comes after was not reached', () => {
  expect(standings(dataOf('FAILED', ['in']), { failedNode: 'one' })).toEqual({
    in: 'ok',
    each: 'fail',
    one: 'fail',
    way: 'pend',
    yes: 'pend',
    no: 'pend',
    out: 'pend',
  });
});

test('nodes of the segment under way run, or stand still where nobody holds the run', () => {
  expect(standings(dataOf('RUNNING', ['in']))).toMatchObject({ in: 'ok', each: 'run', out: 'pend' });
  expect(standings(dataOf('RUNNING', ['in']), { held: false })).toMatchObject({
    in: 'ok',
    each: 'lost',
    out: 'pend',
  });
});

test('a node that asks waits, also where nobody holds the run', () => {
  const data = dataOf('RUNNING', ['in', 'each'], { approvals: [{ node_id: 'yes', state: 'OPEN' }] });
  expect(standings(data, { held: false })['yes']).toBe('wait');
});
