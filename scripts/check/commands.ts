import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Findings } from './check.ts';

const ROOT = join(import.meta.dirname, '..', '..');

function run(command: string, args: readonly string[], cwd = ROOT): Findings {
  const { status, stdout, stderr, error } = spawnSync(join(ROOT, 'node_modules', '.bin', command), args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  });
  if (error) return { problems: [`${command}: ${error.message}`] };
  return { problems: status === 0 ? [] : `${stdout}${stderr}`.trimEnd().split('\n') };
}

/** Format and lint rules. */
export const checkFormat = (): Findings => run('biome', ['check', '--error-on-warnings', '.']);

/** Types of every package, service and script; the viewer's page runs in a browser and has its own. */
export const checkTypes = (): Findings => ({
  problems: ['tsconfig.json', 'packages/viewer/tsconfig.json'].flatMap(
    (project) => run('tsc', ['-p', project]).problems,
  ),
});

export const checkUnused = (): Findings => unusedIn(ROOT);

/** Exports, files and dependencies that nothing uses. */
export const unusedIn = (root: string): Findings =>
  run('knip', ['--no-progress', '--reporter', 'compact'], root);
