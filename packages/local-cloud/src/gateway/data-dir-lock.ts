import {
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout as pause } from 'node:timers/promises';
import { type AccessKey, makePrivate } from './private-dir.ts';

export type { AccessKey } from './private-dir.ts';

/** A local cloud that is alive, as other commands find it. */
export interface RunningCloud {
  readonly pid: number;
  readonly endpoint: string;
  readonly credentials: AccessKey;
}

export interface DataDirLock {
  /** Tells other commands where the cloud listens. */
  announce(where: Pick<RunningCloud, 'endpoint' | 'credentials'>): void;
  /** Tells them that it listens no longer, while the directory is still held. */
  withdraw(): void;
  release(): void;
}

/** A second process asked for a data directory that a living one holds. */
export class DataDirInUse extends Error {
  override readonly name = 'LocalCloud.DataDirInUse';
  /** The cloud that can be attached to; undefined for a process that has only opened the directory. */
  readonly running: RunningCloud | undefined;

  constructor(dataDir: string, running: RunningCloud | undefined) {
    const who = running ? `process ${running.pid} at ${running.endpoint}` : 'another process';
    super(`${dataDir} is in use by ${who}\n  mend: stop it, or choose another data directory`);
    this.running = running;
  }
}

const FILE = 'endpoint.json';
const LOCK = 'lock.sqlite';
const LOOK_EVERY_MS = 25;
/** A first start bundles every function before it tells where it listens. */
const LONGEST_WAIT_MS = 120_000;

/**
 * Takes a data directory for this process alone. One that is being opened, closed or only read is waited for.
 * @throws DataDirInUse where a cloud runs on it
 */
export async function lockDataDir(dataDir: string, waitMs = LONGEST_WAIT_MS): Promise<DataDirLock> {
  makePrivate(dataDir);
  const deadline = Date.now() + waitMs;
  for (;;) {
    const lock = tryLock(dataDir);
    if (lock !== undefined) return heldBy(lock, join(dataDir, FILE));
    const holder = readHolder(dataDir);
    if (holder !== undefined || Date.now() > deadline) throw new DataDirInUse(dataDir, holder);
    await pause(LOOK_EVERY_MS);
  }
}

/** The living cloud of a data directory, or undefined when none is. */
export function findRunningCloud(dataDir: string): RunningCloud | undefined {
  return existsSync(join(dataDir, FILE)) && isLocked(dataDir) ? readHolder(dataDir) : undefined;
}

function heldBy(lock: DatabaseSync, path: string): DataDirLock {
  let held = true;
  const withdraw = (): void => {
    if (held) rmSync(path, { force: true });
  };
  withdraw(); // what a dead holder left
  return {
    announce: (where) => writeWhole(path, { pid: process.pid, ...where }),
    withdraw,
    release: () => {
      withdraw();
      if (held) lock.close();
      held = false;
    },
  };
}

/**
 * The lock is a transaction of SQLite, thus a lock of the operating system: it ends with the process, however
 * that ends and whether or not its parent has taken note of it, and of two processes one gets it.
 */
function tryLock(dataDir: string): DatabaseSync | undefined {
  const db = new DatabaseSync(join(dataDir, LOCK));
  try {
    db.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
    return db;
  } catch (error) {
    db.close();
    if (isBusy(error)) return undefined;
    throw error;
  }
}

/** Whether somebody holds the lock. Looking takes a shared lock for a moment, which only delays a taker. */
function isLocked(dataDir: string): boolean {
  const db = new DatabaseSync(join(dataDir, LOCK));
  try {
    db.exec('PRAGMA schema_version');
    return false;
  } catch (error) {
    if (isBusy(error)) return true;
    throw error;
  } finally {
    db.close();
  }
}

const SQLITE_BUSY = 5;

function isBusy(error: unknown): boolean {
  return Object(error).errcode === SQLITE_BUSY;
}

/** Nobody reads half of it. It holds the key, so it is its owner's alone. */
function writeWhole(path: string, holder: RunningCloud): void {
  const next = `${path}.${process.pid}`;
  const file = openSync(next, 'w', 0o600);
  writeSync(file, `${JSON.stringify(holder)}\n`);
  fsyncSync(file);
  closeSync(file);
  renameSync(next, path);
}

/** What the holder says of itself; nothing while it does not run a cloud for others. */
function readHolder(dataDir: string): RunningCloud | undefined {
  const text = readIfThere(join(dataDir, FILE));
  return text === undefined ? undefined : (JSON.parse(text) as RunningCloud); // `writeWhole` wrote it
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (Object(error).code === 'ENOENT') return undefined;
    throw error;
  }
}
