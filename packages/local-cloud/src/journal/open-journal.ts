import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync, type StatementSync } from 'node:sqlite';
import type { Journal } from '../ports.ts';

/** How long a write that nobody waits for may stay in the open group. */
const IDLE_COMMIT_MS = 5;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Opens (or creates) the journal of a data directory; `:memory:` keeps it in memory, for tests. One that is not durable commits as often, without syncing. */
export function openJournal(dataDir: string, { durable = true } = {}): Journal {
  return new GroupedJournal(openDatabase(dataDir, durable));
}

function openDatabase(dataDir: string, durable: boolean): DatabaseSync {
  if (dataDir === ':memory:') return new DatabaseSync(':memory:');
  mkdirSync(dataDir, { recursive: true });
  const db = new DatabaseSync(join(dataDir, 'journal.sqlite'));
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durable ? 'FULL' : 'OFF'}; PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 4000`);
  return db;
}

/**
 * One transaction is open at a time. Whoever waits for durability makes it commit at the end of this turn of the event loop,
 * so everything that was written in the turn shares one sync to disk.
 */
class GroupedJournal implements Journal {
  readonly db: DatabaseSync;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  #waiters: Waiter[] = [];
  #idle: NodeJS.Timeout | undefined;
  #sync: NodeJS.Immediate | undefined;
  #depth = 0;

  constructor(db: DatabaseSync) {
    this.db = db;
    this.#begin = db.prepare('BEGIN IMMEDIATE');
    this.#commit = db.prepare('COMMIT');
    this.#savepoint = db.prepare('SAVEPOINT step');
    this.#release = db.prepare('RELEASE step');
  }

  write(statements: () => void): void {
    if (this.#depth > 0) {
      statements();
      return;
    }
    if (!this.db.isTransaction) this.#begin.run();
    this.#idle ??= setTimeout(() => this.#commitGroup(), IDLE_COMMIT_MS);
    this.#depth += 1;
    try {
      this.#step(statements);
    } finally {
      this.#depth -= 1;
    }
  }

  flush(): Promise<void> {
    if (!this.db.isTransaction) return Promise.resolve();
    this.#sync ??= setImmediate(() => this.#commitGroup());
    return new Promise((resolve, reject) => this.#waiters.push({ resolve, reject }));
  }

  close(): void {
    this.#commitGroup();
    this.db.close();
  }

  /** All of the statements take effect, or none. */
  #step(statements: () => void): void {
    this.#savepoint.run();
    try {
      statements();
    } catch (error) {
      this.db.exec('ROLLBACK TO step');
      throw error;
    } finally {
      this.#release.run();
    }
  }

  #commitGroup(): void {
    clearTimeout(this.#idle);
    if (this.#sync) clearImmediate(this.#sync);
    this.#idle = undefined;
    this.#sync = undefined;
    const told = this.#waiters;
    this.#waiters = [];
    try {
      if (this.db.isTransaction) this.#commit.run();
      for (const waiter of told) waiter.resolve();
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      for (const waiter of told) waiter.reject(error);
      if (told.length === 0) throw error;
    }
  }
}
