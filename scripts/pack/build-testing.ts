import { cpSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { APART, atItsPlace, BANNER, REQUIRE, ROOT, SHARED } from './build-statebag.ts';

const DEFINITIONS = 'stepfunctions/definitions';
const MACHINES = ['v3', 'v3-distributed'];

/** The test kit in one file, with the definitions that it runs and the modules that it hands to threads. */
export async function buildTesting(target: string): Promise<object> {
  await build({
    ...SHARED,
    entryPoints: ['packages/testing/src/index.ts'],
    outfile: join(target, 'dist', 'index.mjs'),
    banner: { js: BANNER },
    plugins: [atItsPlace],
  });
  const banner = { js: REQUIRE };
  for (const entry of APART)
    await build({ ...SHARED, entryPoints: [`${entry}.ts`], outfile: join(target, `${entry}.mjs`), banner });
  cpSync(join(ROOT, 'packages/testing/types/index.d.ts'), join(target, 'dist', 'index.d.mts'));
  mkdirSync(join(target, DEFINITIONS), { recursive: true });
  for (const machine of MACHINES)
    cpSync(join(ROOT, DEFINITIONS, `${machine}.asl.json`), join(target, DEFINITIONS, `${machine}.asl.json`));
  return {
    main: './dist/index.mjs',
    types: './dist/index.d.mts',
    exports: {
      '.': { types: './dist/index.d.mts', default: './dist/index.mjs' },
      './package.json': './package.json',
    },
    files: ['dist', 'packages', 'stepfunctions'],
    engines: { node: '>=24' },
  };
}
