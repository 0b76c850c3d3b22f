import type { Json, JsonObject } from '@statebag/contracts';
import { escapeField } from '@statebag/contracts/pointers';
import type { ReducerName } from '@statebag/contracts/statuses';
import { canonicalJson } from '../canonical-json.ts';
import { reduceField } from '../reduce.ts';
import { isJoinedByName } from './legacy-reducers.ts';

/** A state twice: as it stands, with its pointers, and with every pointer replaced by its value. */
export interface LegacyState {
  readonly standing: JsonObject;
  readonly values: JsonObject;
}

type Reducers = { readonly [field: string]: ReducerName };

/**
 * Joins whole states, in the order given. A field that a branch left as it was is not looked at again; one
 * that it changed is combined
 * where a reducer says so, else it takes the place of what was there.
 */
export function joinLegacyBranches(
  base: LegacyState,
  branches: readonly LegacyState[],
  reducers: Reducers,
): LegacyState {
  return branches.reduce((joined, branch) => joinOne({ base, joined, branch }, reducers), base);
}

interface Join {
  readonly base: LegacyState;
  readonly joined: LegacyState;
  readonly branch: LegacyState;
}

function joinOne({ base, joined, branch }: Join, reducers: Reducers): LegacyState {
  const fields = [...new Set([...Object.keys(base.values), ...Object.keys(branch.values)])].sort();
  const changed = fields.filter((field) => textOf(base, field) !== textOf(branch, field));
  return changed.reduce(
    (state, field) => withField(state, field, { base, branch, reducer: ownReducer(reducers, field) }),
    joined,
  );
}

function textOf({ values }: LegacyState, field: string): string | undefined {
  return Object.hasOwn(values, field) ? canonicalJson(values[field] ?? null) : undefined;
}

function ownReducer(reducers: Reducers, field: string): ReducerName | undefined {
  return Object.hasOwn(reducers, field) ? reducers[field] : undefined;
}

interface Change extends Pick<Join, 'base' | 'branch'> {
  readonly reducer: ReducerName | undefined;
}

function withField(
  { standing, values }: LegacyState,
  field: string,
  { base, branch, reducer }: Change,
): LegacyState {
  const { [field]: _standing, ...otherStanding } = standing;
  const { [field]: before, ...otherValues } = values;
  const after = branch.values[field];
  if (after === undefined) return { standing: otherStanding, values: otherValues };
  if (reducer === undefined || isUnjoinable(field, reducer, before)) {
    return {
      standing: { ...otherStanding, [field]: branch.standing[field] ?? escapeField(field, after) },
      values: { ...otherValues, [field]: after },
    };
  }
  const value = REDUCE[reducer]({ reducer, old: before, base: base.values[field], after });
  return {
    standing: { ...otherStanding, [field]: escapeField(field, value) },
    values: { ...otherValues, [field]: value },
  };
}

/** A name is no promise: a field that only looks like a list is replaced. */
function isUnjoinable(field: string, reducer: ReducerName, before: Json | undefined): boolean {
  return reducer === 'append' && isJoinedByName(field) && before !== undefined && !Array.isArray(before);
}

interface Reduction {
  readonly reducer: ReducerName;
  readonly old: Json | undefined;
  readonly base: Json | undefined;
  /** The branch's whole value, what it began with included. */
  readonly after: Json;
}

/** What a branch did to a field, told from its whole value. */
const REDUCE = {
  append: ({ old, base, after }) => reduceField('append', old, withoutBeginning(after, base)),
  sum: ({ old, base, after }) => reduceField('sum', old, numberOf(after) - numberOf(base)),
  dedupe_append: whole,
  set_union: whole,
  max: whole,
  min: whole,
} as const satisfies Record<ReducerName, (reduction: Reduction) => Json>;

/** Taking in again what was there already changes nothing. */
function whole({ reducer, old, after }: Reduction): Json {
  return reduceField(reducer, old, after);
}

/**
 * The members a branch added. A list that does not begin as it did is taken whole: the repeats are the first
 * generation's.
 */
function withoutBeginning(after: Json, base: Json | undefined): Json {
  if (!Array.isArray(after) || !Array.isArray(base)) return after;
  const goesOn = canonicalJson(after.slice(0, base.length)) === canonicalJson(base);
  return goesOn ? after.slice(base.length) : after;
}

function numberOf(value: Json | undefined): number {
  return typeof value === 'number' ? value : 0;
}
