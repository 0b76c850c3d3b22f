import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const STATE_CORE = join(ROOT, 'packages', 'state-core');
const REPORT = join(STATE_CORE, '.stryker-tmp', 'mutation.json');
const LEAST_SCORE = 90;

interface Report {
  readonly files: Readonly<Record<string, { readonly mutants: readonly { readonly status: string }[] }>>;
}

/**
 * Law: the tests of state-core notice when its pure core is changed. Resolves with the score; throws where it
 * is under 90 %.
 */
export async function run(): Promise<string> {
  const status = await stryker();
  const statuses = Object.values((JSON.parse(readFileSync(REPORT, 'utf8')) as Report).files).flatMap(
    ({ mutants }) => mutants.map((mutant) => mutant.status),
  ); // Stryker's own report
  const noticed = statuses.filter((mutant) => mutant === 'Killed' || mutant === 'Timeout').length;
  const tested = statuses.filter(
    (mutant) => mutant !== 'Ignored' && mutant !== 'CompileError' && mutant !== 'RuntimeError',
  ).length;
  const seen = `${noticed} of ${tested} mutants noticed (${((100 * noticed) / tested).toFixed(1)} %)`;
  if (status !== 0 || noticed * 100 < tested * LEAST_SCORE)
    throw new Error(`${seen}; at least ${LEAST_SCORE} % are promised. Survivors: ${REPORT}`);
  return seen;
}

function stryker(): Promise<number | null> {
  const command = join(STATE_CORE, 'node_modules', '.bin', 'stryker');
  const child = spawn(command, ['run', join('packages', 'state-core', 'stryker.config.json')], {
    cwd: ROOT,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  return new Promise((resolve, reject) => child.once('error', reject).once('close', resolve));
}
