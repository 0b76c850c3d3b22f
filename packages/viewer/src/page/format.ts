/** Numbers with their units, as the command line writes them. */

const KB = 1_024;

export function bytesText(bytes: number): string {
  if (bytes < KB) return `${bytes} B`;
  const kilobytes = bytes / KB;
  return kilobytes < KB ? `${kilobytes.toFixed(1)} KB` : `${(kilobytes / KB).toFixed(1)} MB`;
}

const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export function durationText(milliseconds: number): string {
  const ms = Math.max(0, milliseconds);
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < HOUR) return two(ms, [MINUTE, 'min'], [SECOND, 's']);
  if (ms < DAY) return two(ms, [HOUR, 'h'], [MINUTE, 'min']);
  return two(ms, [DAY, 'd'], [HOUR, 'h']);
}

function two(ms: number, [large, largeName]: [number, string], [small, smallName]: [number, string]): string {
  const rest = Math.floor((ms % large) / small);
  return `${Math.floor(ms / large)} ${largeName}${rest === 0 ? '' : ` ${rest} ${smallName}`}`;
}

/** How long ago, in one unit. */
export function agoText(time: string, now: number): string {
  const ms = now - Date.parse(time);
  if (ms < 5 * SECOND) return ms < -5 * SECOND ? `in ${spanText(-ms)}` : 'now';
  return `${spanText(ms)} ago`;
}

export function spanText(ms: number): string {
  if (ms < MINUTE) return `${Math.round(ms / SECOND)} s`;
  if (ms < HOUR) return `${Math.round(ms / MINUTE)} min`;
  if (ms < 2 * DAY) return `${Math.round(ms / HOUR)} h`;
  return `${Math.round(ms / DAY)} days`;
}

const NANO = 1e9;

/** US dollars, with two digits that count. */
export function moneyText(nano: number): string {
  const dollars = nano / NANO;
  if (dollars === 0) return '$0.00';
  if (dollars >= 0.1) return `$${dollars.toFixed(2)}`;
  return `$${Number(dollars.toPrecision(2)).toFixed(Math.min(9, 1 - Math.floor(Math.log10(dollars))))}`;
}

export function countText(count: number): string {
  return count.toLocaleString('en');
}

export function plural(count: number, noun: string): string {
  return `${countText(count)} ${noun}${count === 1 ? '' : 's'}`;
}

export function percentText(share: number): string {
  const percent = share * 100;
  return `${percent >= 10 || percent === 0 ? Math.round(percent) : percent.toFixed(1)} %`;
}

/**
 * For sorting times in the one form that the API gives them: comparing by language would take ten times as
 * long.
 */
export function inOrder(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}
