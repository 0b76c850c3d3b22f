import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { ForeignRuntime } from './function-config.ts';

/** What a function's `Runtime` comes to on this machine: nothing to add for Node.js. @throws Error */
export function runtimeOf(
  name: string,
  path: string = process.env['PATH'] ?? '',
): ForeignRuntime | undefined {
  if (name.startsWith('nodejs')) return undefined;
  if (name.startsWith('provided')) return { kind: 'provided' };
  if (/^python3(\.\d+)?$/.test(name)) return { kind: 'python', interpreter: interpreterOf(name, path) };
  throw new Error(
    `Runtime ${name} is one that the local cloud does not run; it runs nodejs*, python3.* and provided.*`,
  );
}

/**
 * The version that is asked for, else whichever Python 3 there is, by the path that it says it has itself.
 */
function interpreterOf(name: string, path: string): string {
  const programs = [name, 'python3'].flatMap((program) =>
    path.split(delimiter).map((folder) => join(folder, program)),
  );
  for (const program of programs.filter((each) => existsSync(each))) {
    const { status, stdout } = spawnSync(program, ['-c', 'import sys; print(sys.executable)']);
    // a version manager has a program for each version, and some of them only say that theirs is not installed
    if (status === 0) return String(stdout).trim();
  }
  throw new Error(`Runtime ${name} needs ${name} or python3 on the PATH of this machine: install it`);
}

const ENDINGS = ['.js', '.cjs', '.mjs'];

/**
 * The file of a package that a handler names, and the member of it. @throws Error for a handler without a
 * file
 */
export function entryOf(
  handler: string,
  files: readonly string[],
  runtime: ForeignRuntime | undefined,
): { readonly entry: string; readonly exportName: string } {
  if (runtime?.kind === 'provided') return { entry: requireFile(['bootstrap'], files), exportName: handler };
  const [, module, exportName] = /^(.*)\.([\w$]+)$/.exec(handler) ?? [];
  if (module === undefined || exportName === undefined)
    throw new Error(`Handler ${handler} is not of the form path.export`);
  if (runtime?.kind !== 'python')
    return {
      entry: requireFile(
        ENDINGS.map((ending) => `${module}${ending}`),
        files,
      ),
      exportName,
    };
  const path = module.replaceAll('.', '/');
  return { entry: requireFile([`${path}.py`, `${path}/__init__.py`], files), exportName };
}

function requireFile(names: readonly string[], files: readonly string[]): string {
  const known = new Set(files.map((file) => file.replace(/^\.\//, '')));
  const found = names.map((name) => name.replace(/^\.\//, '')).find((name) => known.has(name));
  if (found !== undefined) return found;
  throw new Error(`the package has no ${names.join(' and no ')}, which the handler names`);
}
