import { expect, test } from '@jest/globals';
import { budgetsAreSound } from './budget.ts';

/** `npm run laws -- budget` runs 1,000. */
const COUNT = 20;

test('no figure of a run exceeds its bound, whatever the data are', async () => {
  const { cases } = await budgetsAreSound({ cases: COUNT });
  expect(cases).toBe(COUNT);
}, 600_000);
