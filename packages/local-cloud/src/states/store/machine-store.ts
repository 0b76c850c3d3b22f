import { randomUUID } from 'node:crypto';
import type { Journal } from '../../ports.ts';
import { fromJson, prepare } from '../../rows.ts';
import { compileDefinition } from '../definition/compile.ts';
import type { Program } from '../definition/program.ts';

/** A state machine. Its definition is that of its revision; `settings` are fields that are only handed back (logging, tracing, encryption). */
export interface Machine {
  readonly arn: string;
  readonly name: string;
  readonly type: 'STANDARD' | 'EXPRESS';
  readonly status: 'ACTIVE' | 'DELETING';
  readonly created: number;
  readonly revision: number;
  readonly next_version: number;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly tags: Readonly<Record<string, string>>;
}

/** What a machine was at one time; never changed. */
export interface Revision {
  readonly id: number;
  readonly machine: string;
  readonly uuid: string;
  readonly definition: string;
  readonly role: string;
  readonly updated: number;
}

type MachineRow = Omit<Machine, 'settings' | 'tags'> & { readonly settings: string; readonly tags: string };

/** Machines and their revisions in the journal. */
export interface MachineStore {
  byArn(arn: string): Machine | undefined;
  list(): readonly Machine[];
  save(machine: Machine): void;
  /** Takes the machine out, with its versions, aliases and revisions that no execution needs. */
  remove(arn: string): void;
  addRevision(revision: Omit<Revision, 'id' | 'uuid'>): Revision;
  revision(id: number): Revision;
  /** The compiled definition of a revision, compiled once. */
  program(revision: number): Program;
}

export function machineStore({ db }: Journal): MachineStore {
  const byArn = prepare<MachineRow>(db, 'SELECT * FROM states_machines WHERE arn = ?');
  const list = prepare<MachineRow>(db, 'SELECT * FROM states_machines ORDER BY name');
  const upsert = prepare(db, 'INSERT OR REPLACE INTO states_machines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const removals = ['states_aliases WHERE machine = ?', 'states_versions WHERE machine = ?', 'states_machines WHERE arn = ?'].map((what) =>
    prepare(db, `DELETE FROM ${what}`),
  );
  const addRevision = prepare<Revision>(db, 'INSERT INTO states_revisions (machine, uuid, definition, role, updated) VALUES (?, ?, ?, ?, ?) RETURNING *');
  const revision = prepare<Revision>(db, 'SELECT * FROM states_revisions WHERE id = ?');
  const programs = new Map<number, Program>();
  const read = (row: MachineRow): Machine => ({ ...row, settings: fromJson(row.settings), tags: fromJson(row.tags) });

  const revisionOf = (id: number): Revision => {
    const found = revision.get(id);
    if (!found) throw new Error(`the journal has no revision ${id}`);
    return found;
  };
  return {
    byArn(arn) {
      const row = byArn.get(arn);
      return row && read(row);
    },
    list: () => list.all().map(read),
    save: ({ arn, name, type, status, created, revision: current, next_version: next, settings, tags }) =>
      void upsert.run(arn, name, type, status, created, current, next, JSON.stringify(settings), JSON.stringify(tags)),
    remove(arn) {
      for (const removal of removals) removal.run(arn);
    },
    addRevision({ machine, definition, role, updated }) {
      const added = addRevision.get(machine, randomUUID(), definition, role, updated);
      if (!added) throw new Error(`the journal did not keep the revision of ${machine}`);
      return added;
    },
    revision: revisionOf,
    program(id) {
      const known = programs.get(id);
      if (known) return known;
      const { program } = compileDefinition(revisionOf(id).definition);
      programs.set(id, program);
      return program;
    },
  };
}
