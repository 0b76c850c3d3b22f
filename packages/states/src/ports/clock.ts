/**
 * Time as the local cloud sees it. The virtual clock of the tests jumps to the next timer instead of waiting.
 */
export interface Clock {
  /** Epoch milliseconds. */
  now(): number;
  /**
   * Runs `callback` once at `at` (epoch milliseconds; a time in the past means as soon as possible). Any
   * distance is allowed. Returns the canceller. A `recurring` callback comes as time passes and is no reason
   * for a virtual clock to let it pass: alone it would come again and again for ever.
   */
  at(at: number, callback: () => void, options?: { readonly recurring?: boolean }): () => void;
  /**
   * Keeps a virtual clock from jumping while real work (a handler, a disk, a socket) is under way; returns
   * the release. Real time ignores it.
   */
  hold(): () => void;
}

/** The longest delay Node's timers keep; a longer one would fire at once. */
const LONGEST_DELAY_MS = 2 ** 31 - 1;

/** Real time. */
export function systemClock(): Clock {
  return { now: Date.now, at: callAt, hold: () => () => undefined };
}

function callAt(at: number, callback: () => void): () => void {
  let timer: NodeJS.Timeout;
  const arm = (): void => {
    const delay = Math.max(0, at - Date.now());
    timer = delay > LONGEST_DELAY_MS ? setTimeout(arm, LONGEST_DELAY_MS) : setTimeout(callback, delay);
  };
  arm();
  return () => clearTimeout(timer);
}

/** So long nothing may have asked for a timer, and nobody may hold the clock, before it jumps. */
const QUIET_MS = 1;

interface Timer {
  readonly at: number;
  readonly callback: () => void;
  readonly recurring: boolean;
}

/**
 * Time that stands still while there is work and jumps to the next timer when there is none, as long as any
 * of them is more than recurring.
 */
export function virtualClock(start = Date.now()): Clock {
  const time = new VirtualTime(start);
  return {
    now: () => time.now,
    at: (at, callback, options) => time.at({ at, callback, recurring: false, ...options }),
    hold: () => time.hold(),
  };
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

  /**
   * Starts to wait for quiet anew, as something has just happened. A timer that is due already needs no
   * quiet.
   */
  #watch(): void {
    clearTimeout(this.#quiet);
    const [next] = this.#timers;
    if (next && (next.at <= this.now || this.#mayPass()))
      this.#quiet = setTimeout(() => this.#jump(), next.at <= this.now ? 0 : QUIET_MS);
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
