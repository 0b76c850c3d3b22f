import type { LooseEnd } from './shape/shape.ts';

/** What is bounded, and in what it is counted. */
export const MEASURES = {
  start: 'bytes',
  bag: 'bytes',
  transition: 'bytes',
  result: 'bytes',
  cause: 'bytes',
  callback: 'bytes',
  'map output': 'bytes',
  payload: 'bytes',
  'async payload': 'bytes',
  'table item': 'bytes',
  object: 'bytes',
  memory: 'bytes',
  items: 'items',
  'history events': 'events',
  duration: 'seconds',
  transitions: 'states',
  requests: 'calls',
  tokens: 'tokens',
  dollars: 'USD',
} as const;

export type Measure = keyof typeof MEASURES;

/**
 * `strained`: it holds unless functions fail or run out of time again and again. `unbounded`: something has no
 * bound, so nothing is shown.
 */
export type Verdict = 'holds' | 'strained' | 'unbounded' | 'over';

/** One bound: where it is reached, whether it holds, and what to change where it does not. */
export interface BudgetLine {
  readonly measure: Measure;
  /** Infinite where something has no bound. */
  readonly bound: number;
  /** Null where nothing limits it. */
  readonly limit: number | null;
  readonly verdict: Verdict;
  /** The node or state where it is reached; null where it is of the whole run. */
  readonly at: string | null;
  /** The field that takes the most there, as a JSON Pointer with `*` for the members of lists. */
  readonly field: string | null;
  /** The same while no function fails or runs out of time. */
  readonly undisturbed?: number;
  /** What has no bound of its own, and what would give it one. */
  readonly loose: readonly NamedEnd[];
  /** What to declare or change; null where it holds. */
  readonly mend: string | null;
}

/** A loose end with what a bound of it would cost and buy. */
export interface NamedEnd extends LooseEnd {
  /** Bytes that each character or member which is allowed takes; null where that cannot be said. */
  readonly each: number | null;
  /** So many fit; null where that cannot be said. */
  readonly fits: number | null;
}

/** What is counted the usual way, where that is less than the worst. */
export function verdictOf(bound: number, limit: number | null, undisturbed = bound): Verdict {
  if (limit === null || bound <= limit) return 'holds';
  if (!Number.isFinite(undisturbed)) return 'unbounded';
  return undisturbed <= limit ? 'strained' : 'over';
}

/** A budget: every bound of a workflow or of a machine. */
export interface Budget {
  readonly name: string;
  readonly lines: readonly BudgetLine[];
  /** What the bounds rest on that nobody checks while it runs. */
  readonly assumes: readonly string[];
}

const GRAVEST_FIRST: readonly Verdict[] = ['over', 'unbounded', 'strained', 'holds'];

/** The gravest of its lines. */
export function verdictOfAll(lines: readonly BudgetLine[]): Verdict {
  return GRAVEST_FIRST.find((each) => lines.some(({ verdict }) => verdict === each)) ?? 'holds';
}
