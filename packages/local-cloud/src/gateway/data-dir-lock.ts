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
    announce: (endpoint) => replace(path, endpoint),
    release: () => {
      if (held) rmSync(path, { force: true });
      held = false;
    },
  };
}

/** The living cloud of a data directory, or undefined when none is. */
export function findRunningCloud(dataDir: string): RunningCloud | undefined {
  const holder = readLock(join(dataDir, FILE));
  return holder !== undefined && holder.endpoint !== '' && isAlive(holder) ? { pid: holder.pid, endpoint: holder.endpoint } : undefined;
}

/** What the lock file holds. The mark tells the holder from a later process that got the same pid. */
interface Holder extends RunningCloud {
  readonly mark: string;
}

/** A hard link appears whole or not at all, and fails where a file is: of two processes one wins. */
function claim(dataDir: string, path: string): void {
  const mine = `${path}.${process.pid}`;
  writeDurably(mine, '');
  try {
    linkSync(mine, path);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
    const holder = readLock(path);
    if (holder !== undefined && isAlive(holder)) throw new DataDirInUse(dataDir, holder);
    takeOver(mine, path);
  } finally {
    rmSync(mine, { force: true });
  }
}

/** The dead holder's file is moved away first; of two processes that try, the second finds nothing to move and fails. */
function takeOver(mine: string, path: string): void {
  const stale = `${mine}.stale`;
  renameSync(path, stale);
  rmSync(stale, { force: true });
  linkSync(mine, path);
}

function replace(path: string, endpoint: string): void {
  const next = `${path}.${process.pid}`;
  writeDurably(next, endpoint);
  renameSync(next, path);
}

function writeDurably(path: string, endpoint: string): void {
  const holder: Holder = { pid: process.pid, endpoint, mark: markOf(process.pid) };
  const file = openSync(path, 'w');
  writeSync(file, `${JSON.stringify(holder)}\n`);
  fsyncSync(file);
  closeSync(file);
}

/** What the lock file says; a missing or unreadable one says nothing. */
function readLock(path: string): Holder | undefined {
  const text = readIfThere(path);
  const parsed: unknown = text === undefined ? undefined : JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || !('pid' in parsed) || !('endpoint' in parsed)) return undefined;
  return { pid: Number(parsed.pid), endpoint: String(parsed.endpoint), mark: 'mark' in parsed ? String(parsed.mark) : '' };
}

function isAlive({ pid, mark }: Holder): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // A process of another user is alive, too.
    if (!isCode(error, 'EPERM')) return false;
  }
  return markOf(pid) === mark;
}

/** Boot and start time of a process, where the system tells them (Linux); pids come round again, above all in containers. */
function markOf(pid: number): string {
  const boot = readIfThere('/proc/sys/kernel/random/boot_id')?.trim();
  const [, afterName] = readIfThere(`/proc/${pid}/stat`)?.split(/\) (?=[^)]*$)/) ?? [];
  const startTime = afterName?.split(' ')[19];
  return boot === undefined || startTime === undefined ? '' : `${boot}/${startTime}`;
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === code;
}
