import { expect, test } from '@jest/globals';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import { compileWorkflow, readWorkflow } from '@statebag/workflow';
import { timeInNodes } from './time-in-nodes.ts';

const ask = (id: string) => ({ id, type: 'llm_chat', output_key: id, config: { prompt: id } });
const nodes = [
  ask('first'),
  {
    id: 'each',
    type: 'for_each',
    output_key: 'all',
    config: { items: '{% [1..3] %}', body: { nodes: [ask('one')] } },
  },
];
const { workflow } = readWorkflow(JSON.stringify({ name: 't', nodes }), { file: 't' });
if (!workflow) throw new Error('the workflow of the test is none');
const COMPILED = compileWorkflow(workflow);

const entry = (node_id: string, millis: number) =>
  ({
    node_id,
    started_at: new Date(0).toISOString(),
    ended_at: new Date(millis).toISOString(),
  }) as unknown as HistoryEntry; // what is looked at
const BEFORE = [entry('first', 500), entry('each', 900)];

test('nodes inside of another one count with it', () => {
  expect(timeInNodes([...BEFORE, entry('one', 300)], COMPILED)).toBe(1_400);
});

test('what a fork took over took as long as in the run', () => {
  const fork = [entry('first', 2), entry('each', 3)];
  const taken = (...calledBy: string[]) => ({ over: BEFORE, calledBy: new Set(calledBy) });
  expect(timeInNodes(fork, COMPILED, taken())).toBe(1_400);
  expect(timeInNodes(fork, COMPILED, taken('first'))).toBe(902);
  // an item asked itself, so the list is as long as it was here
  expect(timeInNodes(fork, COMPILED, taken('one'))).toBe(503);
});
