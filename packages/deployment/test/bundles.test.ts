import { createRequire } from 'node:module';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { type BuildOptions, build, type Plugin } from 'esbuild';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const require = createRequire(import.meta.url);
const together: Plugin[] = require('../bundling/together.cjs');
const alone: Plugin[] = require('../bundling/lazy.cjs');
/** One of them loads nothing that the other does not. */
const HANDLERS = ['aggregate-results', 'aggregate-distributed-results'].map(
  (name) => `services/aggregator/src/${name}/handler.ts`,
);
const OPTIONS: BuildOptions = {
  bundle: true,
  platform: 'node',
  format: 'cjs',
  minify: true,
  keepNames: true,
  write: false,
  metafile: true,
  logLevel: 'silent',
};

async function bundled(
  entry: string,
  plugins: Plugin[],
): Promise<{ text: string | undefined; sources: string[] }> {
  const { outputFiles = [], metafile } = await build({
    ...OPTIONS,
    absWorkingDir: ROOT,
    entryPoints: [entry],
    plugins,
  });
  const sources = Object.keys(metafile?.inputs ?? {}).filter((path) =>
    /^(packages|services)\/[\w-]+\/src\//.test(path),
  );
  return { text: outputFiles[0]?.text, sources: sources.sort() };
}

test('a bundle made together with others is what it would be alone, and is made from the same sources', async () => {
  const both = await Promise.all(HANDLERS.map((entry) => bundled(entry, together)));
  const each = await Promise.all(HANDLERS.map((entry) => bundled(entry, alone)));
  expect(both.map(({ sources }) => sources)).toEqual(each.map(({ sources }) => sources));
  expect(both.every(({ text }, index) => text === each[index]?.text)).toBe(true);
});

test('what cannot be bundled says where', async () => {
  const entry = 'packages/deployment/no-such-handler.ts';
  await expect(bundled(entry, together)).rejects.toThrow(/no-such-handler/);
});

test('what runs a workflow, or checks one, has the node types of the project in its bundle, and nothing else has', async () => {
  const folder = join(ROOT, 'examples', 'order-booking', 'nodes');
  process.env['STATEBAG_OWN_NODES'] = folder;
  try {
    const { text } = await bundled('packages/workflow/src/own/load-own-nodes.ts', alone);
    const other = await bundled(HANDLERS[0] ?? '', alone);
    expect([text?.includes('shop.book'), other.text?.includes('shop.book')]).toEqual([true, false]);
  } finally {
    delete process.env['STATEBAG_OWN_NODES'];
  }
});
