import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, extname, join } from 'node:path';
import { NO_FOLDER, nodeModules } from '@statebag/workflow/node-modules';
import { zipSync } from 'fflate';
import { moduleOf, ProjectError } from './app.ts';

/** What a function runs, as Lambda takes it. */
export interface Code {
  readonly zip: Uint8Array;
  /** As CloudFormation writes it. */
  readonly sha256: string;
  /** Its address in the bucket of deployments. */
  readonly key: string;
}

export type Files = Readonly<Record<string, Uint8Array>>;

/** The same files are the same zip. */
const EPOCH = '1980-01-01';

/** Whether a function checks or runs node types of the project. */
export function runsNodes(bundle: Uint8Array): boolean {
  return Buffer.from(bundle).includes(NO_FOLDER);
}

/** A bundle with the node types beside it. */
export function codeOf(handler: string, bundle: Uint8Array, nodes: Files): Code {
  const files = { [`${moduleOf(handler)}.cjs`]: bundle, ...(runsNodes(bundle) ? nodes : {}) };
  const zip = zipSync(
    Object.fromEntries(Object.entries(files).map(([name, bytes]) => [name, [bytes, { mtime: EPOCH }]])),
  );
  const digest = createHash('sha256').update(zip);
  const sha256 = digest.copy().digest('base64');
  return { zip, sha256, key: `${digest.digest('hex')}.zip` };
}

/** Every node module of a project with all that it imports, each in a file of its own; none without a folder. */
export async function bundledNodes(project: string, folder: string): Promise<Files> {
  const place = join(project, folder);
  if (!existsSync(place)) return {};
  if (nodeModules(place).length === 0)
    throw new ProjectError(
      `${folder}: holds no module (${readdirSync(place).join(', ')})\n  mend: leave it out`,
    );
  const { build } = await bundler(project);
  const { outputFiles } = await build({
    entryPoints: [...nodeModules(place)],
    absWorkingDir: project,
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node24',
    keepNames: true,
    outdir: place,
    outExtension: { '.js': '.cjs' },
    write: false,
    logLevel: 'silent',
  }).catch((error: unknown) => {
    throw new ProjectError(error instanceof Error ? error.message : String(error));
  });
  return Object.fromEntries(
    outputFiles.map(({ path, contents }) => [`nodes/${basename(path, extname(path))}.cjs`, contents]),
  );
}

/** esbuild of the project, else the one that was installed with the framework. */
async function bundler(project: string): Promise<typeof import('esbuild')> {
  for (const place of [join(project, 'package.json'), process.argv[1] ?? '']) {
    const found = resolved(place);
    if (found !== undefined) return await import(found);
  }
  throw new ProjectError(
    'esbuild is not installed, which bundles node types\n  mend: npm install --save-dev esbuild',
  );
}

function resolved(place: string): string | undefined {
  try {
    return createRequire(place).resolve('esbuild');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}
