import { type Json, StatebagError } from '@statebag/contracts';
import type { ReducerName } from '@statebag/contracts/statuses';
import { canonicalJson } from './canonical-json.ts';

type Reducer = (old: Json | undefined, value: Json) => Json;

/** What `op: "reduce"` does, by reducer. A field that is not there yet counts as empty. */
const REDUCE = {
  append: (old, value) => [...listOf('append', old ?? []), ...asList(value)],
  dedupe_append: (old, value) => withoutRepeats(listOf('dedupe_append', old ?? []), asList(value)),
  set_union: (old, value) => withoutRepeats([], [...listOf('set_union', old ?? []), ...asList(value)]),
  max: (old, value) => (old === undefined || isBelow('max', old, value) ? ordered('max', value) : old),
  min: (old, value) => (old === undefined || isBelow('min', value, old) ? ordered('min', value) : old),
  sum: (old, value) => finite(numberOf('sum', old ?? 0) + numberOf('sum', value)),
} as const satisfies Record<ReducerName, Reducer>;

/**
 * Combines a field's value with a new one. A list given to a list reducer is joined, anything else is one
 * more member.
 * @throws `Reducer.TypeMismatch`
 */
export function reduceField(reducer: ReducerName, old: Json | undefined, value: Json): Json {
  return REDUCE[reducer](old, value);
}

function asList(value: Json): readonly Json[] {
  return Array.isArray(value) ? value : [value];
}

function listOf(reducer: ReducerName, value: Json): readonly Json[] {
  return Array.isArray(value) ? value : mismatch(reducer, 'a list', value);
}

function numberOf(reducer: ReducerName, value: Json): number {
  return typeof value === 'number' ? value : mismatch(reducer, 'a number', value);
}

/** Two values are the same when their canonical texts are; the first one stays. */
function withoutRepeats(kept: readonly Json[], candidates: readonly Json[]): readonly Json[] {
  const seen = new Set(kept.map(canonicalJson));
  const fresh = candidates.filter((candidate) => {
    const text = canonicalJson(candidate);
    return seen.has(text) ? false : seen.add(text);
  });
  return [...kept, ...fresh];
}

function ordered(reducer: ReducerName, value: Json): number | string {
  return typeof value === 'number' || typeof value === 'string'
    ? value
    : mismatch(reducer, 'a number or text', value);
}

function isBelow(reducer: ReducerName, left: Json, right: Json): boolean {
  const [a, b] = [ordered(reducer, left), ordered(reducer, right)];
  return typeof a === typeof b ? a < b : mismatch(reducer, `a ${typeof a} to compare with`, right);
}

function finite(sum: number): number {
  if (Number.isFinite(sum)) return sum;
  throw new StatebagError('Reducer.TypeMismatch', 'sum left the range of numbers');
}

function mismatch(reducer: ReducerName, needed: string, value: Json): never {
  const met = value === null ? 'null' : Array.isArray(value) ? 'a list' : `a ${typeof value}`;
  throw new StatebagError('Reducer.TypeMismatch', `reducer ${reducer} needs ${needed}, met ${met}`);
}
