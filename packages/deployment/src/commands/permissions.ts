/**
 * `npm run permissions`: every statement of every role, and which tests use it. `--record [tests…]` runs the tests
 * that run functions (or only those named) and keeps what they used; `npm run check -- permissions` compares that
 * with the roles.
 */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandOptions, refuseCommand } from '../command-options.ts';
import { comparePermissions, reasonFor } from '../permissions/compare.ts';
import { type RoleStatement, statementsOfRoles } from '../permissions/statements.ts';
import {
  readWitnesses,
  rightsOf,
  type SuiteRecording,
  WITNESS_FILE,
  type Witnesses,
  witnessesOf,
} from '../permissions/witnesses.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
/** Where functions run under their roles. */
const SUITES = ['services', 'packages/cli', 'packages/testing', 'packages/replay', 'test'].map(
  (folder) => `./${folder}/`,
);
/** Laws draw what they run: what one uses today it may not use tomorrow. */
const LAWS = ['--testPathIgnorePatterns', '/node_modules/', '/test/laws/'];

const USAGE = `usage: npm run permissions -- [--json] [--record [--keep] [tests…]]
Prints each statement of each role with the tests that use it, or the reason why none does.
--record  runs the tests first, or only those named, and keeps which rights they were seen to use
--keep    adds to what was recorded before
--json    for a machine`;

const { values, positionals } = commandOptions(USAGE, {
  allowPositionals: true,
  options: {
    json: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    keep: { type: 'boolean', default: false },
  },
});
if (!values.record && positionals.length > 0)
  refuseCommand(`${positionals.join(' ')} means nothing without --record`, USAGE);

const statements = await statementsOfRoles();
const status = values.record ? record(statements) : 0;
const witnesses = readWitnesses();
const rows = statements.map((each) => ({ ...each, ...evidence(each, witnesses) }));
if (values.json) console.log(JSON.stringify(rows, null, 2));
else for (const row of rows) print(row);
const problems = comparePermissions(statements, witnesses);
for (const problem of problems) console.error(problem);
process.exit(status === 0 && problems.length > 0 ? 1 : status);

/** Runs the tests and writes what they used. Gives their exit code. */
function record(all: readonly RoleStatement[]): number {
  const folder = mkdtempSync(join(tmpdir(), 'statebag-rights-'));
  const jest = [
    ...['--experimental-vm-modules', '--disable-warning=ExperimentalWarning'],
    ...['node_modules/jest/bin/jest.js', '--forceExit'],
    ...(positionals.length > 0 ? positionals : SUITES),
    ...LAWS,
  ];
  const environment = { ...process.env, STATEBAG_RECORD_RIGHTS_IN: folder };
  const ended = spawnSync('node', jest, { cwd: ROOT, stdio: 'inherit', env: environment });
  const kept = witnessesOf(recordingsIn(folder), all, values.keep ? readWitnesses() : {});
  writeFileSync(WITNESS_FILE, `${JSON.stringify(kept, null, 2)}\n`);
  rmSync(folder, { recursive: true, force: true });
  return ended.status ?? 1;
}

function recordingsIn(folder: string): readonly SuiteRecording[] {
  return readdirSync(folder).map((name) => ({
    suite: decodeURIComponent(name),
    lines: readFileSync(join(folder, name), 'utf8').split('\n'),
  }));
}

/** Who uses a statement, and why the rights that nobody uses are there. */
function evidence(statement: RoleStatement, { [statement.role]: known = {} }: Witnesses) {
  const rights = rightsOf(statement);
  const pairs = statement.actions.flatMap((action) =>
    statement.resources.map((resource) => ({ action, resource })),
  );
  const reasons = pairs
    .filter(({ action, resource }) => known[`${action} ${resource}`] === undefined)
    .flatMap(({ action, resource }) => reasonFor(statement.role, action, resource) ?? []);
  return {
    tests: [...new Set(rights.flatMap((right) => known[right] ?? []))],
    reasons: [...new Set(reasons)],
  };
}

function print(row: RoleStatement & ReturnType<typeof evidence>): void {
  console.log(`${row.role}, statement ${row.place + 1}: ${row.actions.join(', ')}`);
  for (const resource of row.resources) console.log(`    on ${resource}`);
  for (const suite of row.tests) console.log(`    used by ${suite}`);
  for (const reason of row.reasons) console.log(`    no test: ${reason}`);
}
