import { closeSync, fdatasync, fdatasyncSync, fstatSync, fsyncSync, mkdirSync, openSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { type Clock, systemClock } from './clock.ts';

/** The one database of a data directory. Statements are synchronous; durability is acknowledged in groups. */
export interface Journal {
  readonly db: DatabaseSync;
  /** Runs `statements` inside the open group; nothing of it is visible after a crash unless all of it is. */
  write(statements: () => void): void;
  /** Resolves when everything written so far survives a crash. An answer to a client waits for this. */
  flush(): Promise<void>;
  close(): void;
}

/** A prepared statement whose rows have a known shape. */
export interface Statement<Row> {
  get(...values: SQLInputValue[]): Row | undefined;
  all(...values: SQLInputValue[]): Row[];
  /** Runs a writing statement; the number of rows it touched. */
  run(...values: SQLInputValue[]): number;
}

/** Prepares `sql`, whose selected columns are those of `Row`. */
export function prepare<Row>(db: DatabaseSync, sql: string): Statement<Row> {
  const statement = db.prepare(sql);
  // What a statement selects is written next to its row type and read back only by the module that wrote it,
  // so the row needs no second check.
  const typed = (row: unknown): Row => row as Row;
  return {
    get: (...values) => {
      const row = statement.get(...values);
      return row === undefined ? undefined : typed(row);
    },
    all: (...values) => statement.all(...values).map(typed),
    run: (...values) => Number(statement.run(...values).changes),
  };
}

/** Adds a column that tables of earlier versions lack. */
export function addColumn({ db }: Pick<Journal, 'db'>, table: string, column: string): void {
  const known = db.prepare(`PRAGMA table_info(${table})`).all();
  if (!known.some(({ name }) => name === column.split(' ')[0]))
    db.exec(`ALTER TABLE ${table} ADD COLUMN ${column}`);
}

/** Reads back a JSON column written by the same module. */
export function fromJson<Value>(text: string): Value {
  // Only text that this module's own JSON.stringify wrote reaches this.
  return JSON.parse(text) as Value;
}

/** How long a write that nobody waits for may stay in the open group: most of them meet one that somebody does. */
const IDLE_COMMIT_MS = 25;
/** So long nothing is written before the log is moved into the database. */
const QUIET_MS = 300;
/** A shorter log may stay. */
const SMALL_LOG_BYTES = 1_048_576;

interface Waiter {
  readonly resolve: () => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * Opens (or creates) the journal of a data directory; `:memory:` keeps it in memory, for tests. One that is
 * not durable commits as often, without syncing.
 */
export function openJournal(
  dataDir: string,
  {
    durable = true,
    clock = systemClock(),
  }: { readonly durable?: boolean; readonly clock?: Pick<Clock, 'hold'> } = {},
): Journal {
  if (dataDir === ':memory:') return new GroupedJournal(new DatabaseSync(':memory:'), NO_LOG, clock);
  mkdirSync(dataDir, { recursive: true });
  const file = join(dataDir, 'journal.sqlite');
  const db = new DatabaseSync(file);
  // NORMAL: SQLite syncs where it moves the log into the database; the log is synced below, and not by the thread
  // that has everything else to do
  db.exec(
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${durable ? 'NORMAL' : 'OFF'}; PRAGMA busy_timeout = 5000; PRAGMA wal_autocheckpoint = 2000`,
  );
  return new GroupedJournal(db, durable ? new WrittenLog(`${file}-wal`) : NO_LOG, clock);
}

/** The file that commits are appended to. */
interface Log {
  /** Everything that was appended so far is on the disk when `then` is called, or there is an error. */
  sync(then: (error: Error | null) => void): void;
  bytes(): number;
  close(): void;
}

const NO_LOG: Log = { sync: (then) => then(null), bytes: () => 0, close: () => {} };

/** SQLite makes the file with the first transaction and keeps it until the database is closed. */
class WrittenLog implements Log {
  readonly #path: string;
  #descriptor: number | undefined;
  #underway = 0;
  #isClosed = false;

  constructor(path: string) {
    this.#path = path;
  }

  sync(then: (error: Error | null) => void): void {
    this.#underway += 1;
    fdatasync(this.#open(), (error) => {
      this.#underway -= 1;
      if (this.#isClosed) this.#release();
      then(error);
    });
  }

  bytes(): number {
    return fstatSync(this.#open()).size;
  }

  close(): void {
    if (this.#descriptor === undefined) return;
    fdatasyncSync(this.#descriptor);
    this.#isClosed = true;
    this.#release();
  }

  /** A sync that is under way still needs the descriptor. */
  #release(): void {
    if (this.#underway > 0 || this.#descriptor === undefined) return;
    closeSync(this.#descriptor);
    this.#descriptor = undefined;
  }

  #open(): number {
    if (this.#descriptor !== undefined) return this.#descriptor;
    this.#descriptor = openSync(this.#path, 'r');
    // its name, too, has to be there after a crash
    const folder = openSync(dirname(this.#path), 'r');
    fsyncSync(folder);
    closeSync(folder);
    return this.#descriptor;
  }
}

/**
 * One transaction is open at a time. Whoever waits for durability makes it commit at the end of this turn of
 * the event loop, so everything that was written in the turn shares one sync to disk. While a sync is under
 * way the transaction stays open: what is written meanwhile shares the next one.
 */
class GroupedJournal implements Journal {
  readonly db: DatabaseSync;
  readonly #log: Log;
  /** No time passes while a disk works. */
  readonly #clock: Pick<Clock, 'hold'>;
  readonly #begin: StatementSync;
  readonly #commit: StatementSync;
  readonly #savepoint: StatementSync;
  readonly #release: StatementSync;
  #waiters: Waiter[] = [];
  /** They wait for the sync that is under way. */
  #told: Waiter[] = [];
  #idle: NodeJS.Timeout | undefined;
  #quiet: NodeJS.Timeout | undefined;
  #turn: NodeJS.Immediate | undefined;
  #depth = 0;
  #isSyncing = false;
  /** Something was committed that no sync has begun for. */
  #isUnsynced = false;

  constructor(db: DatabaseSync, log: Log, clock: Pick<Clock, 'hold'>) {
    this.db = db;
    this.#log = log;
    this.#clock = clock;
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
    const hasMore = this.db.isTransaction || this.#isUnsynced;
    if (!hasMore && !this.#isSyncing) return Promise.resolve();
    const waiters = hasMore ? this.#waiters : this.#told;
    const flushed = new Promise<void>((resolve, reject) => waiters.push({ resolve, reject }));
    if (hasMore) this.#soon();
    return flushed;
  }

  close(): void {
    this.#commitGroup();
    clearTimeout(this.#quiet);
    this.#log.close();
    for (const waiter of this.#waiters.splice(0)) waiter.resolve();
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

  /** A sync that is under way looks after those who wait when it ends. */
  #soon(): void {
    if (!this.#isSyncing) this.#turn ??= setImmediate(() => this.#commitGroup());
  }

  #commitGroup(): void {
    clearTimeout(this.#idle);
    if (this.#turn) clearImmediate(this.#turn);
    this.#idle = undefined;
    this.#turn = undefined;
    try {
      if (this.db.isTransaction) {
        this.#commit.run();
        this.#isUnsynced = true;
        this.#tidyLater();
      }
    } catch (error) {
      if (this.db.isTransaction) this.db.exec('ROLLBACK');
      const waiters = this.#waiters.splice(0);
      for (const waiter of waiters) waiter.reject(error);
      if (waiters.length === 0) throw error;
      return;
    }
    if (this.#waiters.length > 0 && !this.#isSyncing) this.#syncGroup();
  }

  #tidyLater(): void {
    if (this.#quiet) this.#quiet.refresh();
    else this.#quiet = setTimeout(() => this.#tidy(), QUIET_MS).unref();
  }

  /** SQLite moves a long log into the database by itself, but keeps the file as long as it ever was. */
  #tidy(): void {
    if (this.#isSyncing || this.db.isTransaction) this.#tidyLater();
    else if (this.#log.bytes() > SMALL_LOG_BYTES) this.db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  }

  #syncGroup(): void {
    this.#told = this.#waiters.splice(0);
    this.#isSyncing = true;
    this.#isUnsynced = false;
    const release = this.#clock.hold();
    this.#log.sync((error) => {
      this.#isSyncing = false;
      const told = this.#told.splice(0);
      for (const waiter of told) error ? waiter.reject(error) : waiter.resolve();
      if (error) this.#isUnsynced = true;
      if (this.#waiters.length > 0) this.#soon();
      release();
    });
  }
}
