import type { Clock } from '../ports.ts';

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
