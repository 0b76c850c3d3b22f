import { expect, test } from '@jest/globals';
import { run } from './kill-points.ts';

test('an execution whose process is killed at any point ends as if it had not', async () => {
  const { runs, killed, violations } = await run({ count: 10, seed: 20 });
  expect(violations).toEqual([]);
  expect(runs).toBe(10);
  expect(killed).toBeGreaterThanOrEqual(8);
}, 60_000);
