import { createRequire } from 'node:module';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** dynalite's database: tables and items in one LevelDB. */
export interface DynaliteStore {
  readonly db: Level;
  getItemDb(table: string): { get(key: string, callback: (error: unknown, item?: Item) => void): void };
  readonly tableDb: {
    awsAccountId: string;
    awsRegion: string;
    get(name: string, callback: (error: unknown, table?: Table) => void): void;
    put(name: string, table: Table, callback: (error: unknown) => void): void;
    del(name: string, callback: (error: unknown) => void): void;
  };
  getTable(name: string, checkStatus: boolean, callback: (error: unknown, table: Table) => void): void;
}

type Item = Readonly<Record<string, unknown>>;
type Write = (...parts: unknown[]) => Promise<unknown>;

/**
 * LevelDB below dynalite: what it does itself begins with a line, as every database of that family has it.
 */
interface Level {
  close(): Promise<void>;
  get(key: string, callback: (error: unknown, value?: unknown) => void): void;
  put(key: string, value: unknown, callback: (error: unknown) => void): void;
  _put: Write;
  _del: Write;
  _batch: Write;
}

/** The part of a table's description that says whether it may be used. */
interface Table {
  readonly KeySchema?: readonly { readonly AttributeName: string }[];
  TableStatus: string;
  GlobalSecondaryIndexes?: { IndexStatus: string }[];
}

/** An action's answer, or the error document and status that DynamoDB would send. */
export type DynaliteAnswer = { readonly status: number; readonly output: unknown };

/** What an action validates its input against. */
interface Validation {
  readonly types: object;
  readonly custom?: (data: object) => string | undefined;
}

/** dynalite's validations and actions throw, or give, errors that carry the wire's answer. */
interface Refusal {
  readonly statusCode: number;
  readonly body: unknown;
}

interface Validations {
  checkTypes(data: object, types: object): object;
  checkValidations(data: object, types: object, custom: Validation['custom'], store: DynaliteStore): void;
}

type Action = (
  store: DynaliteStore,
  data: object,
  callback: (error: unknown, output: unknown) => void,
) => void;

const require = createRequire(import.meta.url);
/** The actions that dynalite has. */
export const ACTIONS: readonly string[] =
  'BatchGetItem BatchWriteItem CreateTable DeleteItem DeleteTable DescribeTable DescribeTimeToLive GetItem ListTables ListTagsOfResource PutItem Query Scan TagResource UntagResource UpdateItem UpdateTable'.split(
    ' ',
  );

/** Opens (or creates) the database in a directory. */
export function openStore(
  path: string,
  { account, region, durable }: { account: string; region: string; durable: boolean },
): DynaliteStore {
  const database: { create(options: object): DynaliteStore } = require('dynalite/db');
  const store = database.create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  Object.assign(store.tableDb, { awsAccountId: account, awsRegion: region });
  if (durable) syncWrites(store.db);
  keepDescriptions(store.tableDb);
  return store;
}

/**
 * dynalite reads the description of a table before each action on it. Kept as text: whoever asks may change
 * what they get.
 */
function keepDescriptions(tables: DynaliteStore['tableDb']): void {
  const [get, put, del] = [tables.get.bind(tables), tables.put.bind(tables), tables.del.bind(tables)];
  const known = new Map<string, string>();
  let changes = 0;
  /** Also what is being read meanwhile is not kept. */
  const changed = (name: string, callback: (error: unknown) => void) => {
    const forget = () => {
      changes += 1;
      known.delete(name);
    };
    forget();
    return (error: unknown) => {
      forget();
      callback(error);
    };
  };
  tables.get = (name, callback) => {
    const text = known.get(name);
    if (text !== undefined) {
      queueMicrotask(() => callback(null, JSON.parse(text)));
      return;
    }
    const before = changes;
    get(name, (error, table) => {
      if (!error && changes === before) known.set(name, JSON.stringify(table));
      callback(error, table);
    });
  };
  tables.put = (name, table, callback) => put(name, table, changed(name, callback));
  tables.del = (name, callback) => del(name, changed(name, callback));
}

/** dynalite asks for no sync; with it, what was acknowledged survives a power failure too. */
function syncWrites(db: Level): void {
  for (const name of ['_put', '_del', '_batch'] as const) {
    const write = db[name].bind(db);
    db[name] = (...parts) => write(...parts.slice(0, -1), { ...Object(parts.at(-1)), sync: true });
  }
}

/** What became of a write that was only looked at. */
export interface CheckedWrite {
  /** Why it would be refused. */
  readonly refused: DynaliteAnswer | undefined;
  /** The item as it is now. */
  readonly old: Item | undefined;
  readonly key: Item;
  /** Table and key as one text. */
  readonly place: string;
}

interface Engine {
  createKey(item: object, table: object): string;
  validateKey(key: object, table: object): Error | undefined;
  validateItem(item: object, table: object): Error | undefined;
  checkConditional(data: object, item: Item | undefined): Error | undefined | null;
}

/** Holds a put, update or delete against its table and its condition, and writes nothing. */
export async function checkWrite(store: DynaliteStore, action: string, input: object): Promise<CheckedWrite> {
  const name = action.charAt(0).toLowerCase() + action.slice(1);
  const validations: Validations = require('dynalite/validations');
  const validation: Validation = require(`dynalite/validations/${name}`);
  const engine: Engine = require('dynalite/db');
  const refused = (error: Refusal): CheckedWrite => ({
    refused: { status: error.statusCode, output: error.body },
    old: undefined,
    key: {},
    place: JSON.stringify(input),
  });
  try {
    const data: CheckedInput = validations.checkTypes(input, validation.types) as CheckedInput; // checked against the types
    validations.checkValidations(data, validation.types, validation.custom, store);
    const table = await promised<Table>((callback) => store.getTable(data.TableName, true, callback));
    const whole = data.Item ?? data.Key ?? {};
    const invalid = data.Item ? engine.validateItem(whole, table) : engine.validateKey(whole, table);
    if (invalid) throw invalid;
    const address = engine.createKey(whole, table);
    const old = await found(store, data.TableName, address);
    const failed = engine.checkConditional(data, old);
    const names = (table.KeySchema ?? []).map(({ AttributeName }) => AttributeName);
    const key = Object.fromEntries(names.map((each) => [each, whole[each]]));
    const place = `${data.TableName}/${address}`;
    return { refused: isRefusal(failed) ? refused(failed).refused : undefined, old, key, place };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return refused(error);
  }
}

interface CheckedInput {
  readonly TableName: string;
  readonly Item?: Item;
  readonly Key?: Item;
}

function found(store: DynaliteStore, table: string, key: string): Promise<Item | undefined> {
  return new Promise((resolve, reject) =>
    store.getItemDb(table).get(key, (error, item) => {
      if (error && !isMissing(error)) reject(error);
      else resolve(item);
    }),
  );
}

function isMissing(error: unknown): boolean {
  return (
    error instanceof Error &&
    (error.name === 'NotFoundError' || Reflect.get(error, 'code') === 'LEVEL_NOT_FOUND')
  );
}

/** Keeps a list beside the tables, under a name that no table can have. */
export function writeNote(store: DynaliteStore, name: string, list: readonly unknown[]): Promise<unknown> {
  return promised<unknown>((callback) =>
    store.db.put(`.${name}`, list, (error) => callback(error, undefined)),
  );
}

/** Undefined: there is no such list. */
export function readNote<T>(store: DynaliteStore, name: string): Promise<readonly T[] | undefined> {
  return new Promise((resolve, reject) =>
    store.db.get(`.${name}`, (error, list) => {
      if (error && !isMissing(error)) reject(error);
      else resolve(Array.isArray(list) ? list : undefined);
    }),
  );
}

/**
 * Finishes the creation of tables that a crash interrupted between the two writes it takes: dynalite itself
 * would wait for ever.
 */
export async function finishCreations(store: DynaliteStore): Promise<void> {
  const { output } = await runAction(store, 'ListTables', {});
  const names: unknown =
    typeof output === 'object' && output !== null ? Reflect.get(output, 'TableNames') : [];
  for (const name of Array.isArray(names) ? names.map(String) : []) {
    const table = await promised<Table>((callback) => store.getTable(name, false, callback));
    if (table.TableStatus !== 'CREATING') continue;
    for (const index of table.GlobalSecondaryIndexes ?? []) index.IndexStatus = 'ACTIVE';
    await promised<unknown>((callback) =>
      store.tableDb.put(name, { ...table, TableStatus: 'ACTIVE' }, (error) => callback(error, undefined)),
    );
  }
}

/** Waits until a table is gone: dynalite removes it a moment after it has answered. */
export async function finishDeletion(store: DynaliteStore, TableName: string): Promise<void> {
  while ((await runAction(store, 'DescribeTable', { TableName })).status === 200) await nextTurn();
}

/** True for an action that dynalite has. */
export function isAction(action: string): boolean {
  return ACTIONS.includes(action);
}

/** Runs one action as dynalite's own server does: types, then rules, then the action. */
export async function runAction(
  store: DynaliteStore,
  action: string,
  input: object,
): Promise<DynaliteAnswer> {
  const name = action.charAt(0).toLowerCase() + action.slice(1);
  const validations: Validations = require('dynalite/validations');
  const validation: Validation = require(`dynalite/validations/${name}`);
  const run: Action = require(`dynalite/actions/${name}`);
  try {
    const data = validations.checkTypes(input, validation.types);
    validations.checkValidations(data, validation.types, validation.custom, store);
    return { status: 200, output: await promised<unknown>((callback) => run(store, data, callback)) };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return { status: error.statusCode, output: error.body };
  }
}

function promised<Output>(
  start: (callback: (error: unknown, output: Output) => void) => void,
): Promise<Output> {
  return new Promise((resolve, reject) =>
    start((error, output) => (error ? reject(error) : resolve(output))),
  );
}

function isRefusal(error: unknown): error is Refusal {
  return typeof error === 'object' && error !== null && 'statusCode' in error && 'body' in error;
}
