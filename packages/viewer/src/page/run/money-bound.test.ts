import { expect, test } from '@jest/globals';
import { moneyBound } from './money-bound.ts';

test.each([
  ['no options', {}, null],
  ['no limit of money', { options: { max_tokens: 5 } }, null],
  ['a limit', { options: { max_cost_usd: 0.5 } }, 0.5e9],
  [
    'the lesser of limit and budget',
    { options: { max_cost_usd: 2, budget: { name: 'b', max_cost_usd: 1 } } },
    1e9,
  ],
])('a workflow with %s bounds a run by %j', (_what, workflow, bound) => {
  expect(moneyBound(workflow)).toBe(bound);
});
