import { randomUUID } from 'node:crypto';
import { fromJson, type Journal, prepare } from '../ports/journal.ts';
import type { Program } from '../program/program.ts';

/**
 * A state machine. Its definition is that of its revision; `settings` are fields that are only handed back
 * (logging, tracing, encryption).
 */
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

type MachineRow = Omit<Machine, 'settings' | 'tags'> & { readonly settings: string; readonly tags: string };

/** Machines in the journal. */
export interface MachineStore {
  byArn(arn: string): Machine | undefined;
  list(): readonly Machine[];
  save(machine: Machine): void;
  /** Takes the machine out, with its versions and aliases. */
  remove(arn: string): void;
}

export function machineStore({ db }: Journal): MachineStore {
  const byArn = prepare<MachineRow>(db, 'SELECT * FROM states_machines WHERE arn = ?');
  const list = prepare<MachineRow>(db, 'SELECT * FROM states_machines ORDER BY name');
  const upsert = prepare(db, 'INSERT OR REPLACE INTO states_machines VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const removals = [
    'states_aliases WHERE machine = ?',
    'states_versions WHERE machine = ?',
    'states_machines WHERE arn = ?',
  ].map((what) => prepare(db, `DELETE FROM ${what}`));
  const read = (row: MachineRow): Machine => ({
    ...row,
    settings: fromJson(row.settings),
    tags: fromJson(row.tags),
  });

  return {
    byArn(arn) {
      const row = byArn.get(arn);
      return row && read(row);
    },
    list: () => list.all().map(read),
    save: ({ arn, name, type, status, created, revision: current, next_version: next, settings, tags }) =>
      void upsert.run(
        arn,
        name,
        type,
        status,
        created,
        current,
        next,
        JSON.stringify(settings),
        JSON.stringify(tags),
      ),
    remove(arn) {
      for (const removal of removals) removal.run(arn);
    },
  };
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

/**
 * What machines have been, in the journal. A revision outlives its machine, for the executions that still run
 * it.
 */
export interface RevisionStore {
  add(revision: Omit<Revision, 'id' | 'uuid'>): Revision;
  byId(id: number): Revision;
  /**
   * The compiled definition of a revision, compiled once, or the processor of its Map state called `state`.
   */
  program(revision: number, state: string): Program;
}

export function revisionStore(
  { db }: Journal,
  compile: (definition: string) => { readonly program: Program },
): RevisionStore {
  const insert = prepare<Revision>(
    db,
    'INSERT INTO states_revisions (machine, uuid, definition, role, updated) VALUES (?, ?, ?, ?, ?) RETURNING *',
  );
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
    program(id, state) {
      const program = programs.get(id) ?? compile(byId(id).definition).program;
      programs.set(id, program);
      return processorOf(program, state);
    },
  };
}

/**
 * The machine's own program, or the processor of the Map state called `state`, wherever in the machine it is.
 */
function processorOf(program: Program, state: string): Program {
  if (state === '') return program;
  for (const found of processorsIn(program, state)) return found;
  throw new Error(`there is no Map state '${state}'`);
}

function* processorsIn(program: Program, state: string): Generator<Program> {
  for (const [name, { behaviour }] of program.states) {
    for (const inner of behaviour.programs ?? []) {
      if (name === state) yield inner;
      yield* processorsIn(inner, state);
    }
  }
}

/** A published version of a machine. */
export interface Version {
  readonly arn: string;
  readonly machine: string;
  readonly number: number;
  readonly revision: number;
  readonly description: string | null;
  readonly created: number;
}

/** One way that an alias sends executions. */
export interface Route {
  readonly stateMachineVersionArn: string;
  /** Per cent. */
  readonly weight: number;
}

export interface Alias {
  readonly arn: string;
  readonly machine: string;
  readonly name: string;
  readonly description: string | null;
  readonly routing: readonly Route[];
  readonly created: number;
  readonly updated: number;
}

type AliasRow = Omit<Alias, 'routing'> & { readonly routing: string };

/** Versions and aliases in the journal. */
export interface VersionStore {
  version(arn: string): Version | undefined;
  versionOf(machine: string, revision: number): Version | undefined;
  /** Newest first. */
  versions(machine: string): readonly Version[];
  addVersion(version: Version): void;
  removeVersion(arn: string): void;
  alias(arn: string): Alias | undefined;
  aliases(machine: string): readonly Alias[];
  saveAlias(alias: Alias): void;
  removeAlias(arn: string): void;
}

export function versionStore({ db }: Journal): VersionStore {
  const version = prepare<Version>(db, 'SELECT * FROM states_versions WHERE arn = ?');
  const versionOf = prepare<Version>(
    db,
    'SELECT * FROM states_versions WHERE machine = ? AND revision = ? ORDER BY number DESC',
  );
  const versions = prepare<Version>(
    db,
    'SELECT * FROM states_versions WHERE machine = ? ORDER BY number DESC',
  );
  const addVersion = prepare(db, 'INSERT INTO states_versions VALUES (?, ?, ?, ?, ?, ?)');
  const removeVersion = prepare(db, 'DELETE FROM states_versions WHERE arn = ?');
  const alias = prepare<AliasRow>(db, 'SELECT * FROM states_aliases WHERE arn = ?');
  const aliases = prepare<AliasRow>(db, 'SELECT * FROM states_aliases WHERE machine = ? ORDER BY name');
  const saveAlias = prepare(db, 'INSERT OR REPLACE INTO states_aliases VALUES (?, ?, ?, ?, ?, ?, ?)');
  const removeAlias = prepare(db, 'DELETE FROM states_aliases WHERE arn = ?');
  const read = (row: AliasRow): Alias => ({ ...row, routing: fromJson(row.routing) });
  return {
    version: (arn) => version.get(arn),
    versionOf: (machine, revision) => versionOf.get(machine, revision),
    versions: (machine) => versions.all(machine),
    addVersion: ({ arn, machine, number, revision, description, created }) =>
      void addVersion.run(arn, machine, number, revision, description, created),
    removeVersion: (arn) => void removeVersion.run(arn),
    alias(arn) {
      const row = alias.get(arn);
      return row && read(row);
    },
    aliases: (machine) => aliases.all(machine).map(read),
    saveAlias: ({ arn, machine, name, description, routing, created, updated }) =>
      void saveAlias.run(arn, machine, name, description, JSON.stringify(routing), created, updated),
    removeAlias: (arn) => void removeAlias.run(arn),
  };
}
