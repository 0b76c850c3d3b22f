import { expect, test } from '@jest/globals';
import { machineBudgetsAreSound } from './machine-budget.ts';

/** `npm run laws -- machine-budget` runs 1,000. */
const COUNT = 20;

test('nothing that a state takes or gives exceeds its bound, in JSONPath and in JSONata', async () => {
  const { runs } = await machineBudgetsAreSound({ cases: COUNT });
  expect(runs).toBe(3 * COUNT);
}, 600_000);
