import { expect, test } from '@jest/globals';
import { prove } from './backtest.ts';

test('a backtest that is killed and goes on makes no recorded call twice', async () => {
  await expect(prove({ count: 2, seed: 7 })).resolves.toMatch(/^2 backtests/);
}, 600_000);
