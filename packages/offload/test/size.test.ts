import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { build } from 'esbuild';

const MOST_BYTES = 25_000;

test.each(['esm', 'cjs'] as const)(
  'takes at most 25 KB in a bundle (%s), and brings nothing but the S3 client',
  async (format) => {
    const { metafile, outputFiles } = await build({
      entryPoints: [join(import.meta.dirname, '..', 'src', 'index.ts')],
      bundle: true,
      minify: true,
      keepNames: true,
      platform: 'node',
      format,
      external: ['@aws-sdk/client-s3'],
      write: false,
      metafile: true,
    });
    const [output] = outputFiles;
    expect(output?.contents.byteLength).toBeLessThanOrEqual(MOST_BYTES);
    const imported = Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.map(({ path }) => path),
    );
    expect(new Set(imported)).toEqual(new Set(['@aws-sdk/client-s3', 'node:crypto']));
  },
);
