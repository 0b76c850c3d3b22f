import { existsSync, mkdtempSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type BundleFile, type CodeStore, openCodeStore } from './code-store.ts';
import { startSandbox } from './sandbox.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'statebag-code-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const HASH = 'a'.repeat(64);

function bundleFile(code: string): BundleFile {
  const path = join(folder, 'bundle.cjs');
  writeFileSync(`${path}.new`, code);
  renameSync(`${path}.new`, path);
  const { size, mtimeMs } = statSync(path);
  return { path, sha256: HASH, size, modifiedAt: mtimeMs };
}

const fileOf = (store: CodeStore, codeSha256: string) => store.pathsOf({ codeSha256 }).file;
const openStore = () => openCodeStore(join(folder, 'lambda'), { durable: false });

test('a bundle that lies as a file gets a second name, and keeps its code when the file is replaced', () => {
  const store = openStore();
  const bundle = bundleFile('exports.handler = async () => 1;');
  const { codeSha256 } = store.put(bundle);
  expect(statSync(fileOf(store, codeSha256)).ino).toBe(statSync(bundle.path).ino);
  bundleFile('exports.handler = async () => 2;');
  expect(readFileSync(fileOf(store, codeSha256), 'utf8')).toBe('exports.handler = async () => 1;');
});

test('a file that is another one by now is stored by what is in it', () => {
  const store = openStore();
  const stamped = bundleFile('exports.handler = async () => 1;');
  bundleFile('exports.handler = async () => 1_000;');
  const { codeSha256, codeSize } = store.put(stamped);
  expect(codeSha256).not.toBe(stamped.sha256);
  expect(codeSize).toBe(36);
  expect(readFileSync(fileOf(store, codeSha256), 'utf8')).toBe('exports.handler = async () => 1_000;');
  expect(existsSync(fileOf(store, stamped.sha256))).toBe(false);
});

test('what V8 made of a bundle is kept after its first event, and the next thread works with it', async () => {
  const store = openStore();
  const code = `
    const { basename } = require('node:path');
    exports.handler = async ({ by }) => [basename(__filename), module.exports === exports, 2 * by];`;
  const { codeSha256 } = store.put(Buffer.from(code));
  const compiledPath = join(folder, 'kept.v8');
  const answer = async (by: number) => {
    const sandbox = startSandbox({
      runtime: store.runtime,
      codePath: fileOf(store, codeSha256),
      compiledPath,
      clientsFrom: import.meta.url,
      exportName: 'handler',
      functionName: 'f',
      functionVersion: '1',
      memoryMb: 128,
      timeoutMs: 10_000,
      environment: {},
      logGroup: 'g',
      logStream: 's',
    });
    const task = { requestId: 'r', invokedFunctionArn: 'arn', onLog: () => {} };
    await sandbox.run({ ...task, payload: JSON.stringify({ by }) });
    // the thread keeps it between two events
    const outcome = await sandbox.run({ ...task, payload: JSON.stringify({ by }) });
    await sandbox.close();
    return outcome;
  };
  const expected = (by: number) => ({
    kind: 'result',
    payload: JSON.stringify([`${codeSha256}.cjs`, true, 2 * by]),
  });
  expect(await answer(2)).toEqual(expected(2));
  const first = statSync(compiledPath).mtimeMs;
  expect(await answer(3)).toEqual(expected(3));
  expect(statSync(compiledPath).mtimeMs).toBe(first);
  writeFileSync(compiledPath, 'damaged');
  expect(await answer(4)).toEqual(expected(4));
  expect(statSync(compiledPath).size).toBeGreaterThan('damaged'.length);
});
