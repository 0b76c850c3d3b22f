import { type Journal, prepare } from '../ports/journal.ts';

/** An execution with everything it started: executions of its tasks and of its map runs, to any depth. */
const FAMILY = `
  WITH RECURSIVE family (id) AS (
    SELECT id FROM states_executions WHERE arn = ?
    UNION SELECT child.id FROM states_executions child JOIN family ON child.parent_execution = family.id
    UNION SELECT child.id FROM family JOIN states_map_runs runs ON runs.execution = family.id
      JOIN states_executions child ON child.map_run = runs.id)
  SELECT id, status FROM states_executions WHERE id IN family`;

const TABLES_OF_ONE = [
  'states_histories WHERE execution',
  'states_frames WHERE execution',
  'states_results WHERE execution',
  'states_map_runs WHERE execution',
  'states_executions WHERE id',
];

/**
 * Removes executions that have ended, each with all it started; one that still runs, or has a part that
 * does, is
 * left whole. Gives those that were removed or were not there. Payloads that have one of the `names` stay.
 * Part of the journal's open group.
 */
export function removeExecutions(
  { db }: Journal,
  arns: readonly string[],
  names: readonly string[],
): readonly string[] {
  const family = prepare<{ id: number; status: string }>(db, FAMILY);
  const deletions = TABLES_OF_ONE.map((place) => prepare(db, `DELETE FROM ${place} = ?`));
  const removed = arns.filter((arn) => {
    const members = family.all(arn);
    if (members.some(({ status }) => status === 'RUNNING')) return false;
    for (const { id } of members) for (const deletion of deletions) deletion.run(id);
    return true;
  });
  removeUnnamedPayloads(db, names);
  return removed;
}

/** Every column in which payloads are named, as `@<id>`; the body of a frame names several. */
const NAMING = [
  'SELECT events AS text FROM states_histories',
  "SELECT payload AS text FROM states_results WHERE payload LIKE '@%'",
  "SELECT input AS text FROM states_executions WHERE input LIKE '@%'",
  "SELECT output AS text FROM states_executions WHERE output LIKE '@%'",
  "SELECT items AS text FROM states_map_runs WHERE items LIKE '@%'",
  'SELECT body AS text FROM states_frames',
];

function removeUnnamedPayloads(db: Journal['db'], names: readonly string[]): void {
  const named = new Set(names.map((name) => Number(name.slice(1))));
  for (const sql of NAMING)
    for (const { text } of prepare<{ text: string }>(db, sql).all())
      for (const [, id] of text.matchAll(/@(\d+)/g)) named.add(Number(id));
  const kept = 'SELECT id, base FROM states_payloads WHERE base IS NOT NULL';
  for (const { id, base } of prepare<{ id: number; base: number }>(db, kept).all())
    if (named.has(id)) named.add(base);
  const drop = prepare(db, 'DELETE FROM states_payloads WHERE id = ?');
  for (const { id } of prepare<{ id: number }>(db, 'SELECT id FROM states_payloads').all())
    if (!named.has(id)) drop.run(id);
}
