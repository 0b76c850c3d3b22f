import { spawnSync } from 'node:child_process';
import type { Findings } from './check.ts';

function run(command: string, args: readonly string[]): Findings {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  if (error) return { problems: [`${command}: ${error.message}`] };
  return { problems: status === 0 ? [] : `${stdout}${stderr}`.trimEnd().split('\n') };
}

/** Format and lint rules. */
export const checkFormat = (): Findings => run('biome', ['check', '--error-on-warnings', '.']);

/** Types of every package, service and script. */
export const checkTypes = (): Findings => run('tsc', ['-p', 'tsconfig.json']);
