import { randomUUID } from 'node:crypto';
import { fromJson, type Journal, prepare } from '@statebag/states';
import type { ChangeSet, Stack, StackEvent, StackResource } from './stack.ts';

/** Stacks with all that belongs to them, in the journal's database. */
export interface StackStore {
  /** By name the living one, by id also one that is gone. */
  find(nameOrId: string): Stack | undefined;
  list(): Stack[];
  save(stack: Stack): void;
  /** In the order of their creation. */
  resources(stackId: string): StackResource[];
  resource(stackId: string, logicalId: string): StackResource | undefined;
  saveResource(stackId: string, resource: StackResource): void;
  dropResource(stackId: string, logicalId: string): void;
  record(event: Omit<StackEvent, 'id'>): void;
  /** Newest first. */
  events(stackId: string): StackEvent[];
  changeSets(stackId: string): ChangeSet[];
  findChangeSet(id: string): ChangeSet | undefined;
  saveChangeSet(changeSet: ChangeSet): void;
  dropChangeSet(id: string): void;
}

interface Row {
  body: string;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS stack (id TEXT PRIMARY KEY, name TEXT NOT NULL, gone INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
  CREATE UNIQUE INDEX IF NOT EXISTS stack_by_name ON stack (name) WHERE gone = 0;
  CREATE TABLE IF NOT EXISTS stack_resource (
    stack TEXT NOT NULL, logical_id TEXT NOT NULL, place INTEGER NOT NULL, body TEXT NOT NULL, PRIMARY KEY (stack, logical_id)) WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS stack_event (number INTEGER PRIMARY KEY, stack TEXT NOT NULL, body TEXT NOT NULL);
  CREATE INDEX IF NOT EXISTS stack_event_by_stack ON stack_event (stack, number);
  CREATE TABLE IF NOT EXISTS stack_change_set (id TEXT PRIMARY KEY, stack TEXT NOT NULL, body TEXT NOT NULL) WITHOUT ROWID`;

/** Opens the store of stacks. */
export function openStackStore(journal: Journal): StackStore {
  journal.write(() => journal.db.exec(SCHEMA));
  const sql = statementsOf(journal);
  // Every reference of a template asks for what it refers to.
  const known = new Map<string, StackResource>();
  const keyOf = (stackId: string, logicalId: string): string => `${stackId} ${logicalId}`;
  return {
    find: (nameOrId) => readStack((nameOrId.startsWith('arn:') ? sql.byId : sql.byName).get(nameOrId)),
    list: () => sql.all.all().flatMap((row) => readStack(row) ?? []),
    save: (stack) =>
      journal.write(() => {
        sql.save.run(stack.id, stack.name, stack.deletedAt === undefined ? 0 : 1, JSON.stringify(stack));
      }),
    resources: (stackId) => sql.resources.all(stackId).map(({ body }) => fromJson<StackResource>(body)),
    resource: (stackId, logicalId) => {
      const key = keyOf(stackId, logicalId);
      const row = known.has(key) ? undefined : sql.resource.get(stackId, logicalId);
      if (row !== undefined) known.set(key, fromJson<StackResource>(row.body));
      return known.get(key);
    },
    saveResource: (stackId, resource) =>
      journal.write(() => {
        sql.saveResource.run(stackId, resource.logicalId, resource.order, JSON.stringify(resource));
        known.set(keyOf(stackId, resource.logicalId), resource);
      }),
    dropResource: (stackId, logicalId) =>
      journal.write(() => {
        sql.dropResource.run(stackId, logicalId);
        known.delete(keyOf(stackId, logicalId));
      }),
    record: (event) =>
      journal.write(() => {
        sql.record.run(event.stackId, JSON.stringify({ id: randomUUID(), ...event } satisfies StackEvent));
      }),
    events: (stackId) => sql.events.all(stackId).map(({ body }) => fromJson<StackEvent>(body)),
    changeSets: (stackId) => sql.changeSets.all(stackId).map(({ body }) => fromJson<ChangeSet>(body)),
    findChangeSet: (id) => {
      const row = sql.changeSet.get(id);
      return row && fromJson<ChangeSet>(row.body);
    },
    saveChangeSet: (changeSet) =>
      journal.write(() => {
        sql.saveChangeSet.run(changeSet.id, changeSet.stackId, JSON.stringify(changeSet));
      }),
    dropChangeSet: (id) => journal.write(() => void sql.dropChangeSet.run(id)),
  };
}

function readStack(row: Row | undefined): Stack | undefined {
  return row && fromJson<Stack>(row.body);
}

function statementsOf({ db }: Journal) {
  return {
    byId: prepare<Row>(db, 'SELECT body FROM stack WHERE id = ?'),
    byName: prepare<Row>(db, 'SELECT body FROM stack WHERE name = ? AND gone = 0'),
    all: prepare<Row>(db, 'SELECT body FROM stack ORDER BY gone, name'),
    save: prepare(db, 'INSERT OR REPLACE INTO stack (id, name, gone, body) VALUES (?, ?, ?, ?)'),
    resources: prepare<Row>(db, 'SELECT body FROM stack_resource WHERE stack = ? ORDER BY place'),
    resource: prepare<Row>(db, 'SELECT body FROM stack_resource WHERE stack = ? AND logical_id = ?'),
    saveResource: prepare(
      db,
      'INSERT OR REPLACE INTO stack_resource (stack, logical_id, place, body) VALUES (?, ?, ?, ?)',
    ),
    dropResource: prepare(db, 'DELETE FROM stack_resource WHERE stack = ? AND logical_id = ?'),
    record: prepare(db, 'INSERT INTO stack_event (stack, body) VALUES (?, ?)'),
    events: prepare<Row>(db, 'SELECT body FROM stack_event WHERE stack = ? ORDER BY number DESC'),
    changeSet: prepare<Row>(db, 'SELECT body FROM stack_change_set WHERE id = ?'),
    changeSets: prepare<Row>(db, 'SELECT body FROM stack_change_set WHERE stack = ? ORDER BY id'),
    saveChangeSet: prepare(db, 'INSERT OR REPLACE INTO stack_change_set (id, stack, body) VALUES (?, ?, ?)'),
    dropChangeSet: prepare(db, 'DELETE FROM stack_change_set WHERE id = ?'),
  };
}
