import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import { DeployError } from './template.ts';

export interface BundleRequest {
  /** The app's root: where esbuild.cjs and `.build/` are. */
  readonly root: string;
  /** Where the bundle goes below `.build/`. */
  readonly name: string;
  /** Path of the handler's module without its extension. */
  readonly entry: string;
}

export interface Bundle {
  readonly code: Buffer;
  /** Source files of the app that went into it. */
  readonly sources: readonly string[];
}

/** What a bundle was made from; while none of it changes the bundle is used again. */
interface Receipt {
  readonly options: string;
  readonly inputs: Readonly<Record<string, InputStamp>>;
}

interface InputStamp {
  readonly size: number;
  readonly modifiedAt: number;
  readonly sha256: string;
}

const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];
/** Settings of esbuild.cjs that are not esbuild's. */
const PACKAGING = ['outputFileExtension', 'exclude', 'packager', 'outputWorkFolder'];

/** Bundles a function's handler with the app's own esbuild settings, or gives the bundle of last time when nothing it was made from has changed. */
export async function bundleFunction({ root, name, entry }: BundleRequest): Promise<Bundle> {
  const entryPoint = EXTENSIONS.map((extension) => entry + extension).find((path) => existsSync(path));
  if (entryPoint === undefined) throw new DeployError(`${entry}: no such handler file (${EXTENSIONS.join(', ')})`);
  const options = loadOptions(root);
  const output = join(root, '.build', `${name}.cjs`);
  const receiptPath = join(root, '.build', `${name}.json`);
  const optionsText = JSON.stringify([entryPoint, options]);
  const receipt = await readReceipt(receiptPath);
  if (receipt?.options === optionsText && isFresh(receipt)) return { code: await readFile(output), sources: appSources(Object.keys(receipt.inputs)) };
  const { code, inputs } = await runBuild(entryPoint, options, root);
  await mkdir(dirname(output), { recursive: true });
  await writeWhole(output, code);
  await writeWhole(receiptPath, JSON.stringify({ options: optionsText, inputs: stampAll(decidingInputs(inputs, root)) } satisfies Receipt));
  return { code, sources: appSources(inputs) };
}

/** What a bundle depends on: the app's own files, and its dependencies by their lockfile, which stands for thousands of files. */
function decidingInputs(inputs: readonly string[], root: string): readonly string[] {
  const lockfile = LOCKFILES.map((name) => join(root, name)).find((path) => existsSync(path));
  return lockfile === undefined ? inputs : [...appSources(inputs), lockfile];
}

const LOCKFILES = ['pnpm-lock.yaml', 'package-lock.json', 'yarn.lock'];

async function runBuild(entryPoint: string, options: BuildOptions, root: string): Promise<{ code: Buffer; inputs: string[] }> {
  // Loaded here: a start that finds every bundle fresh does without it.
  const { build } = await import('esbuild');
  const result = await build({ ...options, entryPoints: [entryPoint], absWorkingDir: root, write: false, metafile: true, logLevel: 'silent' }).catch(
    (cause: unknown) => {
      throw new DeployError(cause instanceof Error ? cause.message : String(cause), { cause });
    },
  );
  const [file] = result.outputFiles;
  if (file === undefined) throw new DeployError(`${entryPoint}: esbuild wrote nothing`);
  const inputs = Object.keys(result.metafile.inputs).map((path) => join(root, path));
  return { code: Buffer.from(file.contents), inputs: inputs.filter((path) => existsSync(path)) };
}

/** The app's esbuild.cjs, or the same defaults for an app without one. Its plugins are a path from a service's folder, as serverless-esbuild takes it; they name themselves among a bundle's inputs. */
function loadOptions(root: string): BuildOptions {
  const path = join(root, 'esbuild.cjs');
  const require = createRequire(join(root, 'package.json'));
  delete require.cache[path];
  const { plugins, ...settings }: Record<string, unknown> = existsSync(path) ? require(path) : DEFAULTS;
  const options = Object.fromEntries(Object.entries(settings).filter(([name]) => !PACKAGING.includes(name)));
  return typeof plugins === 'string' ? { ...options, plugins: require(join(root, 'services', 'any', plugins)) } : options;
}

const DEFAULTS = { bundle: true, platform: 'node', format: 'cjs', target: 'node24', keepNames: true, mainFields: ['module', 'main'] };

async function readReceipt(path: string): Promise<Receipt | undefined> {
  if (!existsSync(path)) return undefined;
  // Written by writeWhole below and by nobody else.
  return JSON.parse(await readFile(path, 'utf8')) as Receipt;
}

function isFresh({ inputs }: Receipt): boolean {
  return Object.entries(inputs).every(([path, stamp]) => isUnchanged(path, stamp));
}

/** Equal size and time is taken for equal content; another time (a fresh checkout) is decided by the content. An app has thousands of inputs: asking for each in turn takes a tenth of asking for all at once. */
function isUnchanged(path: string, stamp: InputStamp): boolean {
  const now = statSync(path, { throwIfNoEntry: false });
  if (now === undefined || now.size !== stamp.size) return false;
  return now.mtimeMs === stamp.modifiedAt || sha256Of(path) === stamp.sha256;
}

function stampAll(paths: readonly string[]): Record<string, InputStamp> {
  const stamps = paths.map((path) => {
    const { size, mtimeMs } = statSync(path);
    return [path, { size, modifiedAt: mtimeMs, sha256: sha256Of(path) }] as const;
  });
  return Object.fromEntries(stamps);
}

function sha256Of(path: string): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

async function writeWhole(path: string, content: string | Buffer): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content);
  await rename(temporary, path);
}

function appSources(inputs: readonly string[]): string[] {
  return inputs.filter((path) => !path.includes('/node_modules/'));
}
