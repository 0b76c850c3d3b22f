import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { bundleFunction, READY_BUNDLE } from '../../src/deploy/bundle.ts';
import { watchFiles } from '../../src/deploy/watch-files.ts';

test('a bundle that lies beside the place of its handler is used as it is', async () => {
  const root = mkdtempSync(join(tmpdir(), 'statebag-ready-'));
  const entry = join(root, 'handler');
  writeFileSync(`${entry}${READY_BUNDLE}`, 'exports.handler = async () => 1;');
  const bundling = { folder: root, settings: undefined };
  const { file, sources } = await bundleFunction({ root, name: 'a/b', entry, bundling });
  const code = readFileSync(file.path, 'utf8');
  rmSync(root, { recursive: true });
  expect({ code, sources }).toEqual({
    code: 'exports.handler = async () => 1;',
    sources: [],
  });
});

describe('a handler with its sources', () => {
  let root: string;
  const write = (name: string, text: string) => writeFileSync(join(root, name), text);
  const bundled = () =>
    bundleFunction({
      ...{ root, name: 'service/greet', entry: join(root, 'greet') },
      bundling: { folder: root, settings: undefined },
    });

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'statebag-bundle-'));
    write('greet.ts', `import { wording } from './wording.ts'; export const handler = async () => wording;`);
    write('wording.ts', `export const wording = 'hello';`);
  });

  afterEach(() => rmSync(root, { recursive: true }));

  test('is bundled anew only where one of them has changed', async () => {
    const first = await bundled();
    expect(first.sources.map((path) => path.slice(root.length + 1)).sort()).toEqual([
      'greet.ts',
      'wording.ts',
    ]);
    expect(await bundled()).toEqual(first);
    write('wording.ts', `export const wording = 'hello';`); // another time, the same content
    expect(await bundled()).toEqual(first);
    write('wording.ts', `export const wording = 'servus';`);
    expect((await bundled()).file.sha256).not.toBe(first.file.sha256);
  });

  test('is refused with the place where it does not compile', async () => {
    write('wording.ts', 'export function wording( {');
    await expect(bundled()).rejects.toThrow(/wording\.ts:1/);
  });
});

test('watched directories tell of files that count, once they have settled', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'statebag-watch-'));
  let calls = 0;
  const changed = Promise.withResolvers<void>();
  const onChange = async () => {
    calls += 1;
    changed.resolve();
  };
  const watch = watchFiles(onChange, (file) => file?.endsWith('.ts') === true);
  watch.cover([folder]);
  writeFileSync(join(folder, 'a.log'), '1');
  for (const text of ['1', '2', '3']) writeFileSync(join(folder, 'a.ts'), text);
  await changed.promise;
  await watch.close();
  rmSync(folder, { recursive: true });
  expect(calls).toBe(1);
});
