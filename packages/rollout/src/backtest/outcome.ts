import type { Json, JsonObject } from '@statebag/contracts';
import type { ExecutionId } from '@statebag/contracts/ids';
import type { Usage } from '@statebag/contracts/schemas/history';
import { canonicalJson } from '@statebag/state-core';
import { shortened } from '@statebag/state-core/core/shortened';
import type { Workflow } from '@statebag/workflow';
import type { Compared, SeenRun } from '../compare-runs.ts';
import { compareEnds } from '../replay/seen-run.ts';

/** What a past run and its fork with the new workflow come to, side by side. */
export type Verdict = 'same' | 'different' | 'failed';

/** A field that came out otherwise: the beginnings of both values as JSON; null where there is none. */
export interface FieldDifference {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
}

/** What a judge says of a difference: null where it said neither yes nor no. */
export interface Judged {
  readonly pass: boolean | null;
  readonly reason: string | null;
}

/** What a run took, calls that a fork takes over included. */
export interface Took {
  readonly usage: Usage;
  /** Working time of its nodes, added up. */
  readonly node_ms: number;
}

/** What trying one past run came to. */
export interface Outcome {
  readonly run: ExecutionId;
  /** Null where none could begin. */
  readonly fork: ExecutionId | null;
  readonly verdict: Verdict;
  readonly differences: readonly FieldDifference[];
  /** Why there is no result to compare. */
  readonly error: { readonly name: string; readonly message: string } | null;
  readonly judged: Judged | null;
  readonly before: Took | null;
  readonly after: Took | null;
  /** What was paid for trying it: calls that its fork and its judge made themselves. */
  readonly paid: Usage;
}

/** Fields that are looked at: those of an output, or the whole state. */
export type LookedAt = 'all' | readonly string[];

/** Of a value, in bytes of its JSON: enough to see what is another one. */
const SHOWN_BYTES = 500;
/** How a run ended is told like a field. */
const OUTCOME = '(outcome)';

/** What is different between what a run and its fork came to, by the comparison of `diff` and the shadow. */
export function differencesOf(
  before: SeenRun,
  after: SeenRun,
  { workflow, fields }: { readonly workflow: Workflow; readonly fields: LookedAt },
): FieldDifference[] {
  const [left, right] = [lookedAt(before, fields), lookedAt(after, fields)];
  const { compared } = compareEnds(left, right, workflow);
  return compared.filter(({ same }) => !same).map((each) => differenceOf(each, left, right));
}

function lookedAt(run: SeenRun, fields: LookedAt): SeenRun {
  return { ...run, state: fields === 'all' ? run.state : picked(run.state, fields) };
}

export function picked(state: JsonObject, fields: readonly string[]): JsonObject {
  return Object.fromEntries(Object.entries(state).filter(([field]) => fields.includes(field)));
}

function differenceOf({ kind, name }: Compared, before: SeenRun, after: SeenRun): FieldDifference {
  if (kind === 'outcome') return { field: OUTCOME, before: endText(before), after: endText(after) };
  return { field: name, before: shownText(before.state[name]), after: shownText(after.state[name]) };
}

function endText({ status, error }: SeenRun): string {
  return error === undefined ? status : `${status} (${error.name})`;
}

function shownText(value: Json | undefined): string | null {
  return value === undefined ? null : shortened(canonicalJson(value), SHOWN_BYTES);
}
