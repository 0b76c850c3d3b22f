import { type Journal, prepare } from '@statebag/states';

export interface LogEvent {
  readonly id: number;
  readonly stream: string;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly message: string;
}

export interface LogFilter {
  readonly group: string;
  /** Texts that all have to occur. */
  readonly contains: readonly string[];
  readonly startTime: number;
  /** Exclusive. */
  readonly endTime: number;
  readonly afterId: number;
  readonly limit: number;
  readonly stream?: string;
}

/** What functions print, kept in the journal with the rest. */
export interface LogStore {
  append(group: string, stream: string, message: string): void;
  filter(filter: LogFilter): LogEvent[];
  groups(prefix: string): string[];
  /** Writes what is in memory: before anybody learns of what has printed it, so that a crash loses no line of that. */
  write(): void;
  /** Writes what is in memory. What is appended after that is lost, as in a crash. */
  close(): void;
}

/** So long a line stays in memory: a call prints some, and a row costs less among others. */
const TOGETHER_MS = 20;
const RETENTION_MS = 14 * 24 * 3_600_000;
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS log_event (id INTEGER PRIMARY KEY, log_group TEXT NOT NULL, stream TEXT NOT NULL, timestamp INTEGER NOT NULL, message TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS log_event_by_group ON log_event (log_group, id)`;

/**
 * Opens the log; what is older than two weeks is forgotten. Lines are written a few at a time: a crash loses
 * the last ones of calls that were under way.
 */
export function openLogStore(journal: Journal, now: () => number): LogStore {
  journal.write(() => journal.db.exec(SCHEMA));
  // lines are in the order of their times: nothing behind the first that stays has to be looked at
  const forget = prepare(
    journal.db,
    `DELETE FROM log_event WHERE id < coalesce(
       (SELECT id FROM log_event WHERE timestamp >= ? ORDER BY id LIMIT 1), 1 + (SELECT max(id) FROM log_event))`,
  );
  journal.write(() => void forget.run(now() - RETENTION_MS));
  const add = prepare(
    journal.db,
    'INSERT INTO log_event (log_group, stream, timestamp, message) VALUES (?, ?, ?, ?)',
  );
  const groups = prepare<{ log_group: string }>(
    journal.db,
    'SELECT DISTINCT log_group FROM log_event ORDER BY log_group',
  );
  const page = prepare<LogEvent>(
    journal.db,
    `SELECT id, stream, timestamp, message FROM log_event
     WHERE log_group = ? AND id > ? AND timestamp >= ? AND timestamp < ? AND (? = '' OR stream = ?)
       AND NOT EXISTS (SELECT 1 FROM json_each(?) AS text WHERE instr(message, text.value) = 0)
     ORDER BY id LIMIT ?`,
  );
  let lines: Parameters<typeof add.run>[] = [];
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;
  const writeLines = (): void => {
    clearTimeout(timer);
    timer = undefined;
    const written = lines;
    lines = [];
    if (written.length > 0) journal.write(() => written.forEach((line) => void add.run(...line)));
  };
  return {
    append: (group, stream, message) => {
      if (isClosed) return;
      lines.push([group, stream, now(), message]);
      timer ??= setTimeout(writeLines, TOGETHER_MS);
    },
    filter: ({ group, contains, startTime, endTime, afterId, limit, stream = '' }) => {
      writeLines();
      return page.all(group, afterId, startTime, endTime, stream, stream, JSON.stringify(contains), limit);
    },
    groups: (prefix) => {
      writeLines();
      return groups
        .all()
        .map(({ log_group }) => log_group)
        .filter((group) => group.startsWith(prefix));
    },
    write: writeLines,
    close: () => {
      writeLines();
      isClosed = true;
    },
  };
}
