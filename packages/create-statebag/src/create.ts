import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';

/** A mistake of the caller; nothing was written. */
export class CreateError extends Error {
  override readonly name = 'CreateError';
}

export interface CreateOptions {
  /** Which statebag the folder depends on: a version, or where one lies. Without it: that of this package. */
  readonly statebag?: string;
  /** The same of @statebag/node, with which node types are declared. */
  readonly node?: string;
}

const HERE = join(import.meta.dirname, '..');

/**
 * Fills a new folder from the template, and gives the name of the package in it.
 * @throws CreateError where the folder holds something, or its name cannot be that of a package
 */
export function create(folder: string, options: CreateOptions = {}): string {
  const { statebag = `^${versionOf()}`, node = `^${versionOf()}` } = options;
  const target = resolve(folder);
  const name = basename(target).toLowerCase();
  if (!/^[a-z0-9][a-z0-9._-]*$/.test(name))
    throw new CreateError(`${folder}: cannot be the name of a package\n  mend: use letters, digits, - and _`);
  if (existsSync(target) && readdirSync(target).length > 0)
    throw new CreateError(`${folder}: is not empty\n  mend: name a folder that is not there yet`);
  mkdirSync(target, { recursive: true });
  cpSync(join(HERE, 'template'), target, { recursive: true });
  // npm publishes no file of the name .gitignore
  renameSync(join(target, 'gitignore'), join(target, '.gitignore'));
  for (const file of ['package.json', 'README.md', 'serverless.yml'])
    fill(join(target, file), { name, statebag, node });
  return name;
}

function versionOf(): string {
  const { version }: { version: string } = JSON.parse(readFileSync(join(HERE, 'package.json'), 'utf8'));
  return version;
}

function fill(path: string, values: Readonly<Record<string, string>>): void {
  const text = readFileSync(path, 'utf8');
  writeFileSync(
    path,
    text.replaceAll(/\{\{(\w+)\}\}/g, (mark, name: string) => values[name] ?? mark),
  );
}
