import type { Clock } from '../ports.ts';

/** So long nothing may have asked for a timer, and nobody may hold the clock, before it jumps. */
const QUIET_MS = 1;

interface Timer {
  readonly at: number;
  readonly callback: () => void;
  readonly recurring: boolean;
}

/** Time that stands still while there is work and jumps to the next timer when there is none, as long as any of them is more than recurring. */
export function virtualClock(start = Date.now()): Clock {
  const time = new VirtualTime(start);
  return { now: () => time.now, at: (at, callback, options) => time.at({ at, callback, recurring: false, ...options }), hold: () => time.hold() };
}

class VirtualTime {
  now: number;
  #holds = 0;
  #quiet: NodeJS.Timeout | undefined;
  readonly #timers: Timer[] = [];

  constructor(start: number) {
    this.now = start;
  }

  at(timer: Timer): () => void {
    this.#timers.splice(positionAfter(this.#timers, timer.at), 0, timer);
    this.#watch();
    return () => {
      const index = this.#timers.indexOf(timer);
      if (index >= 0) this.#timers.splice(index, 1);
    };
  }

  hold(): () => void {
    this.#holds += 1;
    this.#watch();
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.#holds -= 1;
      this.#watch();
    };
  }

  /** Starts to wait for quiet anew, as something has just happened. A timer that is due already needs no quiet. */
  #watch(): void {
    clearTimeout(this.#quiet);
    const [next] = this.#timers;
    if (next && (next.at <= this.now || this.#mayPass())) this.#quiet = setTimeout(() => this.#jump(), next.at <= this.now ? 0 : QUIET_MS);
  }

  #mayPass(): boolean {
    return this.#holds === 0 && this.#timers.some(({ recurring }) => !recurring);
  }

  #jump(): void {
    const next = this.#timers.shift();
    if (!next) return;
    this.now = Math.max(this.now, next.at);
    next.callback();
    this.#watch();
  }
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
