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
  /**
   * Why the target is known not to hold, and where that is written. The row is printed with it and fails
   * nothing.
   */
  readonly known_reason?: string;
}

type Measured = Pick<BenchRow, 'figure' | 'unit' | 'ours'>;

/** A figure with nothing beside it, which may be so much at most. */
export function atMost(most: number, measured: Measured): BenchRow {
  return { ...alone(measured), target: `<= ${most}`, holds: measured.ours <= most };
}

/** A figure with nothing beside it, which has to be so much at least. */
export function atLeast(least: number, measured: Measured): BenchRow {
  return { ...alone(measured), target: `>= ${least}`, holds: measured.ours >= least };
}

function alone({ figure, unit, ours }: Measured) {
  return { figure, unit, ours, reference: null, reference_name: null, ratio: null };
}

/**
 * The rows for which the bench exits 1: their target does not hold, and nobody has said why. @throws
 * RangeError for a row that measured nothing: no number is over a target
 */
export function failingRows(rows: readonly BenchRow[]): readonly BenchRow[] {
  const unmeasured = rows.find(({ ours }) => !Number.isFinite(ours));
  if (unmeasured) throw new RangeError(`${unmeasured.figure}: nothing was measured`);
  return rows.filter(({ holds, known_reason }) => !holds && known_reason === undefined);
}

/** The middle value; of an even count the upper one. */
export function median(values: readonly number[]): number {
  const middle = values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
  if (middle === undefined) throw new RangeError('the median of no values');
  return middle;
}
