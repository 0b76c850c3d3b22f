import { Readable } from 'node:stream';
import { fromJson, type Journal, prepare, type Statement } from '@statebag/states';

/** What dynalite asks of the ordered database below it: JSON values by keys, in the order of the keys' bytes. */
export interface Level {
  /** An undefined value: there is none. */
  get(key: string, callback: (error: unknown, value?: unknown) => void): void;
  put(key: string, value: unknown, callback: (error: unknown) => void): void;
  del(key: string, callback: (error: unknown) => void): void;
  batch(changes: readonly Change[], callback: (error: unknown) => void): void;
  createKeyStream(range?: KeyRange): Readable;
  createValueStream(range?: KeyRange): Readable;
  /** What dynalite does a moment after it has answered is refused from now on, in words that it knows. */
  close(): void;
}

export type Change =
  | { readonly type: 'put'; readonly key: string; readonly value: unknown }
  | { readonly type: 'del'; readonly key: string };

export interface KeyRange {
  readonly gt?: string;
  readonly gte?: string;
  readonly lt?: string;
  readonly lte?: string;
  readonly reverse?: boolean;
  /** Missing or negative: all. */
  readonly limit?: number;
}

interface Row {
  readonly key: string;
  readonly value: string;
}

/** Whoever reads a page of items takes a handful mostly, and each may have 400 KB. */
const ROWS_AT_ONCE = 32;
const SCHEMA =
  'CREATE TABLE IF NOT EXISTS dynamodb_entry (key TEXT PRIMARY KEY NOT NULL, value TEXT NOT NULL)';

/**
 * dynalite's database in the journal. A write is in the open group when its callback is called, and durable
 * with the next flush: an action takes several, which share that.
 */
export function journalLevel(journal: Journal): Level {
  journal.write(() => journal.db.exec(SCHEMA));
  const one = prepare<Row>(journal.db, 'SELECT key, value FROM dynamodb_entry WHERE key = ?');
  const put = prepare(
    journal.db,
    'INSERT INTO dynamodb_entry (key, value) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  const drop = prepare(journal.db, 'DELETE FROM dynamodb_entry WHERE key = ?');
  const change = (each: Change): void => {
    if (each.type === 'put') put.run(each.key, JSON.stringify(each.value));
    else drop.run(each.key);
  };
  let isClosed = false;
  const batch: Level['batch'] = (changes, callback) => {
    if (!isClosed) journal.write(() => changes.forEach(change));
    const refused = isClosed ? new Error('Database is closed') : null;
    queueMicrotask(() => callback(refused));
  };
  const rows = rowsReader(journal);
  return {
    get(key, callback) {
      const row = one.get(key);
      queueMicrotask(() => callback(null, row && fromJson(row.value)));
    },
    put: (key, value, callback) => batch([{ type: 'put', key, value }], callback),
    del: (key, callback) => batch([{ type: 'del', key }], callback),
    batch,
    createKeyStream: (range = {}) => Readable.from(rows(range, ({ key }) => key)),
    createValueStream: (range = {}) => Readable.from(rows(range, ({ value }) => fromJson(value))),
    close: () => {
      isClosed = true;
    },
  };
}

/** Bounds of a range, and what each is in SQL. */
const BOUNDS = { gt: '>', gte: '>=', lt: '<', lte: '<=' } as const;

/** Reads rows a few at a time: what is written meanwhile may be among the later ones. */
function rowsReader({ db }: Journal): <T>(range: KeyRange, pick: (row: Row) => T) => Iterable<T> {
  /** By their conditions, of which there are a handful. */
  const selects = new Map<string, Statement<Row>>();
  const select = ({ reverse = false, limit: _, ...bounds }: KeyRange, most: number): readonly Row[] => {
    const names = (['gt', 'gte', 'lt', 'lte'] as const).filter((name) => bounds[name] !== undefined);
    const where =
      names.length > 0 ? `WHERE ${names.map((name) => `key ${BOUNDS[name]} ?`).join(' AND ')}` : '';
    const sql = `SELECT key, value FROM dynamodb_entry ${where} ORDER BY key ${reverse ? 'DESC' : 'ASC'} LIMIT ?`;
    const statement = selects.get(sql) ?? prepare<Row>(db, sql);
    selects.set(sql, statement);
    return statement.all(...names.map((name) => bounds[name] ?? ''), most);
  };
  return function* rows(range, pick) {
    let left = range.limit === undefined || range.limit < 0 ? Number.POSITIVE_INFINITY : range.limit;
    let rest: KeyRange = range;
    while (left > 0) {
      const page = select(rest, Math.min(left, ROWS_AT_ONCE));
      for (const row of page) yield pick(row);
      const last = page.at(-1);
      if (last === undefined || page.length < ROWS_AT_ONCE) return;
      left -= page.length;
      rest = { ...range, ...(range.reverse ? { lt: last.key } : { gt: last.key }) };
    }
  };
}
