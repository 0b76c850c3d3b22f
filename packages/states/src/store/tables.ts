import type { Journal } from '../ports/journal.ts';

/**
 * What the engine keeps in the journal. Payload columns hold JSON text, or `@<id>` of the table that keeps
 * large ones once: as text or, compressed, as a blob; with a `base`, the blob is what it has more than that one.
 */
const TABLES = `
  CREATE TABLE IF NOT EXISTS states_machines (
    arn TEXT PRIMARY KEY, name TEXT NOT NULL, type TEXT NOT NULL, status TEXT NOT NULL, created REAL NOT NULL,
    revision INTEGER NOT NULL, next_version INTEGER NOT NULL, settings TEXT NOT NULL, tags TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS states_revisions (
    id INTEGER PRIMARY KEY, machine TEXT NOT NULL, uuid TEXT NOT NULL, definition TEXT NOT NULL, role TEXT NOT NULL, updated REAL NOT NULL);
  CREATE TABLE IF NOT EXISTS states_versions (
    arn TEXT PRIMARY KEY, machine TEXT NOT NULL, number INTEGER NOT NULL, revision INTEGER NOT NULL, description TEXT, created REAL NOT NULL);
  CREATE INDEX IF NOT EXISTS states_versions_machine ON states_versions (machine, number);
  CREATE TABLE IF NOT EXISTS states_aliases (
    arn TEXT PRIMARY KEY, machine TEXT NOT NULL, name TEXT NOT NULL, description TEXT, routing TEXT NOT NULL, created REAL NOT NULL, updated REAL NOT NULL);
  CREATE INDEX IF NOT EXISTS states_aliases_machine ON states_aliases (machine, name);
  CREATE TABLE IF NOT EXISTS states_executions (
    id INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, name TEXT NOT NULL, machine TEXT NOT NULL, version TEXT, alias TEXT, revision INTEGER NOT NULL,
    role TEXT NOT NULL, express INTEGER NOT NULL, input TEXT NOT NULL, started REAL NOT NULL, parent_execution INTEGER, parent_frame INTEGER,
    map_run INTEGER, item_index INTEGER, program TEXT NOT NULL, status TEXT NOT NULL, stopped REAL, output TEXT, error TEXT, cause TEXT,
    redrives INTEGER NOT NULL, redriven REAL, next_frame INTEGER NOT NULL, last_event INTEGER NOT NULL);
  CREATE INDEX IF NOT EXISTS states_executions_machine ON states_executions (machine, started);
  CREATE INDEX IF NOT EXISTS states_executions_running ON states_executions (status) WHERE status = 'RUNNING';
  CREATE INDEX IF NOT EXISTS states_executions_map_run ON states_executions (map_run, item_index) WHERE map_run IS NOT NULL;
  CREATE TABLE IF NOT EXISTS states_frames (execution INTEGER NOT NULL, id INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (execution, id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS states_results (
    execution INTEGER NOT NULL, frame INTEGER NOT NULL, slot INTEGER NOT NULL, payload TEXT NOT NULL, PRIMARY KEY (execution, frame, slot)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS states_histories (
    id INTEGER PRIMARY KEY, execution INTEGER NOT NULL, first INTEGER NOT NULL, events TEXT NOT NULL);
  CREATE UNIQUE INDEX IF NOT EXISTS states_histories_execution ON states_histories (execution, first);
  CREATE TABLE IF NOT EXISTS states_payloads (id INTEGER PRIMARY KEY, body TEXT NOT NULL, base INTEGER);
  CREATE TABLE IF NOT EXISTS states_map_runs (
    id INTEGER PRIMARY KEY, arn TEXT NOT NULL UNIQUE, execution INTEGER NOT NULL, frame INTEGER NOT NULL, state TEXT NOT NULL, status TEXT NOT NULL,
    started REAL NOT NULL, stopped REAL, settings TEXT NOT NULL, items TEXT, total INTEGER NOT NULL, redrives INTEGER NOT NULL, redriven REAL);
  CREATE INDEX IF NOT EXISTS states_map_runs_execution ON states_map_runs (execution);
  CREATE TABLE IF NOT EXISTS states_activities (arn TEXT PRIMARY KEY, name TEXT NOT NULL, created REAL NOT NULL);
  CREATE TABLE IF NOT EXISTS states_activity_tags (arn TEXT PRIMARY KEY, tags TEXT NOT NULL);
  CREATE TABLE IF NOT EXISTS states_outbox (id INTEGER PRIMARY KEY, entry TEXT NOT NULL);
`;

/** Until 2026-12 an event was a row. */
const OLD_EVENTS = `
  INSERT INTO states_histories (execution, first, events) SELECT execution, id, json_array(json_array(previous, at, type, json(facts), payload)) FROM states_events;
  DROP TABLE states_events`;

/** Makes the tables, and takes over what earlier versions have written. */
export function prepareTables(journal: Journal): void {
  const { db } = journal;
  db.exec(TABLES);
  const old = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'states_events'").get();
  if (old) journal.write(() => db.exec(OLD_EVENTS));
}
