import type { ExecutionId } from '@statebag/contracts/ids';
import type { Usage } from '@statebag/contracts/schemas/history';
import { addUsage, NO_USAGE } from '@statebag/state-core/core/usage';
import type { FieldDifference, Outcome, Took } from './outcome.ts';

/** A field that came out otherwise: in how many runs, and what it was in the first of them. */
export interface FieldSummary {
  readonly field: string;
  readonly runs: number;
  readonly examples: readonly (FieldDifference & { readonly run: ExecutionId })[];
}

/** What trying many runs came to, together. */
export interface Summary {
  readonly runs: number;
  /** Runs that were not tried, or not to the end. */
  readonly open: number;
  readonly same: number;
  readonly different: number;
  readonly failed: number;
  /** Of those that are different, what the judge said. */
  readonly judged: { readonly passed: number; readonly refused: number; readonly undecided: number } | null;
  /** The fields, most frequent first. */
  readonly fields: readonly FieldSummary[];
  /** Of the runs that have a result on both sides. */
  readonly before: Took;
  readonly after: Took;
  readonly paid: Usage;
}

const EXAMPLES = 3;
const NOTHING: Took = { usage: NO_USAGE, node_ms: 0 };

/** Adds up the outcomes of `runs` runs. */
export function summaryOf(outcomes: readonly Outcome[], runs: number): Summary {
  const count = (verdict: Outcome['verdict']) => outcomes.filter((each) => each.verdict === verdict).length;
  const both = outcomes.filter(({ verdict }) => verdict !== 'failed');
  return {
    runs,
    open: runs - outcomes.length,
    same: count('same'),
    different: count('different'),
    failed: count('failed'),
    judged: judgedOf(outcomes),
    fields: fieldsOf(outcomes),
    before: both.map(({ before }) => before ?? NOTHING).reduce(together, NOTHING),
    after: both.map(({ after }) => after ?? NOTHING).reduce(together, NOTHING),
    paid: outcomes.map(({ paid }) => paid).reduce(addUsage, NO_USAGE),
  };
}

function together(left: Took, right: Took): Took {
  return { usage: addUsage(left.usage, right.usage), node_ms: left.node_ms + right.node_ms };
}

function judgedOf(outcomes: readonly Outcome[]): Summary['judged'] {
  const said = outcomes.flatMap(({ judged }) => judged ?? []);
  if (said.length === 0) return null;
  const count = (wanted: boolean | null) => said.filter(({ pass }) => pass === wanted).length;
  return { passed: count(true), refused: count(false), undecided: count(null) };
}

function fieldsOf(outcomes: readonly Outcome[]): FieldSummary[] {
  const all = outcomes.flatMap(({ run, differences }) => differences.map((each) => ({ ...each, run })));
  const byField = [...Map.groupBy(all, ({ field }) => field)];
  return byField
    .map(([field, found]) => ({ field, runs: found.length, examples: found.slice(0, EXAMPLES) }))
    .toSorted((left, right) => right.runs - left.runs || left.field.localeCompare(right.field));
}
