import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';

const ROOT = join(import.meta.dirname, '..', '..');

/** A package as ESM and as CommonJS, each in one file, with declarations for both. */
export async function buildLibrary(folder: string, target: string): Promise<object> {
  const source = join(ROOT, folder, 'src');
  await Promise.all(
    (['esm', 'cjs'] as const).map((format) =>
      build({
        entryPoints: [join(source, 'index.ts')],
        outfile: join(target, 'dist', format === 'esm' ? 'index.js' : 'index.cjs'),
        bundle: true,
        keepNames: true,
        platform: 'node',
        target: 'node22',
        format,
        packages: 'external',
      }),
    ),
  );
  writeDeclarations(source, join(target, 'dist'));
  return {
    main: './dist/index.cjs',
    module: './dist/index.js',
    types: './dist/index.d.cts',
    exports: {
      '.': {
        import: { types: './dist/index.d.ts', default: './dist/index.js' },
        require: { types: './dist/index.d.cts', default: './dist/index.cjs' },
      },
      './package.json': './package.json',
    },
    files: ['dist'],
    engines: { node: '>=22' },
  };
}

/**
 * The compiler's declarations, once for each kind of module, which differ in the names of their files
 * only.
 */
function writeDeclarations(source: string, dist: string): void {
  const made = mkdtempSync(join(ROOT, 'node_modules', '.declarations-'));
  const settings = {
    extends: join(ROOT, 'tsconfig.base.json'),
    compilerOptions: {
      noEmit: false,
      declaration: true,
      emitDeclarationOnly: true,
      rootDir: source,
      outDir: join(made, 'out'),
      typeRoots: [join(ROOT, 'node_modules', '@types')],
    },
    files: [join(source, 'index.ts')],
  };
  writeFileSync(join(made, 'tsconfig.json'), JSON.stringify(settings));
  execFileSync(join(ROOT, 'node_modules', '.bin', 'tsc'), ['-p', made], { stdio: 'inherit' });
  for (const name of readdirSync(join(made, 'out'))) {
    const text = readFileSync(join(made, 'out', name), 'utf8');
    writeFileSync(join(dist, name), text.replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.js'"));
    writeFileSync(
      join(dist, name.replace(/\.d\.ts$/, '.d.cts')),
      text.replaceAll(/(from '\.\/[\w-]+)\.ts'/g, "$1.cjs'"),
    );
  }
  rmSync(made, { recursive: true });
}
