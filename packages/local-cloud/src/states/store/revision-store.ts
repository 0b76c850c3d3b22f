import { randomUUID } from 'node:crypto';
import type { Journal } from '../../ports.ts';
import { prepare } from '../../rows.ts';
import { compileDefinition } from '../definition/compile.ts';
import type { Program } from '../definition/program.ts';

/** What a machine was at one time; never changed. */
export interface Revision {
  readonly id: number;
  readonly machine: string;
  readonly uuid: string;
  readonly definition: string;
  readonly role: string;
  readonly updated: number;
}

/** What machines have been, in the journal. A revision outlives its machine, for the executions that still run it. */
export interface RevisionStore {
  add(revision: Omit<Revision, 'id' | 'uuid'>): Revision;
  byId(id: number): Revision;
  /** The compiled definition of a revision, compiled once. */
  program(revision: number): Program;
}

export function revisionStore({ db }: Journal): RevisionStore {
  const insert = prepare<Revision>(db, 'INSERT INTO states_revisions (machine, uuid, definition, role, updated) VALUES (?, ?, ?, ?, ?) RETURNING *');
  const select = prepare<Revision>(db, 'SELECT * FROM states_revisions WHERE id = ?');
  const programs = new Map<number, Program>();
  const byId = (id: number): Revision => {
    const found = select.get(id);
    if (!found) throw new Error(`the journal has no revision ${id}`);
    return found;
  };
  return {
    byId,
    add({ machine, definition, role, updated }) {
      const added = insert.get(machine, randomUUID(), definition, role, updated);
      if (!added) throw new Error(`the journal did not keep the revision of ${machine}`);
      return added;
    },
    program(id) {
      const program = programs.get(id) ?? compileDefinition(byId(id).definition).program;
      programs.set(id, program);
      return program;
    },
  };
}
