import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { unusedIn } from './commands.ts';

let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'statebag-unused-'));
  write('package.json', JSON.stringify({ name: 'planted', type: 'module', main: 'index.ts' }));
  write('knip.json', JSON.stringify({ entry: ['index.ts'], project: ['*.ts'] }));
  write('index.ts', "import { used } from './parts.ts';\n\nused();\n");
  write('parts.ts', 'export const used = () => 1;\n');
});

afterEach(() => rmSync(root, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(join(root, name), text);

test('a folder in which all is used has no problem', () => {
  expect(unusedIn(root).problems).toEqual([]);
});

test('an export, a file and a dependency that nothing uses are found', () => {
  write('parts.ts', 'export const used = () => 1;\nexport const forgotten = () => 2;\n');
  write('alone.ts', 'export const alone = 1;\n');
  write(
    'package.json',
    JSON.stringify({ name: 'planted', type: 'module', main: 'index.ts', dependencies: { ajv: '8.0.0' } }),
  );
  const found = unusedIn(root).problems.join('\n');
  expect(found).toContain('forgotten');
  expect(found).toContain('alone.ts');
  expect(found).toContain('ajv');
});
