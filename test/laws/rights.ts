import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  isUsed,
  type RoleStatement,
  readWitnesses,
  rightsOf,
  roleNames,
  statementsOfRoles,
  type Use,
  usesIn,
  type Witnesses,
} from '@statebag/deployment/permissions';
import { eachBounded } from '@statebag/state-core/store/each-bounded';

const ROOT = join(import.meta.dirname, '..', '..');
/** Far above what all suites take together. */
const STUCK_MS = 1_800_000;

interface RightsOptions {
  /** Statements to be removed, drawn from all of them; where there are fewer, every one. */
  readonly count: number;
  readonly seed: number;
  /** Only suites of this folder, and statements that they need. */
  readonly witnessesIn?: string;
}

/**
 * Takes each statement away from its role in turn. A suite that was seen to use it must fail then, and pass with it:
 * a right that no test misses is one too many, or one that no test looks after. All suites run once with every right,
 * which tells where each statement is used first; of a suite that runs without a statement only what comes before its
 * first failing test runs.
 */
export async function prove({ count, seed, witnessesIn = '' }: RightsOptions): Promise<string> {
  const witnesses = readWitnesses();
  const all = (await statementsOfRoles())
    .filter((statement) => isUsed(statement, witnesses))
    .map((statement) => ({ statement, suites: suitesOf(statement, witnesses, witnessesIn) }))
    .filter(({ suites }) => suites.length > 0);
  const removed = drawn(all, { count, seed });
  const uses = await usesOf([...new Set(removed.flatMap(({ suites }) => suites))]);
  const missed = await eachBounded(removed, availableParallelism(), async ({ statement }) => {
    const text = `${statement.role}, statement ${statement.place + 1} (${statement.actions.join(', ')})`;
    const suites = [...new Set(uses.filter(isOf(statement)).map(({ suite }) => suite))];
    const proof = await missedBy(statement, suites);
    if (proof !== undefined) console.log(`  ${text}: ${proof}`);
    const passing =
      suites.length === 0 ? 'no suite that passes uses it' : `${suites.join(', ')} pass without it`;
    return proof === undefined ? [`${text}: ${passing}`] : [];
  });
  if (missed.flat().length > 0) throw new Error(`no test misses\n${missed.flat().join('\n')}`);
  return `${removed.length} of ${all.length} statements removed, each missed by a test`;
}

function suitesOf(statement: RoleStatement, witnesses: Witnesses, folder: string): readonly string[] {
  const known = witnesses[statement.role] ?? {};
  const suites = new Set(rightsOf(statement).flatMap((right) => known[right] ?? []));
  return [...suites].filter((suite) => suite.startsWith(folder));
}

/** `count` of them, evenly spread and begun where the seed says. */
function drawn<Item>(
  all: readonly Item[],
  { count, seed }: { count: number; seed: number },
): readonly Item[] {
  const taken = Math.min(count, all.length);
  const places = Array.from({ length: taken }, (_, index) => Math.floor((index * all.length) / taken));
  return places.flatMap((place) => all[(place + seed) % all.length] ?? []);
}

const isOf =
  ({ role, place }: RoleStatement) =>
  ({ statement }: Use): boolean =>
    statement.role === role && statement.place === place;

/** Where suites use statements first, the soonest first. A suite that fails by itself proves nothing. */
async function usesOf(suites: readonly string[]): Promise<readonly Use[]> {
  const folder = mkdtempSync(join(tmpdir(), 'statebag-rights-'));
  await run(suites, { STATEBAG_RECORD_RIGHTS_IN: folder });
  const statements = await statementsOfRoles();
  const uses = readdirSync(folder).flatMap((name) => {
    const lines = readFileSync(join(folder, name), 'utf8').split('\n');
    return usesIn({ suite: decodeURIComponent(name), lines }, statements);
  });
  rmSync(folder, { recursive: true, force: true });
  return uses.toSorted((one, other) => one.ms - other.ms);
}

/** The first test that fails without a statement. */
async function missedBy(statement: RoleStatement, suites: readonly string[]): Promise<string | undefined> {
  for (const suite of suites) {
    const withheld = { STATEBAG_WITHHOLD_RIGHT: `${roleNames(statement)}#${statement.place}` };
    const { passed, stderr } = await run([suite], withheld);
    if (!passed) return `${suite} › ${/^ +● (.+)$/m.exec(stderr)?.[1] ?? 'it'} fails`;
  }
  return undefined;
}

/** Runs suites, each to its first failing test. */
function run(
  suites: readonly string[],
  rights: Readonly<Record<string, string>>,
): Promise<{ passed: boolean; stderr: string }> {
  const { STATEBAG_RECORD_RIGHTS_IN: _, ...environment } = process.env;
  const jest = [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    ...['node_modules/jest/bin/jest.js', '--forceExit', '--silent', '--runTestsByPath', ...suites],
  ];
  const options = {
    cwd: ROOT,
    env: { ...environment, STATEBAG_FIRST_FAILURE: 'true', ...rights },
    timeout: STUCK_MS,
    maxBuffer: 64 * 1024 * 1024,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, jest, options, (error, _stdout, stderr) =>
      resolve({ passed: error === null, stderr }),
    );
  });
}
