import { StatebagError } from '@statebag/contracts';
import { RE2JS } from 're2js';
import { type PatternFlags, readPattern } from './read-pattern.ts';

/** A pattern whose search takes time in proportion to the text, whatever the pattern and the text are. */
export interface LinearPattern {
  /** The first match at or behind `from`. @throws `Expression.LimitExceeded` */
  find(text: string, from: number): PatternMatch | null;
  /** @throws `Expression.LimitExceeded` */
  test(text: string): boolean;
}

export interface PatternMatch {
  readonly start: number;
  readonly end: number;
  /** The whole match, then the groups; undefined for one that took no part. */
  readonly groups: readonly (string | undefined)[];
}

/**
 * Instructions of the pattern times characters of the text. The engine's slowest way, which tells where
 * groups begin and end, takes about a second for the first; whether there is a match at all it mostly knows a
 * hundred times sooner, and at worst as slowly.
 */
const MOST_STEPS = { toFind: 10_000_000, toTest: 50_000_000 } as const;

/** @throws `Expression.Failed` for a pattern that cannot be searched for in linear time */
export function linearPattern(source: string, flags: PatternFlags): LinearPattern {
  const pattern = compiled(source, flags);
  const size = pattern.programSize();

  function refuseMoreThan(most: number, characters: number): void {
    if (characters * size <= most) return;
    const message = `the pattern ${shown(source)} is too large for a text of ${characters} characters`;
    throw new StatebagError('Expression.LimitExceeded', message);
  }

  function isIn(text: string, from: number): boolean {
    refuseMoreThan(MOST_STEPS.toTest, text.length - from);
    const [matches] = pattern.re2().matchWithGroup(text, from, text.length, ANYWHERE, NO_GROUPS);
    return Boolean(matches);
  }

  return {
    test: (text) => isIn(text, 0),
    find(text, from) {
      if (from > text.length || !isIn(text, from)) return null;
      refuseMoreThan(MOST_STEPS.toFind, text.length - from);
      return found(pattern, text, from);
    },
  };
}

/**
 * The engine's words for a search that begins anywhere, and for one that only tells whether there is a
 * match.
 */
const ANYWHERE = 0;
const NO_GROUPS = 0;

function compiled(source: string, { ignoreCase, multiline }: PatternFlags): RE2JS {
  const read = readPattern(source);
  if (!read.ok) throw unsearchable(source, `${read.problem}; ${read.mend}`);
  const flags = (ignoreCase ? RE2JS.CASE_INSENSITIVE : 0) | (multiline ? RE2JS.MULTILINE : 0);
  try {
    return RE2JS.compile(read.source, flags);
  } catch (error) {
    throw unsearchable(source, error instanceof Error ? error.message : String(error));
  }
}

function unsearchable(source: string, problem: string): StatebagError {
  return new StatebagError('Expression.Failed', `the pattern ${shown(source)} cannot be used: ${problem}`);
}

function shown(source: string): string {
  return `/${source.length > 80 ? `${source.slice(0, 79)}…` : source}/`;
}

function found(pattern: RE2JS, text: string, from: number): PatternMatch | null {
  const matcher = pattern.matcher(text);
  if (!matcher.find(from)) return null;
  const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, index) => matcher.group(index));
  return { start: matcher.start(), end: matcher.end(), groups: groups.map((group) => group ?? undefined) };
}
