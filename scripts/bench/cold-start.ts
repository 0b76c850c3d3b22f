import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleApp } from '@statebag/local-cloud';
import { atMost, type BenchRow, median } from './bench-row.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const ROUNDS = 11;
const TARGET_MS = 120;

/** Prints the milliseconds that importing the module in a new process takes. */
const PROBE =
  'const from = performance.now(); require(process.argv[1]); console.log(performance.now() - from);';

/**
 * The time a new process needs to import each function's bundle, every one in a process of its own. In
 * rounds, so that a moment of a busy machine hits all alike and no median.
 */
export async function suite(): Promise<BenchRow[]> {
  const bundles = (await bundleApp(ROOT)).map((bundle) => ({ ...bundle, times: [] as number[] }));
  for (let round = 0; round < ROUNDS; round++) {
    for (const { file, environment, times } of bundles) times.push(await coldImport(file, environment));
  }
  return bundles.map(({ name, times }) => rowOf(name, median(times)));
}

function rowOf(name: string, ours: number): BenchRow {
  return atMost(TARGET_MS, { figure: `cold import of ${name}`, unit: 'ms', ours });
}

async function coldImport(file: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', PROBE, file], {
    env: { PATH: process.env['PATH'], ...environment },
  });
  return Number(stdout.trim());
}
