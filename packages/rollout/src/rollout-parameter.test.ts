import { expect, test } from '@jest/globals';
import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import { REMEMBERED_MS, rememberedSettings } from './rollout-parameter.ts';

const settings = (v3: number): RolloutSettings => ({
  v3,
  sticky: 'workflow',
  overrides: {},
  shadow: { on: false, share: 0 },
  kill_switch: false,
});

test('settings are read once in three seconds, and a read that failed is tried with the next start', async () => {
  const at = { now: 0, reads: 0 };
  const read = rememberedSettings(
    async () => {
      at.reads += 1;
      if (at.reads === 1) throw new Error('throttled');
      return settings(at.reads);
    },
    () => at.now,
  );
  await expect(read()).rejects.toThrow('throttled');
  expect((await read()).v3).toBe(2);
  at.now = REMEMBERED_MS - 1;
  expect((await read()).v3).toBe(2);
  at.now = REMEMBERED_MS;
  expect((await read()).v3).toBe(3);
  expect(REMEMBERED_MS).toBeLessThan(5_000);
});
