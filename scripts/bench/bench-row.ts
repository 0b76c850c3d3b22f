/** One measured figure beside its reference. */
export interface BenchRow {
  readonly figure: string;
  readonly unit: string;
  readonly ours: number;
  /** Null where there is nothing to compare with. */
  readonly reference: number | null;
  /** What the reference is; says "published" where it was not measured in this run. */
  readonly reference_name: string | null;
  /** ours / reference. */
  readonly ratio: number | null;
  /** The target in words: `<= 120`, `>= 1x`. */
  readonly target: string;
  readonly holds: boolean;
  /** Why the figure is what it is, where a reader would ask. */
  readonly note?: string;
}

/** The middle value; of an even count the upper one. */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  if (middle === undefined) throw new RangeError('the median of no values');
  return middle;
}
