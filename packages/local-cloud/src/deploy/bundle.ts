import { createHash } from 'node:crypto';
import { existsSync, statSync } from 'node:fs';
import { mkdir, readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import type { BuildOptions } from 'esbuild';
import type { BundleFile } from '../lambda/code-store.ts';
import { DeployError } from './deploy-error.ts';
import { type LookedAt, type Stamps, stampAll, stampsNow } from './stamps.ts';
import { writeWhole } from './write-whole.ts';

export interface BundleRequest {
  /** The app's root: where `.build/` is. */
  readonly root: string;
  /** Where the bundle goes below `.build/`. */
  readonly name: string;
  /** Path of the handler's module without its extension. */
  readonly entry: string;
  /** How the function's service has its functions bundled. */
  readonly bundling: Bundling;
  /** What the functions of one deployment are made of, looked at once for all of them. */
  readonly looked?: LookedAt;
}

/** What a template says under `custom.esbuild`, and the folder that its path of plugins begins at. */
export interface Bundling {
  readonly folder: string;
  /** Undefined where the template says nothing: the defaults below. */
  readonly settings: Readonly<Record<string, unknown>> | undefined;
}

export interface Bundle {
  readonly file: BundleFile;
  /** Source files of the app that went into it. */
  readonly sources: readonly string[];
}

/** What a bundle was made from; while none of it changes the bundle is used again. */
interface Receipt {
  readonly options: string;
  readonly output: Omit<BundleFile, 'path'>;
  readonly inputs: Stamps;
}

/** A published app brings the bundle of a handler along, in the place of the handler. */
export const READY_BUNDLE = '.bundle.cjs';

const EXTENSIONS = ['.ts', '.mts', '.cts', '.js', '.mjs', '.cjs'];
/** Settings that serverless-esbuild takes and esbuild does not. */
const PACKAGING = ['outputFileExtension', 'exclude', 'packager', 'outputWorkFolder'];

/**
 * Bundles a function's handler with its service's own esbuild settings, or gives the bundle of last time when
 * nothing it was made from has changed.
 */
export async function bundleFunction(request: BundleRequest): Promise<Bundle> {
  const { root, name, entry, bundling, looked = new Map() } = request;
  const ready = `${entry}${READY_BUNDLE}`;
  if (existsSync(ready)) return { file: stampBundle(ready, await readFile(ready)), sources: [] };
  const entryPoint = EXTENSIONS.map((extension) => entry + extension).find((path) => existsSync(path));
  if (entryPoint === undefined)
    throw new DeployError(`${entry}: no such handler file (${EXTENSIONS.join(', ')})`);
  const options = loadOptions(bundling);
  const output = join(root, '.build', `${name}.cjs`);
  const receiptPath = join(root, '.build', `${name}.json`);
  const optionsText = JSON.stringify([entryPoint, options]);
  const receipt = await readReceipt(receiptPath);
  const fresh = receipt?.options === optionsText ? freshInputs(receipt, output, looked) : undefined;
  if (receipt !== undefined && fresh !== undefined) {
    if (fresh !== receipt.inputs)
      await writeWhole(receiptPath, JSON.stringify({ ...receipt, inputs: fresh } satisfies Receipt));
    return { file: { path: output, ...receipt.output }, sources: appSources(Object.keys(fresh)) };
  }
  const { code, inputs } = await runBuild(entryPoint, options, root);
  await mkdir(dirname(output), { recursive: true });
  await writeWhole(output, code, { flush: true });
  const { path, ...stamp } = stampBundle(output, code);
  await writeWhole(
    receiptPath,
    JSON.stringify({
      options: optionsText,
      output: stamp,
      inputs: stampAll(decidingInputs(inputs, root)),
    } satisfies Receipt),
  );
  return { file: { path, ...stamp }, sources: appSources(inputs) };
}

function stampBundle(path: string, code: Buffer): BundleFile {
  const sha256 = createHash('sha256').update(code).digest('hex');
  return { path, sha256, size: code.length, modifiedAt: statSync(path).mtimeMs };
}

/**
 * What a bundle depends on: the app's own files, and its dependencies by their lockfile, which stands for
 * thousands of files.
 */
function decidingInputs(inputs: readonly string[], root: string): readonly string[] {
  const lockfile = LOCKFILES.map((name) => join(root, name)).find((path) => existsSync(path));
  return lockfile === undefined ? inputs : [...appSources(inputs), lockfile];
}

const LOCKFILES = ['pnpm-lock.yaml', 'package-lock.json', 'yarn.lock'];

async function runBuild(
  entryPoint: string,
  options: BuildOptions,
  root: string,
): Promise<{ code: Buffer; inputs: string[] }> {
  // Loaded here: a start that finds every bundle fresh does without it.
  const { build } = await import('esbuild');
  const result = await build({
    ...options,
    entryPoints: [entryPoint],
    absWorkingDir: root,
    write: false,
    metafile: true,
    logLevel: 'silent',
  }).catch((cause: unknown) => {
    throw new DeployError(cause instanceof Error ? cause.message : String(cause), { cause });
  });
  const [file] = result.outputFiles;
  if (file === undefined) throw new DeployError(`${entryPoint}: esbuild wrote nothing`);
  const inputs = Object.keys(result.metafile.inputs).map((path) => join(root, path));
  return { code: Buffer.from(file.contents), inputs: inputs.filter((path) => existsSync(path)) };
}

/**
 * What serverless-esbuild is told, as esbuild takes it. Plugins are a path from the service's folder; they
 * name themselves among a bundle's inputs.
 */
function loadOptions({ folder, settings = DEFAULTS }: Bundling): BuildOptions {
  const { plugins, ...given } = settings;
  const options = Object.fromEntries(Object.entries(given).filter(([name]) => !PACKAGING.includes(name)));
  return typeof plugins === 'string'
    ? { ...options, plugins: createRequire(join(folder, 'serverless.yml'))(join(folder, plugins)) }
    : options;
}

const DEFAULTS: Readonly<Record<string, unknown>> = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  target: 'node24',
  keepNames: true,
  mainFields: ['module', 'main'],
};

async function readReceipt(path: string): Promise<Receipt | undefined> {
  if (!existsSync(path)) return undefined;
  // Written by writeWhole below and by nobody else.
  return JSON.parse(await readFile(path, 'utf8')) as Receipt;
}

/** The inputs of a bundle that is fresh. A receipt of earlier times says nothing of its bundle, which is made again. */
function freshInputs({ inputs, output }: Receipt, path: string, looked: LookedAt): Stamps | undefined {
  const now = statSync(path, { throwIfNoEntry: false });
  if (now?.mtimeMs !== output?.modifiedAt || now?.size !== output?.size) return undefined;
  return stampsNow(inputs, looked);
}

function appSources(inputs: readonly string[]): string[] {
  return inputs.filter((path) => !path.includes('/node_modules/'));
}
