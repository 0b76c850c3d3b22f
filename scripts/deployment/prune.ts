/** A published version of anything. */
export interface Published {
  readonly number: number;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** Days that a run may be on a version after new runs have stopped to begin on it: those of a run, and those in which it can be redriven. */
export const NEEDED_DAYS = 30 + 14;
const DAY_MS = 86_400_000;

/**
 * Versions that no run can be on any more. What counts is when the next one took over, not when this one was made: an old version may have been the newest until yesterday.
 * What an alias leads to stays.
 */
export function prunable(versions: readonly Published[], { now, kept }: { readonly now: number; readonly kept: ReadonlySet<number> }): readonly number[] {
  const ordered = [...versions].sort((left, right) => left.number - right.number);
  return ordered
    .filter((_, index) => {
      const successor = ordered[index + 1];
      return successor !== undefined && successor.created < now - NEEDED_DAYS * DAY_MS;
    })
    .map(({ number }) => number)
    .filter((number) => !kept.has(number));
}
