import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Packed } from './pack-package.ts';
import { tryDeployment } from './try-deployment.ts';

/** What a project of its own came to. */
export interface Tried {
  /** From the command that makes the folder to the end of `npm install`. */
  readonly createdMs: number;
  readonly installedBytes: number;
  /** Of `npm run deploy` into an account with nothing in it, the framework being there. */
  readonly deployedMs: number;
  /** The fastest of three. */
  readonly helpMs: number;
}

/**
 * Makes a project from the tarballs in an empty folder, and runs what its README says. @throws where one of
 * it fails
 */
export async function tryProject(packed: readonly Packed[]): Promise<Tried> {
  const folder = mkdtempSync(join(tmpdir(), 'statebag-tried-'));
  const tarball = (name: string) => packed.find((each) => each.name === name)?.file ?? name;
  const at =
    (cwd: string) =>
    (command: string, ...args: string[]) =>
      execFileSync(command, args, {
        cwd,
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'inherit'],
        timeout: 300_000,
      });
  try {
    const here = at(folder);
    const began = performance.now();
    here('tar', '-xzf', tarball('create-statebag'));
    here(
      process.execPath,
      'package/bin/create-statebag.mjs',
      'app',
      '--statebag',
      tarball('statebag'),
      '--node',
      tarball('@statebag/node'),
    );
    const app = at(join(folder, 'app'));
    app('npm', 'install', '--no-audit', '--no-fund');
    const createdMs = performance.now() - began;
    for (const script of ['validate', 'start', 'schema', 'test']) app('npm', 'run', script);
    const deployedMs = await tryDeployment(join(folder, 'app'));
    const help = [1, 2, 3].map(() => {
      const asked = performance.now();
      app(process.execPath, 'node_modules/statebag/bin/statebag.mjs', '--help');
      return performance.now() - asked;
    });
    const installedBytes = bytesIn(join(folder, 'app', 'node_modules'));
    return { createdMs, installedBytes, helpMs: Math.min(...help), deployedMs };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function bytesIn(folder: string): number {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0);
}
