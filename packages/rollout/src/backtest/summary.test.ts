import { expect, test } from '@jest/globals';
import type { ExecutionId } from '@statebag/contracts/ids';
import { NO_USAGE } from '@statebag/state-core/core/usage';
import type { Outcome } from './outcome.ts';
import { summaryOf } from './summary.ts';

const took = (cost_nano_usd: number, node_ms: number) => ({
  usage: { ...NO_USAGE, llm_calls: 1, cost_nano_usd },
  node_ms,
});
const outcome = (run: string, more: Partial<Outcome>): Outcome => ({
  run: run as ExecutionId, // a good id by sight
  fork: null,
  verdict: 'same',
  differences: [],
  error: null,
  judged: null,
  before: took(10, 100),
  after: took(7, 60),
  paid: { ...NO_USAGE, llm_calls: 2 },
  ...more,
});
const other = (field: string) => ({ field, before: '1', after: '2' });

const FIVE = [
  outcome('a', {}),
  outcome('b', { verdict: 'different', differences: [other('x'), other('y')] }),
  outcome('c', {
    verdict: 'different',
    differences: [other('y')],
    judged: { pass: true, reason: null },
  }),
  outcome('d', { verdict: 'different', differences: [other('y')], judged: { pass: null, reason: 'r' } }),
  outcome('e', { verdict: 'failed', before: null, after: null }),
];

test('runs are counted by what they came to, and those without an outcome are open', () => {
  expect(summaryOf(FIVE, 8)).toMatchObject({ runs: 8, open: 3, same: 1, different: 3, failed: 1 });
});

test('figures are those of runs with a result on both sides, and all that was paid is paid', () => {
  const { before, after, paid } = summaryOf(FIVE, 5);
  expect([before, after].map(({ usage, node_ms }) => [usage.cost_nano_usd, node_ms])).toEqual([
    [40, 400],
    [28, 240],
  ]);
  expect(paid.llm_calls).toBe(10);
});

test('the field that differs most often comes first, with three examples at most', () => {
  const many = ['f', 'g'].map((run) => outcome(run, { verdict: 'different', differences: [other('y')] }));
  const { fields } = summaryOf([...FIVE, ...many], 7);
  expect(fields.map(({ field, runs, examples }) => [field, runs, examples.map(({ run }) => run)])).toEqual([
    ['y', 5, ['b', 'c', 'd']],
    ['x', 1, ['b']],
  ]);
});

test('what no judge looked at is not counted as judged', () => {
  expect(summaryOf(FIVE, 5).judged).toEqual({ passed: 1, refused: 0, undecided: 1 });
  expect(summaryOf(FIVE.slice(0, 2), 2).judged).toBeNull();
});
