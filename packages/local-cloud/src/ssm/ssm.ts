import { ApiError, type Journal, type JsonActions } from '../ports.ts';
import { prepare } from '../rows.ts';

interface Row {
  name: string;
  version: number;
  type: string;
  value: string;
  modified_at: number;
}

type Input = Record<string, unknown>;

export interface Ssm {
  readonly actions: JsonActions;
  /** Sets a parameter unless it exists. */
  provide(name: string, value: string): Promise<void>;
}

const MAX_VALUE_BYTES = 8192;
const SCHEMA = `CREATE TABLE IF NOT EXISTS ssm_parameter (
  name TEXT NOT NULL, version INTEGER NOT NULL, type TEXT NOT NULL, value TEXT NOT NULL, modified_at INTEGER NOT NULL, PRIMARY KEY (name, version)) WITHOUT ROWID`;

/** SSM's parameters, every version kept. */
export function openSsm({ journal, now, arnOf }: { journal: Journal; now: () => number; arnOf: (name: string) => string }): Ssm {
  journal.write(() => journal.db.exec(SCHEMA));
  const columns = 'name, version, type, value, modified_at';
  const latest = prepare<Row>(journal.db, `SELECT ${columns} FROM ssm_parameter WHERE name = ? ORDER BY version DESC LIMIT 1`);
  const exact = prepare<Row>(journal.db, `SELECT ${columns} FROM ssm_parameter WHERE name = ? AND version = ?`);
  const all = prepare<Row>(journal.db, `SELECT name, max(version) AS version, type, value, modified_at FROM ssm_parameter GROUP BY name ORDER BY name`);
  const history = prepare<Row>(journal.db, `SELECT ${columns} FROM ssm_parameter WHERE name = ? ORDER BY version`);
  const add = prepare(journal.db, `INSERT INTO ssm_parameter (${columns}) VALUES (?, ?, ?, ?, ?)`);
  const drop = prepare(journal.db, 'DELETE FROM ssm_parameter WHERE name = ?');

  const find = (selector: string): Row | undefined => {
    const [, name = selector, version] = /^(.*?)(?::(\d+))?$/.exec(selector) ?? [];
    return version === undefined ? latest.get(name) : exact.get(name, Number(version));
  };
  const describe = ({ name, version, type, value, modified_at }: Row): object => ({
    Name: name,
    Type: type,
    Value: value,
    Version: version,
    LastModifiedDate: modified_at / 1000,
    ARN: arnOf(name),
    DataType: 'text',
  });
  const put = async (name: string, value: string, type: string): Promise<number> => {
    const version = (latest.get(name)?.version ?? 0) + 1;
    journal.write(() => void add.run(name, version, type, value, now()));
    await journal.flush();
    return version;
  };
  const remove = async (names: readonly string[]): Promise<string[]> => {
    const deleted: string[] = [];
    journal.write(() => deleted.push(...names.filter((name) => drop.run(name) > 0)));
    await journal.flush();
    return deleted;
  };
  return {
    provide: async (name, value) => {
      if (latest.get(name) === undefined) await put(name, value, 'String');
    },
    actions: {
      PutParameter: async (input) => {
        const [name, value] = [requireText(input, 'Name'), requireText(input, 'Value')];
        if (Buffer.byteLength(value) > MAX_VALUE_BYTES) throw new ApiError('ValidationException', `a parameter holds at most ${MAX_VALUE_BYTES} bytes`);
        const current = latest.get(name);
        if (current !== undefined && input['Overwrite'] !== true) {
          throw new ApiError(
            'ParameterAlreadyExists',
            'The parameter already exists. To overwrite this value, set the overwrite option in the request to true.',
          );
        }
        const type = typeof input['Type'] === 'string' ? input['Type'] : (current?.type ?? 'String');
        return { Version: await put(name, value, type), Tier: 'Standard' };
      },
      GetParameter: async (input) => {
        const row = find(requireText(input, 'Name'));
        if (row === undefined) throw new ApiError('ParameterNotFound', `Parameter ${requireText(input, 'Name')} not found.`);
        return { Parameter: describe(row) };
      },
      GetParameters: async (input) => {
        const found = texts(input, 'Names').map((name) => ({ name, row: find(name) }));
        return {
          Parameters: found.flatMap(({ row }) => (row === undefined ? [] : [describe(row)])),
          InvalidParameters: found.filter(({ row }) => row === undefined).map(({ name }) => name),
        };
      },
      GetParametersByPath: async (input) => ({ Parameters: belowPath(all.all(), input).map(describe) }),
      GetParameterHistory: async (input) => ({ Parameters: history.all(requireText(input, 'Name')).map(describe) }),
      DeleteParameter: async (input) => {
        const name = requireText(input, 'Name');
        if ((await remove([name])).length === 0) throw new ApiError('ParameterNotFound', `Parameter ${name} not found.`);
        return {};
      },
      DeleteParameters: async (input) => {
        const names = texts(input, 'Names');
        const deleted = await remove(names);
        return { DeletedParameters: deleted, InvalidParameters: names.filter((name) => !deleted.includes(name)) };
      },
    },
  };
}

function belowPath(rows: readonly Row[], input: Input): Row[] {
  const path = requireText(input, 'Path').replace(/\/?$/, '/');
  const direct = (name: string): boolean => input['Recursive'] === true || !name.slice(path.length).includes('/');
  return rows.filter(({ name }) => name.startsWith(path) && direct(name));
}

function requireText(input: Input, name: string): string {
  const value = input[name];
  if (typeof value !== 'string' || value === '') throw new ApiError('ValidationException', `${name} is missing`);
  return value;
}

function texts(input: Input, name: string): string[] {
  const value = input[name];
  return Array.isArray(value) ? value.map(String) : [];
}
