import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { DataDirInUse, findRunningCloud, lockDataDir } from '../../src/gateway/data-dir-lock.ts';

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'lock-'));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['-e', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('a held directory is refused with the pid and the endpoint of its holder', () => {
  lockDataDir(dataDir).announce('http://127.0.0.1:4566');
  expect(() => lockDataDir(dataDir)).toThrow(DataDirInUse);
  expect(() => lockDataDir(dataDir)).toThrow(`process ${process.pid} at http://127.0.0.1:4566`);
});

test('a running cloud is found by its directory, and no longer after its release', () => {
  const lock = lockDataDir(dataDir);
  expect(findRunningCloud(dataDir)).toBeUndefined();
  lock.announce('http://127.0.0.1:1');
  expect(findRunningCloud(dataDir)).toEqual({ pid: process.pid, endpoint: 'http://127.0.0.1:1' });
  lock.release();
  expect(findRunningCloud(dataDir)).toBeUndefined();
});

test('the lock of a dead process is taken over', async () => {
  writeFileSync(join(dataDir, 'endpoint.json'), JSON.stringify({ pid: await deadPid(), endpoint: 'http://127.0.0.1:9' }));
  expect(findRunningCloud(dataDir)).toBeUndefined();
  lockDataDir(dataDir).announce('http://127.0.0.1:2');
  expect(JSON.parse(readFileSync(join(dataDir, 'endpoint.json'), 'utf8'))).toMatchObject({ pid: process.pid, endpoint: 'http://127.0.0.1:2' });
});

test('a process that only has the pid of the dead holder does not hold the directory', () => {
  writeFileSync(join(dataDir, 'endpoint.json'), JSON.stringify({ pid: process.pid, endpoint: 'http://127.0.0.1:9', mark: 'an earlier boot/1' }));
  expect(findRunningCloud(dataDir)).toBeUndefined();
  lockDataDir(dataDir).release();
});
