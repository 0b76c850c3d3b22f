import { type Journal, prepare } from '@statebag/states';

/** One version of a parameter. */
export interface Parameter {
  readonly name: string;
  readonly version: number;
  readonly type: string;
  readonly value: string;
  readonly modified_at: number;
}

/** Parameters, every version kept. */
export interface ParameterStore {
  /** The newest version of a name, or the one of `name:version`. */
  find(selector: string): Parameter | undefined;
  /** The newest version of every parameter, by name. */
  all(): Parameter[];
  history(name: string): Parameter[];
  /** Adds a version and gives its number. */
  put(name: string, value: string, type: string): number;
  /** Forgets a parameter with its history; false when there was none. */
  remove(name: string): boolean;
}

const SCHEMA = `CREATE TABLE IF NOT EXISTS ssm_parameter (
  name TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL, modified_at INTEGER NOT NULL, PRIMARY KEY (name, version)) WITHOUT ROWID`;

/** The parameters in the journal's database. */
export function openParameterStore(journal: Journal, now: () => number): ParameterStore {
  journal.write(() => journal.db.exec(SCHEMA));
  const columns = 'name, version, type, value, modified_at';
  const latest = prepare<Parameter>(
    journal.db,
    `SELECT ${columns} FROM ssm_parameter WHERE name = ? ORDER BY version DESC LIMIT 1`,
  );
  const exact = prepare<Parameter>(
    journal.db,
    `SELECT ${columns} FROM ssm_parameter WHERE name = ? AND version = ?`,
  );
  const all = prepare<Parameter>(
    journal.db,
    'SELECT name, max(version) AS version, type, value, modified_at FROM ssm_parameter GROUP BY name ORDER BY name',
  );
  const history = prepare<Parameter>(
    journal.db,
    `SELECT ${columns} FROM ssm_parameter WHERE name = ? ORDER BY version`,
  );
  const add = prepare(journal.db, `INSERT INTO ssm_parameter (${columns}) VALUES (?, ?, ?, ?, ?)`);
  const drop = prepare(journal.db, 'DELETE FROM ssm_parameter WHERE name = ?');
  return {
    all: () => all.all(),
    history: (name) => history.all(name),
    find: (selector) => {
      const [, name = selector, version] = /^(.*?)(?::(\d+))?$/.exec(selector) ?? [];
      return version === undefined ? latest.get(name) : exact.get(name, Number(version));
    },
    put: (name, value, type) => {
      const version = (latest.get(name)?.version ?? 0) + 1;
      journal.write(() => void add.run(name, version, type, value, now()));
      return version;
    },
    remove: (name) => {
      let removed = 0;
      journal.write(() => {
        removed = drop.run(name);
      });
      return removed > 0;
    },
  };
}
