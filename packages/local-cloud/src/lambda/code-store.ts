import { createHash, randomUUID } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { getCompileCacheDir, stripTypeScriptTypes } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { unpack } from './package.ts';

/**
 * A bundle that lies as a file somewhere. Others may put another file in its place; nobody writes into it.
 */
export interface BundleFile {
  readonly path: string;
  readonly sha256: string;
  readonly size: number;
  readonly modifiedAt: number;
}

/** Where a version's code is. */
export interface CodePlace {
  /** Of the bundle or the package, hex. */
  readonly codeSha256: string;
  /** The file of a package that its handler names; none for a bundle, which is one file. */
  readonly entry?: string;
}

/** Code that the store has. */
export interface KeptCode {
  /** Hex. */
  readonly codeSha256: string;
  /** Bytes. */
  readonly codeSize: number;
}

/** Bundles and packages by the hash of their bytes, so a version keeps the code it was published with. */
export interface CodeStore {
  put(code: Uint8Array | BundleFile): KeptCode;
  /** @throws where it is not there */
  find(codeSha256: string): KeptCode;
  /** The folder of the code, and the file in it that is loaded. */
  pathsOf(place: CodePlace): { readonly folder: string; readonly file: string };
  /** Where what V8 made of a bundle is kept for later threads; undefined where nothing is kept. */
  compiledPathOf(place: CodePlace): string | undefined;
  /** What a thread runs around the code. */
  readonly runtime: URL;
  /** What a Python process runs around the code. */
  readonly pythonRuntime: string;
}

const RUNTIME_SOURCE = new URL('./sandbox-runtime.ts', import.meta.url);
const PYTHON_RUNTIME_SOURCE = new URL('./python-runtime.py', import.meta.url);

/** Code as files under `directory`; a file is there whole or not at all. */
export function openCodeStore(directory: string, { durable }: { readonly durable: boolean }): CodeStore {
  mkdirSync(directory, { recursive: true });
  const write = (path: string, bytes: Uint8Array): void =>
    writeWhole(join(directory, `${randomUUID()}.tmp`), path, { bytes, durable });
  const pathOf = (codeSha256: string): string => join(directory, `${codeSha256}.cjs`);
  const runtimePath = join(directory, 'sandbox-runtime.mjs');
  // Stripped once here instead of in every thread: a thread starts in two thirds of the time.
  write(runtimePath, Buffer.from(strippedRuntime()));
  const folderOf = openPackages(directory, pathOf);
  return {
    pathsOf: ({ codeSha256, entry }) => {
      if (entry === undefined) return { folder: directory, file: pathOf(codeSha256) };
      const folder = folderOf(codeSha256);
      return { folder, file: join(folder, entry) };
    },
    runtime: pathToFileURL(runtimePath),
    get pythonRuntime() {
      const path = join(directory, 'python-runtime.py');
      if (!existsSync(path)) write(path, readFileSync(PYTHON_RUNTIME_SOURCE));
      return path;
    },
    compiledPathOf: ({ codeSha256, entry }) =>
      entry === undefined ? keptPath(`function-${codeSha256}.v8`) : undefined,
    find: (codeSha256) => ({ codeSha256, codeSize: statSync(pathOf(codeSha256)).size }),
    put: (code) => {
      if ('path' in code && hasLinked(code, pathOf(code.sha256)))
        return { codeSha256: code.sha256, codeSize: code.size };
      const bytes = 'path' in code ? readFileSync(code.path) : code;
      const codeSha256 = createHash('sha256').update(bytes).digest('hex');
      if (!existsSync(pathOf(codeSha256))) write(pathOf(codeSha256), bytes);
      return { codeSha256, codeSize: bytes.length };
    },
  };
}

/**
 * Folders of packages. Every process unpacks anew what it needs: only the package itself is synced, so after
 * a power failure nobody could tell a whole folder from a half one.
 */
function openPackages(directory: string, pathOf: (codeSha256: string) => string) {
  const unpacked = join(directory, 'unpacked');
  const ready = new Set<string>();
  rmSync(unpacked, { recursive: true, force: true });
  mkdirSync(unpacked);
  // Without it, what stands in a folder above says whether a file is a module.
  writeFileSync(join(unpacked, 'package.json'), '{}');
  return (codeSha256: string): string => {
    const folder = join(unpacked, codeSha256);
    if (!ready.has(codeSha256)) unpack(readFileSync(pathOf(codeSha256)), folder);
    ready.add(codeSha256);
    return folder;
  };
}

/**
 * An app has 33 MB of bundles; a second name for a file costs nothing. False where the file is another one by
 * now, or on another disk.
 */
function hasLinked({ path, size, modifiedAt }: BundleFile, target: string): boolean {
  if (existsSync(target)) return true;
  try {
    linkSync(path, target);
  } catch (error) {
    if (NO_LINK.has(Object(error).code)) return false;
    throw error;
  }
  const linked = statSync(target);
  if (linked.size === size && linked.mtimeMs === modifiedAt) return true;
  unlinkSync(target);
  return false;
}

/** Another disk, or a file system without links. */
const NO_LINK: ReadonlySet<unknown> = new Set(['EXDEV', 'EPERM', 'ENOTSUP', 'EMLINK']);

/** Loading what strips types takes longer than most of what a command does, so its result is kept. */
function strippedRuntime(): string {
  const source = readFileSync(RUNTIME_SOURCE, 'utf8');
  const kept = keptPath(`sandbox-runtime-${createHash('sha256').update(source).digest('hex')}.mjs`);
  if (kept !== undefined && existsSync(kept)) return readFileSync(kept, 'utf8');
  const stripped = stripTypeScriptTypes(source);
  if (kept !== undefined)
    writeWhole(`${kept}.${randomUUID()}`, kept, { bytes: Buffer.from(stripped), durable: false });
  return stripped;
}

/**
 * Beside what Node itself keeps of compiled code: a folder for this version of V8 and this user, which goes
 * where NODE_COMPILE_CACHE says. Undefined where this process keeps none.
 */
function keptPath(name: string): string | undefined {
  const folder = getCompileCacheDir();
  return folder === undefined ? undefined : join(folder, name);
}

function writeWhole(
  temporary: string,
  path: string,
  { bytes, durable }: { readonly bytes: Uint8Array; readonly durable: boolean },
): void {
  const file = openSync(temporary, 'wx');
  writeSync(file, bytes);
  if (durable) fsyncSync(file);
  closeSync(file);
  renameSync(temporary, path);
}
