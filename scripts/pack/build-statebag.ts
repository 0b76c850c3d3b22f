import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { leanHttp } from '@statebag/cli/lean-http';
import { appProblems } from '@statebag/deployment/project';
import { bundleApp, currentApp } from '@statebag/deployment/stack';
import { READY_BUNDLE } from '@statebag/local-cloud';
import { bundleViewer } from '@statebag/viewer';
import { type BuildOptions, build, type Plugin } from 'esbuild';

export const ROOT = join(import.meta.dirname, '..', '..');

/** What is not bundled: programs of their own, and what is loaded by names made at run time. */
const DEPENDENCIES = { dynalite: '4.0.0' };

/** Packages of the older kind call it. The keys stand in brackets, as they mean the bundle's own place. */
export const REQUIRE = `import { createRequire as requireInPackage } from 'node:module';
const require = requireInPackage(import.meta['url']);`;
/** Text in front of every part of the program. */
export const BANNER = `${REQUIRE}
import { join as joinInPackage } from 'node:path';
import { pathToFileURL as urlInPackage } from 'node:url';
const ownPlaceInPackage = (path) => joinInPackage(import.meta['dirname'], '..', path);`;

/**
 * The command line with the app that it deploys on a machine: the program bundled, every function bundled,
 * and
 * the templates beside them, in the folders that they have in the repository.
 */
export async function buildStatebag(target: string): Promise<object> {
  await bundleProgram(target);
  copyTemplates(target);
  await copyFunctions(target);
  await writeApp(target);
  mkdirSync(join(target, 'bin'));
  writeFileSync(join(target, 'bin', 'statebag.mjs'), LAUNCHER, { mode: 0o755 });
  return {
    name: 'statebag',
    description: 'Durable AI workflows on AWS Step Functions, on AWS and on this machine',
    bin: { statebag: './bin/statebag.mjs' },
    exports: { './serverless': './dist/serverless.mjs', './package.json': './package.json' },
    files: ['bin', 'dist', 'packages', 'services', 'stepfunctions', 'pnpm-lock.yaml'],
    engines: { node: '>=24' },
    dependencies: DEPENDENCIES,
  };
}

const LAUNCHER = `#!/usr/bin/env node
import { enableCompileCache } from 'node:module';
if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(\`statebag needs Node 24 or newer; this is \${process.version}\\n  mend: install it from https://nodejs.org, or run: npx node@24 \${process.argv[1]}\`);
  process.exit(2);
}
enableCompileCache();
process.env.STATEBAG_COMMAND ??= 'statebag';
process.removeAllListeners('warning');
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error) => {
    if (error.code !== 'EPIPE') throw error;
  });
const { exitCodeOf, runProgram } = await import('../dist/program.mjs');
process.on('uncaughtException', (error) => process.exit(exitCodeOf(error)));
process.exitCode = await runProgram(process.argv.slice(2));
`;

/** How programs are bundled. */
export const SHARED = {
  absWorkingDir: ROOT,
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  minify: true,
  keepNames: true,
  mainFields: ['module', 'main'],
  legalComments: 'none',
  // Every function is bundled already, so nothing asks for the bundler.
  external: ['dynalite', 'dynalite/*', 'esbuild'],
} satisfies BuildOptions;

/** What runs in a thread or a process of its own. */
export const APART = ['packages/states/src/ports/expression-thread', 'packages/workflow/src/evaluate-apart'];

async function bundleProgram(target: string): Promise<void> {
  await build({
    ...SHARED,
    entryPoints: {
      program: 'packages/cli/src/program.ts',
      serverless: 'packages/deployment/src/project/plugin.ts',
    },
    outdir: join(target, 'dist'),
    outExtension: { '.js': '.mjs' },
    splitting: true,
    banner: { js: BANNER },
    plugins: [leanHttp, await madeHere(), atItsPlace],
  });
  const banner = { js: REQUIRE };
  for (const entry of APART)
    await build({ ...SHARED, entryPoints: [`${entry}.ts`], outfile: join(target, `${entry}.mjs`), banner });
}

const NO_BUNDLE = 'export const bundleProgram = async () => {}; export const freshBundle = () => undefined;';

/** The page of the viewer as it is made here, instead of what makes it. */
async function madeHere(): Promise<Plugin> {
  const files = [...(await bundleViewer())].map(([path, { type, body }]) => [
    path,
    { type, text: Buffer.from(body).toString('base64') },
  ]);
  const contents = `const FILES = ${JSON.stringify(files)};
export const bundleViewer = async () =>
  new Map(FILES.map(([path, { type, text }]) => [path, { type, body: Buffer.from(text, 'base64') }]));`;
  return {
    name: 'made here',
    setup(building) {
      building.onLoad({ filter: /\/viewer\/src\/bundle-viewer\.ts$/ }, () => ({ loader: 'js', contents }));
      // It is a bundle already.
      building.onLoad({ filter: /\/cli\/src\/own-bundle\.ts$/ }, () => ({
        loader: 'js',
        contents: NO_BUNDLE,
      }));
    },
  };
}

/** A module of the house finds what lies beside it in the folder that it has in the repository. */
export const atItsPlace: Plugin = {
  name: 'at its place',
  setup(building) {
    building.onLoad({ filter: /\/packages\/[^/]+\/src\/.*\.ts$/ }, ({ path }) => {
      const place = relative(ROOT, path);
      return {
        loader: 'ts',
        contents: readFileSync(path, 'utf8')
          .replaceAll(/(\.\.?\/(?:expression-thread|evaluate-apart))\.ts', import/g, "$1.mjs', import")
          .replaceAll('import.meta.dirname', `ownPlaceInPackage(${JSON.stringify(dirname(place))})`)
          .replaceAll('import.meta.url', `urlInPackage(ownPlaceInPackage(${JSON.stringify(place)})).href`),
      };
    });
  },
};

/**
 * What the program reads where it is: templates, what they refer to, definitions, and a module that it
 * hands to threads.
 */
function copyTemplates(target: string): void {
  const listed = execFileSync('git', ['ls-files', 'services', 'stepfunctions', 'packages/deployment'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const templates = listed.split('\n').filter((path) => /(serverless\.yml|\.cjs|\.asl\.json)$/.test(path));
  const others = [
    'packages/local-cloud/src/cloudformation/generated/resources.json',
    'packages/local-cloud/src/lambda/sandbox-runtime.ts',
    'packages/local-cloud/src/lambda/python-runtime.py',
  ];
  const { version }: { version: string } = JSON.parse(
    readFileSync(join(ROOT, 'packages/cli/package.json'), 'utf8'),
  );
  mkdirSync(join(target, 'packages', 'cli'), { recursive: true });
  writeFileSync(join(target, 'packages', 'cli', 'package.json'), JSON.stringify({ version }));
  for (const path of [...templates, ...others]) {
    mkdirSync(dirname(join(target, path)), { recursive: true });
    cpSync(join(ROOT, path), join(target, path));
  }
}

/** All stacks as one template, for this machine and for the plugin that deploys them with a project. */
async function writeApp(target: string): Promise<void> {
  const app = await currentApp();
  const wrong = appProblems(app);
  if (wrong.length > 0) throw new Error(wrong.join('\n'));
  writeFileSync(join(target, 'dist', 'app.json'), JSON.stringify(app));
}

/** Every function as the bundle that the local cloud makes of it, beside the place of its handler. */
async function copyFunctions(target: string): Promise<void> {
  for (const { file, entry } of await bundleApp()) {
    const place = join(target, `${relative(ROOT, entry)}${READY_BUNDLE}`);
    mkdirSync(dirname(place), { recursive: true });
    cpSync(file, place);
  }
}
