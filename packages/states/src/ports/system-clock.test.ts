import { expect, test } from '@jest/globals';
import { systemClock } from './clock.ts';

test('a timer beyond the longest delay of setTimeout does not fire at once', async () => {
  const clock = systemClock();
  let fired = false;
  const cancel = clock.at(clock.now() + 2 ** 31 + 1_000, () => {
    fired = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  cancel();
  expect(fired).toBe(false);
});

test('a time in the past comes as soon as possible', async () => {
  const clock = systemClock();
  await new Promise<void>((resolve) => void clock.at(0, resolve));
});
