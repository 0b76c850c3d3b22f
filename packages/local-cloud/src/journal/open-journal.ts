import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import type { Journal } from '../ports.ts';

/** How long a write that nobody waits for may stay in the open group. */
const IDLE_COMMIT_MS = 5;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/** Opens (or creates) the journal of a data directory; `:memory:` keeps it in memory, for tests. */
export function openJournal(dataDir: string): Journal {
  return groupCommits(openDatabase(dataDir));
}

function openDatabase(dataDir: string): DatabaseSync {
  if (dataDir === ':memory:') return new DatabaseSync(':memory:');
  mkdirSync(dataDir, { recursive: true });
  const db = new DatabaseSync(join(dataDir, 'journal.sqlite'));
  db.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 4000');
  return db;
}

/**
 * One transaction is open at a time. Whoever waits for durability makes it commit at the end of this turn of the event loop,
 * so everything that was written in the turn shares one sync to disk.
 */
function groupCommits(db: DatabaseSync): Journal {
  let waiters: Waiter[] = [];
  let idle: NodeJS.Timeout | undefined;
  let depth = 0;
  let sync: NodeJS.Immediate | undefined;
  const [begin, commit, savepoint, release] = ['BEGIN IMMEDIATE', 'COMMIT', 'SAVEPOINT step', 'RELEASE step'].map((sql) => db.prepare(sql));

  const commitGroup = (): void => {
    clearTimeout(idle);
    if (sync) clearImmediate(sync);
    idle = sync = undefined;
    const told = waiters;
    waiters = [];
    try {
      if (db.isTransaction) commit?.run();
      for (const waiter of told) waiter.resolve();
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK');
      for (const waiter of told) waiter.reject(error);
      if (told.length === 0) throw error;
    }
  };

  const step = (statements: () => void): void => {
    savepoint?.run();
    try {
      statements();
    } catch (error) {
      db.exec('ROLLBACK TO step');
      throw error;
    } finally {
      release?.run();
    }
  };

  return {
    db,
    write(statements) {
      if (depth > 0) return statements();
      if (!db.isTransaction) begin?.run();
      idle ??= setTimeout(commitGroup, IDLE_COMMIT_MS);
      depth += 1;
      try {
        step(statements);
      } finally {
        depth -= 1;
      }
    },
    flush() {
      if (!db.isTransaction) return Promise.resolve();
      sync ??= setImmediate(commitGroup);
      return new Promise((resolve, reject) => waiters.push({ resolve, reject }));
    },
    close() {
      commitGroup();
      db.close();
    },
  };
}
