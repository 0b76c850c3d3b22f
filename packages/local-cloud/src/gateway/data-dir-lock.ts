import { closeSync, fsyncSync, linkSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A local cloud that is alive, as other commands find it. */
export interface RunningCloud {
  readonly pid: number;
  readonly endpoint: string;
}

export interface DataDirLock {
  /** Tells other commands where the cloud listens. */
  announce(endpoint: string): void;
  release(): void;
}

/** A second process asked for a data directory that a living one holds. */
export class DataDirInUse extends Error {
  override readonly name = 'LocalCloud.DataDirInUse';
  readonly running: RunningCloud;

  constructor(dataDir: string, running: RunningCloud) {
    super(
      `${dataDir} is in use by process ${running.pid}${running.endpoint === '' ? '' : ` at ${running.endpoint}`}; stop it or choose another data directory`,
    );
    this.running = running;
  }
}

const FILE = 'endpoint.json';

/** Takes a data directory for this process alone. The lock of a dead process is taken over. */
export function lockDataDir(dataDir: string): DataDirLock {
  mkdirSync(dataDir, { recursive: true });
  const path = join(dataDir, FILE);
  claim(dataDir, path);
  let held = true;
  return {
    announce: (endpoint) => replace(path, { pid: process.pid, endpoint }),
    release: () => {
      if (held) rmSync(path, { force: true });
      held = false;
    },
  };
}

/** The living cloud of a data directory, or undefined when none is. */
export function findRunningCloud(dataDir: string): RunningCloud | undefined {
  const running = readLock(join(dataDir, FILE));
  return running !== undefined && running.endpoint !== '' && isAlive(running.pid) ? running : undefined;
}

/** A hard link appears whole or not at all, and fails where a file is: of two processes one wins. */
function claim(dataDir: string, path: string): void {
  const mine = `${path}.${process.pid}`;
  writeDurably(mine, { pid: process.pid, endpoint: '' });
  try {
    linkSync(mine, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    const holder = readLock(path);
    if (holder !== undefined && isAlive(holder.pid)) throw new DataDirInUse(dataDir, holder);
    takeOver(mine, path);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** The dead holder's file is moved away first; of two processes that try, the second finds nothing to move and starts over. */
function takeOver(mine: string, path: string): void {
  const stale = `${mine}.stale`;
  renameSync(path, stale);
  rmSync(stale, { force: true });
  linkSync(mine, path);
}

function replace(path: string, running: RunningCloud): void {
  const next = `${path}.${process.pid}`;
  writeDurably(next, running);
  renameSync(next, path);
}

function writeDurably(path: string, running: RunningCloud): void {
  const file = openSync(path, 'w');
  writeSync(file, `${JSON.stringify(running)}\n`);
  fsyncSync(file);
  closeSync(file);
}

/** What the lock file says; a missing or unreadable one says nothing. */
function readLock(path: string): RunningCloud | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || !('pid' in parsed) || !('endpoint' in parsed)) return undefined;
  return { pid: Number(parsed.pid), endpoint: String(parsed.endpoint) };
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return true;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // A process of another user is alive, too.
    return isCode(error, 'EPERM');
  }
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
