import type { Budget } from '@statebag/budget';

export interface BudgetOptions {
  readonly schema?: readonly string[];
  /** Of a machine that is no workflow. */
  readonly schemas?: string;
  readonly history?: readonly string[];
  readonly allowUnbounded?: boolean;
  readonly github?: boolean;
  readonly json?: boolean;
}

/** A budget with what it was worked out from. */
export interface Budgeted {
  readonly budget: Budget;
  readonly file: string;
  /** In which line of the file a node or a state begins; 1 where it is not found. */
  readonly lineOf: (at: string) => number;
}
