import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DataDirInUse, findRunningCloud, lockDataDir } from '../../src/gateway/data-dir-lock.ts';
import { makePrivate, ownerKey } from '../../src/gateway/private-dir.ts';
import { eventually } from './test-cloud.ts';

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'lock-'));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const CREDENTIALS = { accessKeyId: 'local', secretAccessKey: 'secret' };
const at = (port: number) => ({ endpoint: `http://127.0.0.1:${port}`, credentials: CREDENTIALS });

test('a held directory is refused with the pid and the endpoint of its holder', async () => {
  const lock = await lockDataDir(dataDir);
  lock.announce(at(4566));
  await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUse);
  await expect(lockDataDir(dataDir)).rejects.toThrow(`process ${process.pid} at http://127.0.0.1:4566`);
  lock.release();
});

test('a running cloud is found by its directory with its key, and no longer after it withdrew', async () => {
  const lock = await lockDataDir(dataDir);
  expect(findRunningCloud(dataDir)).toBeUndefined();
  lock.announce(at(1));
  expect(findRunningCloud(dataDir)).toEqual({ pid: process.pid, ...at(1) });
  lock.withdraw();
  expect(findRunningCloud(dataDir)).toBeUndefined();
  lock.release();
});

test('a directory that is held for a moment is waited for, but not for ever', async () => {
  const lock = await lockDataDir(dataDir);
  await expect(lockDataDir(dataDir, 60)).rejects.toThrow('is in use by another process');
  const next = lockDataDir(dataDir);
  lock.release();
  (await next).release();
});

test('of many that ask at once one holds the directory at a time', async () => {
  let holding = 0;
  const turns = Array.from({ length: 12 }, async () => {
    const lock = await lockDataDir(dataDir);
    holding += 1;
    expect(holding).toBe(1);
    await new Promise((resolve) => setImmediate(resolve));
    holding -= 1;
    lock.release();
  });
  await Promise.all(turns);
});

/** Holds the directory until it is killed; a parent that never reaps it may stand between. */
function holder(): string {
  const lock = JSON.stringify(new URL('../../src/gateway/data-dir-lock.ts', import.meta.url).href);
  return `const { lockDataDir } = await import(${lock});
    (await lockDataDir(${JSON.stringify(dataDir)})).announce(${JSON.stringify(at(9))});
    console.log(process.pid);
    setInterval(() => {}, 60_000);`;
}

const NODE = ['--disable-warning=ExperimentalWarning', '--input-type=module', '-e'];

async function firstLine(child: ChildProcessByStdio<null, Readable, null>): Promise<number> {
  const [line] = await once(child.stdout, 'data');
  return Number(String(line));
}

test('the directory of a killed process is free, and what it said of itself counts no more', async () => {
  const child = spawn(process.execPath, [...NODE, holder()], { stdio: ['ignore', 'pipe', 'inherit'] });
  expect(findRunningCloudOf(await firstLine(child))).toEqual({ pid: child.pid, ...at(9) });
  child.kill('SIGKILL');
  await once(child, 'exit');
  expect(findRunningCloud(dataDir)).toBeUndefined();
  (await lockDataDir(dataDir)).release();
});

test('a process that is dead, but whose parent has taken no note of it, holds nothing', async () => {
  // the shell starts the holder and becomes a process that waits for no child
  const script = '"$0" "$@" & exec sleep 60';
  const parent = spawn('sh', ['-c', script, process.execPath, ...NODE, holder()], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const pid = await firstLine(parent);
  expect(findRunningCloudOf(pid)).toEqual({ pid, ...at(9) });
  process.kill(pid, 'SIGKILL');
  await eventually(() => findRunningCloud(dataDir) === undefined || undefined);
  (await lockDataDir(dataDir)).release();
  expect(() => process.kill(pid, 0)).not.toThrow(); // it is still in the table of processes
  parent.kill('SIGKILL');
  await once(parent, 'exit');
});

/** The cloud that a process announced. */
function findRunningCloudOf(pid: number): ReturnType<typeof findRunningCloud> {
  const running = findRunningCloud(dataDir);
  return running?.pid === pid ? running : undefined;
}

test("a data directory and its key are their owner's alone, and no repository takes them in", () => {
  const made = join(dataDir, 'made');
  makePrivate(made);
  const key = ownerKey(made);
  const modeOf = (path: string) => (statSync(path).mode & 0o777).toString(8);
  const names = ['', 'journal.sqlite', 'access-key.json'];
  expect(names.map((name) => modeOf(join(made, name)))).toEqual(['700', '600', '600']);
  expect(readFileSync(join(made, '.gitignore'), 'utf8')).toBe('*\n');
  expect(ownerKey(made)).toEqual(key);
  expect(key.secretAccessKey).toMatch(/^[\w-]{40}$/);
  makePrivate(join(dataDir, 'other'));
  expect(ownerKey(join(dataDir, 'other')).secretAccessKey).not.toBe(key.secretAccessKey);
});

test('a folder with other things in it keeps its mode, an older data directory gets the new one', () => {
  const modes = ['notes.txt', 'journal.sqlite', 'secrets'].map((name) => {
    const path = join(dataDir, `with-${name}`);
    mkdirSync(path);
    chmodSync(path, 0o755);
    writeFileSync(join(path, name), '');
    makePrivate(path);
    return (statSync(path).mode & 0o777).toString(8);
  });
  expect(modes).toEqual(['755', '700', '700']);
});

test('a key file that holds no key is named, with what to do', () => {
  writeFileSync(join(dataDir, 'access-key.json'), '{"accessKeyId":');
  expect(() => ownerKey(dataDir)).toThrow(/access-key\.json holds no access key\n {2}mend: delete it/);
});
