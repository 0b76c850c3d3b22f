import { expect, test } from '@jest/globals';
import { virtualClock } from './clock.ts';

const at = (clock: ReturnType<typeof virtualClock>, time: number): Promise<number> =>
  new Promise((resolve) => void clock.at(time, () => resolve(clock.now())));

test('thirty days pass in milliseconds, in the order of the timers', async () => {
  const clock = virtualClock(0);
  const seen: number[] = [];
  clock.at(2_592_000_000, () => seen.push(2));
  clock.at(1_000, () => seen.push(1));
  expect(await at(clock, 2_592_000_000)).toBe(2_592_000_000);
  expect(seen).toEqual([1, 2]);
});

test('a cancelled timer does not fire and does not move the time', async () => {
  const clock = virtualClock(0);
  clock.at(500, () => expect('it').toBe('cancelled'))();
  expect(await at(clock, 1_000)).toBe(1_000);
});

test('time stands still while somebody holds it', async () => {
  const clock = virtualClock(0);
  const waiting = at(clock, 1_000);
  const release = clock.hold();
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(clock.now()).toBe(0);
  release();
  release();
  expect(await waiting).toBe(1_000);
});

test('what is due already comes while somebody holds the time', async () => {
  const clock = virtualClock(0);
  clock.hold();
  expect(await at(clock, 0)).toBe(0);
});

test('a time in the past comes at once and does not turn the clock back', async () => {
  const clock = virtualClock(1_000);
  expect(await at(clock, 5)).toBe(1_000);
});

test('what only recurs comes as time passes, and alone lets none pass', async () => {
  const clock = virtualClock(0);
  const seen: number[] = [];
  const recur = (time: number): void =>
    void clock.at(time, () => recur(seen.push(clock.now()) && time + 100), { recurring: true });
  recur(100);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(seen).toEqual([]);
  await at(clock, 250);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect([seen, clock.now()]).toEqual([[100, 200], 250]);
});
