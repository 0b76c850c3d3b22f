import { createRequire } from 'node:module';
import type { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Level } from './journal-level.ts';

/** dynalite's database: tables and items under one order of keys. */
export interface DynaliteStore {
  readonly db: Level;
  getItemDb(table: string): { get(key: string, callback: (error: unknown, item?: Item) => void): void };
  readonly tableDb: {
    awsAccountId: string;
    awsRegion: string;
    put(name: string, table: Table, callback: (error: unknown) => void): void;
    createKeyStream: () => Readable;
  };
  getTable(name: string, checkStatus: boolean, callback: (error: unknown, table: Table) => void): void;
}

type Item = Readonly<Record<string, unknown>>;
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

/** dynalite's keys of tables begin so. */
const TABLES = 'table~';

/** Opens dynalite over a database of ours. */
export function openStore(
  db: Level,
  { account, region }: { account: string; region: string },
): DynaliteStore {
  const database: { create(options: object): DynaliteStore } = require('dynalite/db');
  // without a path it makes itself one in memory, whose methods are replaced: it calls no others
  const store = database.create({ createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  Object.assign(store.db, db);
  Object.assign(store.tableDb, { awsAccountId: account, awsRegion: region });
  // its own goes through all items of all tables
  store.tableDb.createKeyStream = () =>
    db.createKeyStream({ gte: TABLES, lt: `${TABLES}\xFF` }).map((key: string) => key.slice(TABLES.length));
  return store;
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
  return promised((callback) => store.getItemDb(table).get(key, callback));
}

/** Keeps a list beside the tables, under a name that no table can have. */
export function writeNote(store: DynaliteStore, name: string, list: readonly unknown[]): Promise<unknown> {
  return promised<unknown>((callback) =>
    store.db.put(`.${name}`, list, (error) => callback(error, undefined)),
  );
}

/** Undefined: there is no such list. */
export async function readNote<T>(store: DynaliteStore, name: string): Promise<readonly T[] | undefined> {
  const list = await promised((callback) => store.db.get(`.${name}`, callback));
  return Array.isArray(list) ? list : undefined;
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
