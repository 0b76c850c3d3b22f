import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { UsedRight } from '@statebag/local-cloud';
import { type RoleStatement, roleNamed } from './statements.ts';

/** Which tests need which right, committed so that a change shows: `npm run permissions -- --record` writes it. */
export const WITNESS_FILE = join(import.meta.dirname, 'witnesses.json');

/** Role → `action resource` → suites of tests that were seen to use it, the nearest first. */
export type Witnesses = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>;

/** More tell nothing new. */
const ENOUGH = 3;

export function readWitnesses(): Witnesses {
  return existsSync(WITNESS_FILE) ? JSON.parse(readFileSync(WITNESS_FILE, 'utf8')) : {};
}

/** What a suite was seen to use, one JSON line each; between them a line where a test begins and where it ends. */
export interface SuiteRecording {
  readonly suite: string;
  readonly lines: readonly string[];
}

/**
 * Whose tests use which right, from recordings and what was known before. Rights that no statement gives are left
 * out.
 */
export function witnessesOf(
  recordings: readonly SuiteRecording[],
  statements: readonly RoleStatement[],
  known: Witnesses = {},
): Witnesses {
  const recorded = recordings.flatMap(({ suite, lines }) =>
    entriesOf(lines).flatMap((entry) => ('role' in entry ? seen(entry, statements, suite) : [])),
  );
  const before = Object.entries(known).flatMap(([role, rights]) =>
    Object.entries(rights).flatMap(([right, suites]) =>
      isGiven(role, right, statements) ? suites.map((suite) => ({ role, right, suite })) : [],
    ),
  );
  return grouped([...before, ...recorded]);
}

interface TestEntry {
  readonly test: string;
  /** Since the suite began. */
  readonly ms: number;
  /** Undefined where it begins. */
  readonly failed?: boolean;
}

/** The lines are written by the recorder of the cloud and by the runner of tests. */
function entriesOf(lines: readonly string[]): readonly (UsedRight | TestEntry)[] {
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line));
}

/** A statement that a suite makes use of. */
export interface Use {
  readonly statement: RoleStatement;
  readonly suite: string;
  /** How long the suite ran until the end of the test that used it first. */
  readonly ms: number;
}

/** What a suite uses; nothing where a test of it failed. */
export function usesIn(
  { suite, lines }: SuiteRecording,
  statements: readonly RoleStatement[],
): readonly Use[] {
  const entries = entriesOf(lines);
  if (entries.some((entry) => 'failed' in entry && entry.failed === true)) return [];
  const uses: Use[] = [];
  let ms = Number.POSITIVE_INFINITY;
  for (const entry of entries.toReversed()) {
    if (!('role' in entry)) ms = Math.min(ms, entry.ms);
    else for (const statement of statementOf(entry, statements)) uses.push({ statement, suite, ms });
  }
  return uses;
}

interface Seen {
  readonly role: string;
  readonly right: string;
  readonly suite: string;
}

function seen(used: UsedRight, statements: readonly RoleStatement[], suite: string): Seen[] {
  return statementOf(used, statements).flatMap(({ role, actions, resources }) => {
    const resource = resources[used.resource];
    if (resource === undefined || !actions.includes(used.action)) return [];
    return [{ role, right: `${used.action} ${resource}`, suite }];
  });
}

function statementOf({ role, statement }: UsedRight, all: readonly RoleStatement[]): RoleStatement[] {
  return all.filter((each) => each.role === roleNamed(role) && each.place === statement);
}

function isGiven(role: string, right: string, statements: readonly RoleStatement[]): boolean {
  return statements.some((each) => each.role === role && rightsOf(each).includes(right));
}

/** Every pair that a statement makes: `s3:GetObject arn:aws:s3:::BUCKET/runs/*`. */
export function rightsOf({ actions, resources }: RoleStatement): readonly string[] {
  return actions.flatMap((action) => resources.map((resource) => `${action} ${resource}`));
}

function grouped(all: readonly Seen[]): Witnesses {
  const inOrder = (texts: readonly string[]) => [...new Set(texts)].sort();
  return Object.fromEntries(
    inOrder(all.map(({ role }) => role)).map((role) => {
      const own = all.filter((each) => each.role === role);
      const suitesOf = (right: string) =>
        own.filter((each) => each.right === right).map((each) => each.suite);
      const rights = inOrder(own.map(({ right }) => right));
      return [role, Object.fromEntries(rights.map((right) => [right, nearest(suitesOf(right))]))];
    }),
  );
}

/** Suites of one service or package are quicker than those of the whole. */
function nearest(suites: readonly string[]): readonly string[] {
  const isWide = (suite: string): number => Number(suite.startsWith('test/'));
  return [...new Set(suites)].sort((a, b) => isWide(a) - isWide(b) || (a < b ? -1 : 1)).slice(0, ENOUGH);
}
