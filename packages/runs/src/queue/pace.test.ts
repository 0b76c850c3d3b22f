import { expect, test } from '@jest/globals';
import { paceOf } from './pace.ts';

/** A clock that passes by being waited for. */
function drivenClock() {
  let now = 0;
  return {
    now: () => now,
    async pause(ms: number) {
      now += ms;
    },
  };
}

async function secondsOf(
  starts: number,
  pace: ReturnType<typeof paceOf>,
  clock: ReturnType<typeof drivenClock>,
) {
  const began = clock.now();
  for (let n = 0; n < starts; n += 1) await pace.next();
  return (clock.now() - began) / 1_000;
}

test('starts follow each other at the pace that is given', async () => {
  const clock = drivenClock();
  expect(await secondsOf(1_000, paceOf(100, clock), clock)).toBeCloseTo(10, 1);
});

test('a start that was throttled slows the next second’s, once', async () => {
  const clock = drivenClock();
  const pace = paceOf(100, clock);
  await secondsOf(100, pace, clock);
  for (let n = 0; n < 20; n += 1) pace.slower();
  expect(await secondsOf(90, pace, clock)).toBeCloseTo(1, 1);
});

test('starts that are taken bring the pace back, and never above what is given', async () => {
  const clock = drivenClock();
  const pace = paceOf(100, clock);
  await secondsOf(100, pace, clock);
  pace.slower();
  for (let n = 0; n < 1_000; n += 1) pace.faster();
  expect(await secondsOf(100, pace, clock)).toBeCloseTo(1, 1);
});
