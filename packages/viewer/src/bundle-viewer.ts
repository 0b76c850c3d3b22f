import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { build } from 'esbuild';

/** A file that the page is made of. */
export interface ViewerFile {
  readonly type: string;
  readonly body: Uint8Array;
}

const PAGE = join(import.meta.dirname, 'page');

/**
 * The page as the files a browser loads, by their paths. Made from the sources in less than a second, when it
 * is first asked for: nothing of it lies on the disk, and setting up does not wait for it.
 */
export async function bundleViewer(): Promise<ReadonlyMap<string, ViewerFile>> {
  const [html, { outputFiles }] = await Promise.all([
    readFile(join(PAGE, 'index.html')),
    build({
      entryPoints: {
        viewer: join(PAGE, 'main.tsx'),
        'layout-worker': join(PAGE, 'graph', 'layout-worker.ts'),
        styles: join(PAGE, 'styles.css'),
      },
      outdir: '/',
      bundle: true,
      minify: true,
      write: false,
      format: 'esm',
      target: 'es2023',
      jsx: 'automatic',
      jsxImportSource: 'preact',
      legalComments: 'eof',
      logLevel: 'silent',
    }),
  ]);
  const made = outputFiles.map(({ path, contents }): [string, ViewerFile] => [
    path,
    {
      type: path.endsWith('.css') ? 'text/css; charset=utf-8' : 'text/javascript; charset=utf-8',
      body: contents,
    },
  ]);
  return new Map([['/index.html', { type: 'text/html; charset=utf-8', body: html }], ...made]);
}
