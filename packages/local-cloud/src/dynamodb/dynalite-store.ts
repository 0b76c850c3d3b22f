import { createRequire } from 'node:module';

/** dynalite's database: tables and items in one LevelDB. */
export interface DynaliteStore {
  readonly db: { close(): Promise<void> };
  readonly tableDb: { awsAccountId: string; awsRegion: string; put(name: string, table: Table, callback: (error: unknown) => void): void };
  getTable(name: string, checkStatus: boolean, callback: (error: unknown, table: Table) => void): void;
}

/** The part of a table's description that says whether it may be used. */
interface Table {
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

type Action = (store: DynaliteStore, data: object, callback: (error: unknown, output: unknown) => void) => void;

const require = createRequire(import.meta.url);
const ACTIONS = new Set(
  'BatchGetItem BatchWriteItem CreateTable DeleteItem DeleteTable DescribeTable DescribeTimeToLive GetItem ListTables ListTagsOfResource PutItem Query Scan TagResource UntagResource UpdateItem UpdateTable'.split(
    ' ',
  ),
);

/** Opens (or creates) the database in a directory. */
export function openStore(path: string, { account, region }: { account: string; region: string }): DynaliteStore {
  const database: { create(options: object): DynaliteStore } = require('dynalite/db');
  const store = database.create({ path, createTableMs: 0, deleteTableMs: 0, updateTableMs: 0 });
  Object.assign(store.tableDb, { awsAccountId: account, awsRegion: region });
  return store;
}

/** Finishes the creation of tables that a crash interrupted between the two writes it takes: dynalite itself would wait for ever. */
export async function finishCreations(store: DynaliteStore): Promise<void> {
  const { output } = await runAction(store, 'ListTables', {});
  const names: unknown = typeof output === 'object' && output !== null ? Reflect.get(output, 'TableNames') : [];
  for (const name of Array.isArray(names) ? names.map(String) : []) {
    const table = await promised<Table>((callback) => store.getTable(name, false, callback));
    if (table.TableStatus !== 'CREATING') continue;
    for (const index of table.GlobalSecondaryIndexes ?? []) index.IndexStatus = 'ACTIVE';
    await promised<unknown>((callback) => store.tableDb.put(name, { ...table, TableStatus: 'ACTIVE' }, (error) => callback(error, undefined)));
  }
}

/** True for an action that dynalite has. */
export function isAction(action: string): boolean {
  return ACTIONS.has(action);
}

/** Runs one action as dynalite's own server does: types, then rules, then the action. */
export async function runAction(store: DynaliteStore, action: string, input: object): Promise<DynaliteAnswer> {
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

function promised<Output>(start: (callback: (error: unknown, output: Output) => void) => void): Promise<Output> {
  return new Promise((resolve, reject) => start((error, output) => (error ? reject(error) : resolve(output))));
}

function isRefusal(error: unknown): error is Refusal {
  return typeof error === 'object' && error !== null && 'statusCode' in error && 'body' in error;
}
