import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { zipSync } from 'fflate';
import { DeployError } from '../deploy/deploy-error.ts';

/** Code as it is uploaded. */
export interface Packed {
  /** Of everything in it. */
  readonly hash: string;
  bytes(): Uint8Array;
}

/** What is no code, wherever it lies. */
const LEFT_OUT = new Set(['.git', '.statebag', '.aws-sam', '.serverless', 'cdk.out', '__pycache__']);
/** The same files make the same package. */
const ZIP_EPOCH = '1980-01-01';

/** A package as it is, or a folder, or one file, as a package. @throws DeployError where there is nothing */
export function pack(path: string): Packed {
  if (!existsSync(path)) throw new DeployError(`${path}: there is no such code; build it first`);
  const isFolder = statSync(path).isDirectory();
  if (!isFolder && /\.(zip|jar)$/.test(path)) {
    const bytes = readFileSync(path);
    return { hash: createHash('sha256').update(bytes).digest('hex'), bytes: () => bytes };
  }
  const files = isFolder ? filesUnder(path) : [path];
  const nameOf = (file: string): string => (isFolder ? relative(path, file) : basename(file));
  return {
    hash: listingHash(files, nameOf),
    // A package of files is used once, on this machine: making it small would take longer.
    bytes: () =>
      zipSync(Object.fromEntries(files.map((file) => [nameOf(file), readFileSync(file)])), {
        level: 0,
        mtime: ZIP_EPOCH,
      }),
  };
}

/** A folder with thousands of files of libraries is not read to learn that none has changed. */
function listingHash(files: readonly string[], nameOf: (file: string) => string): string {
  const hash = createHash('sha256');
  for (const file of files) {
    const { size, mtimeMs } = statSync(file);
    hash.update(`${nameOf(file)}\0${file}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function filesUnder(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !LEFT_OUT.has(name));
  return entries
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      const isDirectory = entry.isSymbolicLink() ? isFolder(path) : entry.isDirectory();
      return isDirectory ? filesUnder(path) : existsSync(path) ? [path] : [];
    });
}

function isFolder(path: string): boolean {
  return existsSync(path) && statSync(path).isDirectory();
}
