import type { Journal } from '../../ports.ts';
import { fromJson, prepare } from '../../rows.ts';

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
  const removals = ['states_aliases WHERE machine = ?', 'states_versions WHERE machine = ?', 'states_machines WHERE arn = ?'].map((what) =>
    prepare(db, `DELETE FROM ${what}`),
  );
  const read = (row: MachineRow): Machine => ({ ...row, settings: fromJson(row.settings), tags: fromJson(row.tags) });

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
  };
}
