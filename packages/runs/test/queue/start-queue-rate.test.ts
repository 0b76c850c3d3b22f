import { afterEach, expect, test } from '@jest/globals';
import { virtualClock } from '@statebag/states';
import { StartingWorld } from './starting-world.ts';

let world: StartingWorld;
afterEach(() => world.close());

test('what waits drains at the rate of the account, in turns: nothing is lost and nothing doubled', async () => {
  const cloudClock = virtualClock();
  const pause = (ms: number) =>
    new Promise<void>((resolve) => void cloudClock.at(cloudClock.now() + ms, () => resolve()));
  const rates = { 'states.StartExecution': { bucket: 13, per_second: 3 } };
  world = await StartingWorld.open({
    clock: { now: () => cloudClock.now(), pause },
    cloudClock,
    machine: { StartAt: 'Done', States: { Done: { Type: 'Succeed' } } },
    quotas: { concurrency: 1_000, openExecutions: 1_000_000, rates },
  });
  world.settings = { per_second: 3 };
  const began = world.clock.now();
  const owners = ['ada', 'bob', 'cyd', 'dan'];
  for (let n = 0; n < 60; n += 1) await world.start(owners[n % 3 === 0 ? n % 4 : 0] ?? 'ada', `r${n}`);
  const atOnce = world.begun.length;
  await world.dispatch();
  const bound = ((60 - 13) / 3) * 1_000;
  const took = world.clock.now() - began;
  expect([atOnce >= 13, new Set(world.begun).size, world.begun.length]).toEqual([true, 60, 60]);
  expect(took).toBeGreaterThanOrEqual(bound - 1_000);
  expect(took).toBeLessThanOrEqual(bound * 1.1);
});
