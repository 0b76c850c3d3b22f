import { expect, test } from '@jest/globals';
import type { ForkPlan } from '@statebag/contracts/schemas/fork-request';
import { bodyOf, planRows, sureText, wordsOf } from './fork-wish.ts';

const usage = (llm_calls: number) => ({
  llm_calls,
  input_tokens: 0,
  output_tokens: 0,
  cost_nano_usd: llm_calls * 1_000_000,
});
const PLAN = {
  shared_results: 2,
  nodes: [
    { node_id: 'ask', fate: 'repeats', usage: usage(1) },
    { node_id: 'sum', fate: 'depends', usage: usage(2) },
    { node_id: 'end', fate: 'first', usage: usage(0) },
    { node_id: 'list', fate: 'taken over', usage: usage(3) },
  ],
  usage: { shared: usage(9), repeats: usage(1), depends_at_most: usage(2), taken_over: usage(3) },
} as unknown as ForkPlan; // of the plan, what is shown

test('a plan is told by what becomes of the nodes, with what they cost in the run', () => {
  expect(planRows(PLAN)).toEqual([
    { what: 'Repeats', nodes: ['ask'], cost: '1 model call, $0.0010 in the run' },
    {
      what: 'May repeat',
      nodes: ['sum'],
      cost: '2 model calls, $0.0020 at most, where what they are given has changed',
    },
    { what: 'Runs first', nodes: ['end'], cost: '' },
    { what: 'Takes over', nodes: ['list'], cost: '3 model calls, $0.0030 that are not paid for again' },
  ]);
  expect(sureText(PLAN)).toBe('It shares 2 results and runs 3 nodes again at most.');
});

test('a wish is a request and a command', () => {
  const wish = { file: { name: 'edited.json', text: '{"name":"x"}' }, at: 'ask', set: '{ "topic": "tea" }' };
  expect(bodyOf(wish)).toEqual({ workflow: { name: 'x' }, at: 'ask', set: { topic: 'tea' } });
  expect(wordsOf('r-1', wish)).toEqual([
    ...['fork', 'r-1', '--workflow', 'edited.json', '--at', 'ask', '--set', 'topic="tea"'],
  ]);
  expect(bodyOf({ file: null, at: '', set: ' ' })).toEqual({});
});

test.each([
  [{ file: { name: 'edited.yaml', text: 'name: x' }, at: '', set: '' }, 'edited.yaml is not JSON'],
  [{ file: { name: 'edited.yaml', text: 'name: x' }, at: '', set: '' }, 'by the command'],
  [{ file: null, at: '', set: '[1]' }, 'fields to set is not a JSON object'],
  [{ file: null, at: '', set: '{' }, 'fields to set is not JSON'],
])('what is not JSON is named', (wish, said) => {
  expect(() => bodyOf(wish)).toThrow(said);
  expect(wordsOf('r-1', wish).slice(0, 2)).toEqual(['fork', 'r-1']);
});
