import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';

type Row = Record<string, unknown>;

/** A data directory whose runs are copies of its first one. */
export interface GrownDirectory {
  readonly dataDir: string;
  /** The name of the first run, and what the journal and the table of runs have of it. */
  readonly first: string;
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  readonly record: object;
  runs: number;
}

/** The tables of the journal that a run adds to, and the column that numbers its own rows there. */
const TABLES = { states_executions: '', states_histories: 'id', log_event: 'id', bus_event: 'position' };
/** DynamoDB takes so many items at once. */
const BATCH = 25;

/** The id of a copy: as long as that of the first run. */
export function nameOf(copy: number): string {
  return `growth-${String(copy).padStart(8, '0')}-copy`;
}

/** A data directory with one run in it. */
export async function firstOf(dataDir: string): Promise<GrownDirectory> {
  const db = journalOf(dataDir);
  const rows = new Map(
    Object.keys(TABLES).map((table) => [table, db.prepare(`SELECT * FROM ${table}`).all()]),
  );
  const first = String(rows.get('states_executions')?.[0]?.['name']);
  db.close();
  const scanned = await withCloud(dataDir, (items) => items.call('Scan', { TableName: LOCAL_APP.runsTable }));
  const { Items: records } = scanned as { readonly Items: readonly object[] }; // an answer of DynamoDB
  const [record] = records;
  if (!record) throw new Error('the first run has no record');
  return { dataDir, first, rows, record, runs: 1 };
}

/**
 * Copies the first run until there are `size`: what the journal has of it as rows, the record by DynamoDB's
 * API. Copies share the large payloads of the first.
 */
export async function growDirectory(grown: GrownDirectory, size: number): Promise<void> {
  const copies = Array.from({ length: size - grown.runs }, (_, index) => grown.runs + index);
  const db = journalOf(grown.dataDir);
  db.exec('BEGIN');
  for (const [table, rows] of grown.rows) for (const row of rows) copyRow(db, { table, row, grown, copies });
  db.exec('COMMIT');
  db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
  db.close();
  await withCloud(grown.dataDir, async (items) => {
    for (let at = 0; at < copies.length; at += BATCH) {
      const puts = copies.slice(at, at + BATCH).map((copy) => ({
        PutRequest: { Item: JSON.parse(JSON.stringify(grown.record).replaceAll(grown.first, nameOf(copy))) },
      }));
      await items.call('BatchWriteItem', { RequestItems: { [LOCAL_APP.runsTable]: puts } });
    }
  });
  grown.runs = size;
}

/** Executions get numbers below zero: those that are started meanwhile go on from the highest. */
function copyRow(
  db: DatabaseSync,
  {
    table,
    row,
    grown,
    copies,
  }: { table: string; row: Row; grown: GrownDirectory; copies: readonly number[] },
): void {
  const numbered = TABLES[table as keyof typeof TABLES]; // one of its keys
  const columns = Object.keys(row).filter((column) => column !== numbered);
  const insert = db.prepare(
    `INSERT INTO ${table} (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})`,
  );
  for (const copy of copies) {
    const valueIn = (column: string): string | number | null => {
      const value = row[column];
      if (column === 'execution' || (column === 'id' && numbered === '')) return -copy;
      return typeof value === 'string'
        ? value.replaceAll(grown.first, nameOf(copy))
        : (value as number | null);
    };
    insert.run(...columns.map(valueIn));
  }
}

function journalOf(dataDir: string): DatabaseSync {
  return new DatabaseSync(join(dataDir, 'journal.sqlite'));
}

async function withCloud<T>(dataDir: string, use: (items: LocalCloud['items']) => Promise<T>): Promise<T> {
  const cloud = await startLocalCloud({ dataDir, idle: true, durable: false });
  try {
    return await use(cloud.items);
  } finally {
    await cloud.close();
  }
}
