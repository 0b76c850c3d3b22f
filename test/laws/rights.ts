import { execFile } from 'node:child_process';
import { join } from 'node:path';
import {
  isUsed,
  type RoleStatement,
  readWitnesses,
  rightsOf,
  roleNames,
  statementsOfRoles,
  type Witnesses,
} from '@statebag/deployment/permissions';

const ROOT = join(import.meta.dirname, '..', '..');
/** Far above what a suite takes. */
const STUCK_MS = 900_000;

interface RightsOptions {
  /** Statements to be removed, drawn from all of them; where there are fewer, every one. */
  readonly count: number;
  readonly seed: number;
  /** Only statements that a suite of this folder needs. */
  readonly witnessesIn?: string;
}

/**
 * Takes each statement away from its role in turn. A suite that was seen to use it must fail then, and pass with it:
 * a right that no test misses is one too many, or one that no test looks after.
 */
export async function prove({ count, seed, witnessesIn = '' }: RightsOptions): Promise<string> {
  const witnesses = readWitnesses();
  const all = (await statementsOfRoles())
    .filter((statement) => isUsed(statement, witnesses))
    .map((statement) => ({ statement, suites: suitesOf(statement, witnesses) }))
    .filter(({ suites }) => suites.some((suite) => suite.startsWith(witnessesIn)));
  const proofs = openProofs();
  const missed: string[] = [];
  for (const { statement, suites } of drawn(all, { count, seed })) {
    const text = `${statement.role}, statement ${statement.place + 1} (${statement.actions.join(', ')})`;
    const proof = await proofs.of(statement, suites);
    if (proof === undefined) missed.push(`${text}: ${suites.join(', ')} pass without it`);
    else console.log(`  ${text}: ${proof}`);
  }
  if (missed.length > 0) throw new Error(`no test misses\n${missed.join('\n')}`);
  return `${Math.min(count, all.length)} of ${all.length} statements removed, each missed by a test`;
}

function suitesOf(statement: RoleStatement, { [statement.role]: known = {} }: Witnesses): readonly string[] {
  return [...new Set(rightsOf(statement).flatMap((right) => known[right] ?? []))];
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

function openProofs() {
  const sound = new Map<string, boolean>();
  /** A suite that fails by itself proves nothing. */
  const isSound = async (suite: string): Promise<boolean> => {
    const known = sound.get(suite) ?? (await failureOf(suite)) === undefined;
    sound.set(suite, known);
    return known;
  };
  return {
    /** The first test that fails without a statement. */
    async of(statement: RoleStatement, suites: readonly string[]): Promise<string | undefined> {
      for (const suite of suites) {
        if (!(await isSound(suite))) continue;
        const failed = await failureOf(suite, `${roleNames(statement)}#${statement.place}`);
        if (failed !== undefined) return failed;
      }
      return undefined;
    },
  };
}

/** Runs a suite, and gives the test that failed first. */
function failureOf(suite: string, withheld = ''): Promise<string | undefined> {
  const { STATEBAG_RECORD_RIGHTS_IN: _, ...environment } = process.env;
  const jest = [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    ...['node_modules/jest/bin/jest.js', '--forceExit', '--bail', '--silent', '--runTestsByPath', suite],
  ];
  const options = {
    cwd: ROOT,
    env: { ...environment, STATEBAG_WITHHOLD_RIGHT: withheld },
    timeout: STUCK_MS,
    maxBuffer: 64 * 1024 * 1024,
  };
  return new Promise((resolve) => {
    execFile(process.execPath, jest, options, (error, _stdout, stderr) =>
      resolve(error === null ? undefined : `${suite} › ${/^ +● (.+)$/m.exec(stderr)?.[1] ?? 'it'} fails`),
    );
  });
}
