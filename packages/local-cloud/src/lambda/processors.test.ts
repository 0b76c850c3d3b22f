import { expect, test } from '@jest/globals';
import { type Work, watchProcessors } from './processors.ts';

/** Two processors, whose work is told. */
function watched() {
  let [now, work]: [number, Work] = [0, { busy: 0, all: 0, own: 0 }];
  const areBusy = watchProcessors({ now: () => now, work: () => work });
  return {
    areBusy,
    /** Parts of both processors that everybody and that this process uses for so long. */
    pass(millis: number, everybody: number, own: number) {
      now += millis;
      const all = millis * 2;
      work = {
        busy: work.busy + all * everybody,
        all: work.all + all,
        own: work.own + all * own,
      };
    },
  };
}

test('processors are busy where this process and others leave nothing of them', () => {
  const { areBusy, pass } = watched();
  pass(200, 0.9, 0.3);
  expect(areBusy()).toBe(true);
  pass(200, 0.5, 0.5);
  expect(areBusy()).toBe(false);
});

test('processors that others keep busy are no reason to wait for a process that only waits itself', () => {
  const { areBusy, pass } = watched();
  pass(200, 1, 0.01);
  expect(areBusy()).toBe(false);
});

test('a finding holds for a moment: so short a time says nothing', () => {
  const { areBusy, pass } = watched();
  pass(200, 1, 0.5);
  expect(areBusy()).toBe(true);
  pass(20, 0, 0);
  expect(areBusy()).toBe(true);
  pass(200, 0, 0);
  expect(areBusy()).toBe(false);
});

test('whoever asks says how much is busy for it', () => {
  const { areBusy, pass } = watched();
  pass(200, 0.6, 0.5);
  expect([areBusy(), areBusy(0.5)]).toEqual([false, true]);
});
