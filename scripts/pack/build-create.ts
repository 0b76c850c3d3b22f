import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..', '..');
const FOLDER = join(ROOT, 'packages', 'create-statebag');

/** `npm create statebag`: one file, and the template that it copies. */
export async function buildCreate(target: string): Promise<object> {
  await build({
    entryPoints: [join(FOLDER, 'src', 'main.ts')],
    outfile: join(target, 'bin', 'create-statebag.mjs'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    banner: { js: '#!/usr/bin/env node' },
  });
  cpSync(join(FOLDER, 'template'), join(target, 'template'), { recursive: true });
  return {
    bin: { 'create-statebag': './bin/create-statebag.mjs' },
    exports: { './package.json': './package.json' },
    files: ['bin', 'template'],
    engines: { node: '>=22' },
  };
}
