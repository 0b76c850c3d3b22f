import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Packed, packPackage } from './pack-package.ts';
import { problemsOf } from './problems.ts';
import { PUBLISHED } from './published.ts';

const ROOT = join(import.meta.dirname, '..', '..');
const SDK = join(ROOT, 'packages', 'offload', 'node_modules', '@aws-sdk');
const folder = mkdtempSync(join(tmpdir(), 'statebag-packed-'));
const packed: Packed[] = [];

/** The libraries as somebody has them who installed their tarballs in an empty folder. */
beforeAll(async () => {
  for (const name of ['offload', 'node', 'testing']) {
    const library = PUBLISHED.find((each) => each.folder === `packages/${name}`);
    if (!library) throw new Error(`${name} is not published`);
    const one = await packPackage(library, folder);
    packed.push(one);
    const home = join(folder, 'node_modules', '@statebag', name);
    mkdirSync(home, { recursive: true });
    execFileSync('tar', ['-xzf', one.file, '-C', home, '--strip-components=1']);
  }
  symlinkSync(SDK, join(folder, 'node_modules', '@aws-sdk'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true }));

test('publint and Are The Types Wrong find nothing', async () => {
  const problems = await Promise.all(packed.map(problemsOf));
  expect(problems).toEqual([[], [], []]);
});

test('npm would publish them as they are', () => {
  for (const { file, name } of packed) {
    const said = execFileSync('npm', ['publish', file, '--dry-run', '--json', '--tag', 'test'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    expect(said).toContain(JSON.stringify(name));
  }
});

const OFFLOAD = `offload({ status: 'ok', text: 'x'.repeat(300000) }, {
  bucket: 'my-bucket', prefix: 'offload/run-1/', store: { put: async () => {}, read: async () => new Uint8Array() },
}).then((reply) => console.log(JSON.stringify(reply).length < 204800, reply.status));\n`;
const NODE = `const node = defineNode({ type: 'text.loud', reads: ['a'], run: ({ state }) => state.a });
console.log(node.type, node.run({ config: {}, state: { a: 'ok' }, now: 0 }));\n`;

test.each([
  ['offload.mjs', "import { offload } from '@statebag/offload';\n", OFFLOAD, 'true ok\n'],
  ['offload.cjs', "const { offload } = require('@statebag/offload');\n", OFFLOAD, 'true ok\n'],
  ['node.mjs', "import { defineNode } from '@statebag/node';\n", NODE, 'text.loud ok\n'],
  ['node.cjs', "const { defineNode } = require('@statebag/node');\n", NODE, 'text.loud ok\n'],
])('a library can be used from %s', (name, line, use, said) => {
  writeFileSync(join(folder, name), line + use);
  expect(execFileSync(process.execPath, [name], { cwd: folder, encoding: 'utf8' })).toBe(said);
});

test('the test kit runs the tests of an example, a recorded run among them, with nothing but its tarball', () => {
  const example = join(folder, 'contract-review');
  cpSync(join(ROOT, 'examples', 'contract-review'), example, { recursive: true });
  const said = execFileSync(process.execPath, ['--test', '--test-reporter', 'tap'], {
    cwd: example,
    encoding: 'utf8',
  });
  expect(said).toContain('# pass 3');
});
