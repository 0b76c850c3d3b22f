import { type Amounts, type Dollars, priced } from './amounts.ts';

/** Amounts and dollars of `runs` runs. */
export interface Estimate {
  readonly amounts: Amounts;
  readonly usd: Dollars;
}

/** The one JSON object of `cost --json`. */
export interface CostResult {
  readonly prices_read: string;
  readonly runs: number;
  /** With an input one column, without one a range. */
  readonly estimates: Readonly<Record<string, Estimate>>;
}

export function estimateOf(amounts: Amounts): Estimate {
  return { amounts, usd: priced(amounts) };
}
