import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Json } from '@statebag/contracts';
import { anEvent } from './an-event.ts';
import { DeployedWorker, eventually, HEARTBEAT_SECONDS } from './deployed-worker.ts';

/** The real time, and more of it on demand. */
class SteppedClock {
  #ahead = 0;
  readonly #timers = new Set<{ readonly at: number; readonly fire: () => void }>();

  now = (): number => Date.now() + this.#ahead;
  hold = () => () => {};

  at = (at: number, callback: () => void): (() => void) => {
    const cancel = () => {
      clearTimeout(waiting);
      this.#timers.delete(timer);
    };
    const fire = () => {
      cancel();
      callback();
    };
    const timer = { at, fire };
    const waiting = setTimeout(fire, Math.max(0, Math.min(at - this.now(), 2 ** 31 - 1)));
    this.#timers.add(timer);
    return cancel;
  };

  /** True while something is due within these milliseconds from now. */
  waits(after: number, before: number): boolean {
    return [...this.#timers].some(({ at }) => at - this.now() > after && at - this.now() <= before);
  }

  step(millis: number): void {
    this.#ahead += millis;
    for (const timer of [...this.#timers]) if (timer.at <= this.now()) timer.fire();
  }
}

const clock = new SteppedClock();
const worker = new DeployedWorker();
beforeAll(async () => {
  await worker.open({ clock });
}, 60_000);
afterAll(() => worker.close());

const HEARTBEAT_MS = HEARTBEAT_SECONDS * 1_000;

/** Waits for a beat: the cloud then expects the next one a whole heartbeat later. */
const beaten = () => eventually(() => clock.waits(0.9 * HEARTBEAT_MS, HEARTBEAT_MS) || undefined);

test('a task is looked after for as long as its model takes, however long that is', async () => {
  const arn = await worker.start(anEvent() as Json);
  await eventually(() => (worker.model.waiting.length > 0 ? true : undefined));
  for (let step = 0; step < 5; step += 1) {
    await beaten();
    clock.step(0.8 * HEARTBEAT_MS);
  }
  await worker.model.answer('At last.');
  expect((await worker.end(arn)).answer['value']).toBe('At last.');
});

test('a task that nobody looks after ends at its next heartbeat', async () => {
  const arn = await worker.start(anEvent() as Json);
  await eventually(() => (worker.model.waiting.length > 0 ? true : undefined));
  await beaten();
  clock.step(1.2 * HEARTBEAT_MS);
  expect((await worker.end(arn)).status).toMatch(/FAILED|TIMED_OUT/);
});
