/**
 * `npm run record-calls [-- --keep] [tests…]`: plays the scenarios and runs the tests that run functions (or
 * only those named), and keeps which rights they were seen to use. `npm run check -- permissions` compares
 * them with the roles.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commandOptions } from '../command-options.ts';
import { rightsOfFunctions } from '../permissions/policies.ts';
import { normalised, RECORDED_FILE, readRecordedCalls } from '../permissions/recorded-calls.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..', '..');
const RAW = join(tmpdir(), 'statebag-recorded-calls.jsonl');

const USAGE = `usage: npm run record-calls -- [--keep] [tests…]
Runs the scenarios and tests, or only the tests named, and keeps which rights the functions were seen to use.
--keep adds to what was recorded before.`;

/** `--keep` adds to an earlier recording, and to what is committed. */
const { values, positionals } = commandOptions(USAGE, {
  allowPositionals: true,
  options: { keep: { type: 'boolean', default: false } },
});
const tests = positionals.length > 0 ? positionals : ['services', 'packages/cli', 'packages/runs', 'test'];

if (!values.keep) rmSync(RAW, { force: true });
const environment = { ...process.env, STATEBAG_RECORD_CALLS: RAW };
if (positionals.length === 0)
  spawnSync('node', ['--disable-warning=ExperimentalWarning', 'test/simulate.ts'], {
    cwd: ROOT,
    stdio: 'inherit',
    env: environment,
  });
const jest = [
  '--experimental-vm-modules',
  '--disable-warning=ExperimentalWarning',
  'node_modules/jest/bin/jest.js',
  '--forceExit',
  ...tests,
];
const { status } = spawnSync('node', jest, { cwd: ROOT, stdio: 'inherit', env: environment });
const functions = new Set((await rightsOfFunctions()).map(({ function: key }) => key));
const seen = normalised(existsSync(RAW) ? readFileSync(RAW, 'utf8').split('\n') : [], functions);
const known = values.keep ? readRecordedCalls() : {};
const keys = [...new Set([...Object.keys(known), ...Object.keys(seen)])].sort();
const all = Object.fromEntries(
  keys.map((key) => [key, [...new Set([...(known[key] ?? []), ...(seen[key] ?? [])])].sort()]),
);
writeFileSync(RECORDED_FILE, `${JSON.stringify(all, null, 2)}\n`);
console.log(`${Object.values(all).flat().length} kinds of calls of ${keys.length} functions`);
process.exit(status ?? 1);
