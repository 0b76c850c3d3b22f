import { createHash, randomUUID } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BuildResult, Plugin } from 'esbuild';
import { leanHttp } from './lean-http.ts';

/**
 * The command line as one bundle: read as its 750 modules it takes half a second longer to begin. The bundle
 * is used while nothing that it was made of has changed; otherwise the command runs from its source.
 */
const ROOT = join(import.meta.dirname, '..', '..', '..');
const FOLDER = join(ROOT, '.build', 'cli');
const RECEIPT = join(FOLDER, 'receipt.json');
const ENTRY = 'packages/cli/src/program.ts';
/** It stands for all the files of dependencies. */
const LOCKFILE = 'pnpm-lock.yaml';
/** A process that is under way may still read parts of its bundle. */
const KEPT_MS = 24 * 60 * 60 * 1_000;

/** Packages of the older kind call it. The key stands in brackets, as it means the bundle's place. */
const REQUIRE = `import { createRequire as requireOf } from 'node:module';
const require = requireOf(import.meta['url']);`;

/** What a bundle was made of: each file of the house with its size and its time. */
interface Receipt {
  readonly bundle: string;
  readonly inputs: Readonly<Record<string, readonly [size: number, modifiedAt: number]>>;
}

/** Path of the bundled program; undefined where there is none that is fresh. */
export function freshBundle(): string | undefined {
  if (!existsSync(RECEIPT)) return undefined;
  // written below, and by nobody else
  const { bundle, inputs } = JSON.parse(readFileSync(RECEIPT, 'utf8')) as Receipt;
  const isFresh = Object.entries(inputs).every(([path, stamp]) => isUnchanged(path, stamp));
  return isFresh && existsSync(bundle) ? bundle : undefined;
}

function isUnchanged(path: string, [size, modifiedAt]: Receipt['inputs'][string]): boolean {
  const now = statSync(join(ROOT, path), { throwIfNoEntry: false });
  return now !== undefined && now.size === size && Math.trunc(now.mtimeMs) === modifiedAt;
}

/** Makes the bundle where there is none that is fresh, for the commands that come after. */
export async function bundleProgram(): Promise<void> {
  if (freshBundle() !== undefined) return;
  const { build } = await import('esbuild');
  const { outputFiles, metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: [ENTRY],
    outdir: FOLDER,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    keepNames: true,
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    plugins: [leanHttp, atItsPlace],
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  const inputs = [...Object.keys(metafile.inputs).filter(isOwnFile), LOCKFILE];
  const bundle = await place(outputFiles);
  await writeWhole(RECEIPT, JSON.stringify({ bundle, inputs: stamps(inputs) } satisfies Receipt));
  await forgetOld(dirname(bundle));
}

/** Neither of a dependency nor made by a plugin. */
function isOwnFile(path: string): boolean {
  return !path.includes('node_modules/') && existsSync(join(ROOT, path));
}

function stamps(paths: readonly string[]): Receipt['inputs'] {
  return Object.fromEntries(
    paths.map((path) => {
      const { size, mtimeMs } = statSync(join(ROOT, path));
      return [path, [size, Math.trunc(mtimeMs)]] as const;
    }),
  );
}

/**
 * A module of the house finds what lies beside it where its source is; the bundler is no part of the
 * bundle.
 */
const atItsPlace: Plugin = {
  name: 'at its place',
  setup(build) {
    const require = createRequire(import.meta.url);
    build.onResolve({ filter: /^esbuild$/ }, () => ({ path: require.resolve('esbuild'), external: true }));
    build.onLoad({ filter: /\/packages\/[^/]+\/src\/.*\.ts$/ }, async ({ path }) => ({
      loader: 'ts',
      contents: (await readFile(path, 'utf8'))
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
    }));
  },
};

/** Writes a bundle into a folder of its own. Resolves with the path of its first module. */
async function place(files: BuildResult<{ write: false }>['outputFiles']): Promise<string> {
  const hash = createHash('sha256');
  for (const { contents } of files) hash.update(contents);
  const folder = join(FOLDER, hash.digest('hex').slice(0, 16));
  if (!existsSync(folder)) {
    const underway = `${folder}.${randomUUID()}`;
    await mkdir(underway, { recursive: true });
    await Promise.all(files.map(({ path, contents }) => writeFile(join(underway, basename(path)), contents)));
    // two commands may have made the same
    await rename(underway, folder).catch(async (error: unknown) => {
      await rm(underway, { recursive: true });
      if (!existsSync(folder)) throw error;
    });
  }
  return join(folder, 'program.mjs');
}

async function writeWhole(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomUUID()}`;
  await writeFile(temporary, text);
  await rename(temporary, path);
}

async function forgetOld(current: string): Promise<void> {
  for (const name of await readdir(FOLDER)) {
    const path = join(FOLDER, name);
    if (path === current || path === RECEIPT || Date.now() - (await stat(path)).mtimeMs < KEPT_MS) continue;
    await rm(path, { recursive: true, force: true });
  }
}
