import type { Clock } from '../ports.ts';

/** So long nothing may have asked for a timer, and nobody may hold the clock, before it jumps. */
const QUIET_MS = 1;

interface Timer {
  readonly at: number;
  readonly callback: () => void;
}

/** Time that stands still while there is work and jumps to the next timer when there is none. */
export function virtualClock(start = Date.now()): Clock {
  let now = start;
  let holds = 0;
  let quiet: NodeJS.Timeout | undefined;
  const timers: Timer[] = [];

  const jump = (): void => {
    quiet = undefined;
    if (holds > 0) return;
    const next = timers.shift();
    if (!next) return;
    now = Math.max(now, next.at);
    next.callback();
    watch();
  };
  const watch = (): void => {
    clearTimeout(quiet);
    quiet = timers.length > 0 && holds === 0 ? setTimeout(jump, QUIET_MS) : undefined;
  };

  return {
    now: () => now,
    at(at, callback) {
      const timer = { at, callback };
      timers.splice(positionAfter(timers, at), 0, timer);
      watch();
      return () => {
        const index = timers.indexOf(timer);
        if (index >= 0) timers.splice(index, 1);
      };
    },
    hold() {
      holds += 1;
      let held = true;
      return () => {
        if (!held) return;
        held = false;
        holds -= 1;
        watch();
      };
    },
  };
}

/** Where a timer due at `at` goes: behind all that are due no later, so equal times keep their order. */
function positionAfter(timers: readonly Timer[], at: number): number {
  let low = 0;
  let high = timers.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((timers[middle]?.at ?? Number.POSITIVE_INFINITY) <= at) low = middle + 1;
    else high = middle;
  }
  return low;
}
