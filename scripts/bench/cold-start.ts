import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { bundleApp } from '@statebag/local-cloud';
import { type BenchRow, median } from './bench-row.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const RUNS = 11;
const TARGET_MS = 120;

/** Prints the milliseconds that importing the module in a new process takes. */
const PROBE = 'const from = performance.now(); require(process.argv[1]); console.log(performance.now() - from);';

/** The time a new process needs to import each function's bundle, every one in a process of its own. */
export async function suite(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const { name, file, environment } of await bundleApp(ROOT)) {
    const times: number[] = [];
    for (let run = 0; run < RUNS; run++) times.push(await coldImport(file, environment));
    const ours = median(times);
    rows.push({
      figure: `cold import of ${name}`,
      unit: 'ms',
      ours,
      reference: null,
      reference_name: null,
      ratio: null,
      target: `<= ${TARGET_MS}`,
      holds: ours <= TARGET_MS,
    });
  }
  return rows;
}

async function coldImport(file: string, environment: Readonly<Record<string, string>>): Promise<number> {
  const { stdout } = await promisify(execFile)(process.execPath, ['-e', PROBE, file], { env: { PATH: process.env['PATH'], ...environment } });
  return Number(stdout.trim());
}
