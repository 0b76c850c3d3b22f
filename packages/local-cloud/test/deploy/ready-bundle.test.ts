import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { bundleFunction, READY_BUNDLE } from '../../src/deploy/bundle.ts';

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
