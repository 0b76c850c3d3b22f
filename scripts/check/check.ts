/** What a check found: one line a problem, and what it has to say even when all is well. */
export interface Findings {
  readonly problems: readonly string[];
  readonly report?: string;
}

export type Check = () => Findings | Promise<Findings>;
