import { type Journal, prepare } from '@statebag/states';

/** A queue whose messages a function gets. */
export interface EventSource {
  readonly id: string;
  readonly function_name: string;
  readonly qualifier: string;
  readonly queue: string;
  readonly queue_arn: string;
  readonly batch_size: number;
  readonly enabled: number;
  /** The function says which messages of a batch it could not handle. */
  readonly reports_failures: number;
  readonly modified: number;
}

/** Event sources in the journal. Writes belong to the journal's open group. */
export interface SourceStore {
  all(): readonly EventSource[];
  find(id: string): EventSource | undefined;
  save(source: EventSource): void;
  remove(id: string): void;
}

const SCHEMA = `CREATE TABLE IF NOT EXISTS lambda_event_source (
  id TEXT PRIMARY KEY, function_name TEXT NOT NULL, qualifier TEXT NOT NULL, queue TEXT NOT NULL, queue_arn TEXT NOT NULL,
  batch_size INTEGER NOT NULL, enabled INTEGER NOT NULL, reports_failures INTEGER NOT NULL, modified INTEGER NOT NULL)`;

export function openSourceStore(journal: Journal): SourceStore {
  journal.write(() => journal.db.exec(SCHEMA));
  const { db } = journal;
  const all = prepare<EventSource>(db, 'SELECT * FROM lambda_event_source ORDER BY modified, id');
  const find = prepare<EventSource>(db, 'SELECT * FROM lambda_event_source WHERE id = ?');
  const save = prepare(db, 'INSERT OR REPLACE INTO lambda_event_source VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const remove = prepare(db, 'DELETE FROM lambda_event_source WHERE id = ?');
  return {
    all: () => all.all(),
    find: (id) => find.get(id),
    save: (s) =>
      void save.run(
        s.id,
        s.function_name,
        s.qualifier,
        s.queue,
        s.queue_arn,
        s.batch_size,
        s.enabled,
        s.reports_failures,
        s.modified,
      ),
    remove: (id) => void remove.run(id),
  };
}
