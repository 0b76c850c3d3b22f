import { fromJson, type Journal, prepare } from '@statebag/states';
import type { Mapping } from './document.ts';
import type { ResourceType } from './resource-types.ts';

export interface KeptResource {
  readonly id: string;
  readonly properties: Mapping;
}

/**
 * Resources that consist of what their template says: roles, permissions, policies, log groups, alarms,
 * routes. Whoever acts on them reads them here.
 */
export interface KeptResources {
  put(type: ResourceType, id: string, properties: Mapping): void;
  find(type: ResourceType, id: string): KeptResource | undefined;
  list(type: ResourceType): KeptResource[];
  remove(type: ResourceType, id: string): void;
  /** How often something was put or removed: whoever keeps what it follows from sees that it is old. */
  changes(): number;
}

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS kept_resource (
    type TEXT NOT NULL, id TEXT NOT NULL, properties TEXT NOT NULL, PRIMARY KEY (type, id)) WITHOUT ROWID`;

/** Kept resources in the journal's database. */
export function openKeptResources(journal: Journal): KeptResources {
  journal.write(() => journal.db.exec(SCHEMA));
  const { db } = journal;
  const columns = 'SELECT id, properties FROM kept_resource WHERE type = ?';
  const put = prepare(db, 'INSERT OR REPLACE INTO kept_resource (type, id, properties) VALUES (?, ?, ?)');
  const find = prepare<Row>(db, `${columns} AND id = ?`);
  const list = prepare<Row>(db, `${columns} ORDER BY id`);
  const remove = prepare(db, 'DELETE FROM kept_resource WHERE type = ? AND id = ?');
  let changes = 0;
  const change = (statement: () => void): void => {
    changes += 1;
    journal.write(statement);
  };
  return {
    changes: () => changes,
    put: (type, id, properties) => change(() => void put.run(type, id, JSON.stringify(properties))),
    find: (type, id) => {
      const row = find.get(type, id);
      return row && keptOf(row);
    },
    list: (type) => list.all(type).map(keptOf),
    remove: (type, id) => change(() => void remove.run(type, id)),
  };
}

interface Row {
  id: string;
  properties: string;
}

function keptOf({ id, properties }: Row): KeptResource {
  return { id, properties: fromJson(properties) };
}
