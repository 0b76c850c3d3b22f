import type { Journal } from '../../ports.ts';
import { fromJson, prepare } from '../../rows.ts';

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
  const versionOf = prepare<Version>(db, 'SELECT * FROM states_versions WHERE machine = ? AND revision = ? ORDER BY number DESC');
  const versions = prepare<Version>(db, 'SELECT * FROM states_versions WHERE machine = ? ORDER BY number DESC');
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
    addVersion: ({ arn, machine, number, revision, description, created }) => void addVersion.run(arn, machine, number, revision, description, created),
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
