/** Time that passes: the real one, or one that is driven. */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  pause(ms: number): Promise<void>;
}

/** How fast starts follow each other. */
export interface Pace {
  /** Resolves when the next start may be made, in the order in which it was asked. */
  next(): Promise<void>;
  /** A start was throttled: slower, at most once within the time that the service needs to recover. */
  slower(): void;
  /** A start was taken: a little faster, up to what is allowed. */
  faster(): void;
}

/** What a second with a throttled start leaves of the pace, and what each one right after it does. */
const SLOWER = 0.9;
const SLOWER_STILL = 0.7;
const RECOVERY_MS = 1_000;
/** Starts a second that each start adds which was taken: a tenth is made up for within three seconds. */
const FASTER = 0.04;
const SLOWEST = 0.1;
/** Timers are late by a millisecond or two: so much of what they lose is made up for. */
const CATCH_UP_MS = 250;

/** A pace of `perSecond` starts, evenly apart, which gives way where the service throttles. */
export function paceOf(perSecond: number, clock: Clock): Pace {
  let [rate, due, slowed] = [perSecond, clock.now(), Number.NEGATIVE_INFINITY];
  return {
    async next() {
      const at = Math.max(due, clock.now() - CATCH_UP_MS);
      due = at + 1_000 / rate;
      if (at > clock.now()) await clock.pause(at - clock.now());
    },
    slower() {
      const now = clock.now();
      if (now - slowed < RECOVERY_MS) return;
      rate = Math.max(SLOWEST, rate * (now - slowed < 2 * RECOVERY_MS ? SLOWER_STILL : SLOWER));
      slowed = now;
    },
    faster() {
      rate = Math.min(perSecond, rate + FASTER);
    },
  };
}
