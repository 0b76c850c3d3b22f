import { ApiError, type Items, type Journal, type JsonActions } from '@statebag/states';
import type { ItemsService } from '../gateway/gateway.ts';
import {
  ACTIONS,
  type DynaliteAnswer,
  type DynaliteStore,
  finishCreations,
  finishDeletion,
  isAction,
  openStore,
  runAction,
} from './dynalite-store.ts';
import { journalLevel } from './journal-level.ts';
import { takeOver } from './level-folder.ts';
import { openTimeToLive } from './time-to-live.ts';
import { openTransactions } from './transactions.ts';
import { openTurns } from './turns.ts';

export interface DynamoDb extends Items {
  readonly serve: ItemsService;
  /** The same by name. */
  readonly actions: JsonActions;
  close(): Promise<void>;
}

/**
 * DynamoDB by dynalite, without its server: the gateway has parsed and verified, dynalite validates and acts.
 */
export function openDynamoDb(
  journal: Journal,
  {
    dataDir,
    now,
    isProtected,
    ...place
  }: {
    account: string;
    region: string;
    dataDir: string;
    now: () => number;
    isProtected: (table: string) => boolean;
  },
): DynamoDb {
  const level = journalLevel(journal);
  const store = openStore(level, place);
  const transactions = openTransactions(store);
  const timeToLive = openTimeToLive(store, now);
  const turns = openTurns();
  const ready = takeOver(dataDir, { level, journal })
    .then(() => finishCreations(store))
    .then(transactions.recover)
    .then(timeToLive.recover);
  const underWay = new Set<Promise<unknown>>();
  let closing = false;
  const answer: ItemsService = (action, input) => {
    // dynalite throws where nobody can catch it once its store is closed.
    if (closing)
      return Promise.reject(
        new ApiError('InternalServerError', 'the local cloud is closing', { status: 500 }),
      );
    const answering = durably(action, input).finally(() => underWay.delete(answering));
    underWay.add(answering);
    return answering;
  };
  const durably: ItemsService = async (action, input) => {
    const answered = await act(action, input);
    if (answered.status === 200 && !READS.has(action)) await journal.flush();
    return answered;
  };
  const act: ItemsService = async (action, input) => {
    await ready;
    const asked = { ...input };
    if (timeToLive.isDue(asked)) await turns.alone(timeToLive.sweep);
    const answered = await run(action, input);
    if (answered.status === 200) await timeToLive.seen(action, asked);
    return answered;
  };
  const run: ItemsService = (action, input) => {
    if (action === 'DeleteTable' && isProtected(String(Reflect.get(input, 'TableName'))))
      return Promise.resolve(PROTECTED);
    if (action === 'TransactWriteItems') return turns.alone(() => transactions.write(input));
    if (action === 'TransactGetItems') return turns.alone(() => transactions.read(input));
    return turns.beside(() => timeToLive.act(action, { ...input }) ?? single(store, action, input));
  };
  const call = async (action: string, input: unknown): Promise<object> => {
    const asked = typeof input === 'object' && input !== null ? input : {};
    const { status, output } = await answer(action, asked);
    if (status === 200 && typeof output === 'object' && output !== null) return output;
    throw errorOf(output, status);
  };
  return {
    serve: answer,
    call,
    actions: Object.fromEntries(
      [...ACTIONS, 'TransactWriteItems', 'TransactGetItems', 'UpdateTimeToLive'].map((action) => [
        action,
        (input) => call(action, input),
      ]),
    ),
    close: async () => {
      closing = true;
      await ready;
      await Promise.allSettled(underWay);
      level.close();
    },
  };
}

const PROTECTED = {
  status: 400,
  output: {
    __type: 'com.amazon.coral.validate#ValidationException',
    message:
      'Resource cannot be deleted as it is currently protected against deletion. Disable deletion protection first.',
  },
};

/** An action that dynalite has. */
async function single(store: DynaliteStore, action: string, input: object): Promise<DynaliteAnswer> {
  if (!isAction(action))
    throw new ApiError('UnknownOperationException', `${action} is not an operation of the local cloud`);
  // dynalite takes members out of its input that it does not know
  const asked = { ...input };
  const answered = await withOldItem(store, { action, input: asked }, await runAction(store, action, input));
  // dynalite calls a new table active a moment after it has answered, and has a removed one as long: who is told
  // that it is there may use it, who is told that it goes may make another one.
  if (action === 'CreateTable' && answered.status === 200) await finishCreations(store);
  if (action === 'DeleteTable' && answered.status === 200)
    await finishDeletion(store, String(Reflect.get(input, 'TableName')));
  return answered;
}

/** Actions that write nothing which whoever asked has to find again. */
const READS: ReadonlySet<string> = new Set([
  'BatchGetItem',
  'DescribeTable',
  'DescribeTimeToLive',
  'GetItem',
  'ListTables',
  'ListTagsOfResource',
  'Query',
  'Scan',
  'TransactGetItems',
]);

/** Actions on one item that may ask for it where their condition does not hold. */
const CONDITIONAL: ReadonlySet<string> = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);

/** dynalite leaves the item out: it is read behind the refusal, as it is then. */
async function withOldItem(
  store: DynaliteStore,
  { action, input }: { action: string; input: object },
  answered: DynaliteAnswer,
): Promise<DynaliteAnswer> {
  const { ReturnValuesOnConditionCheckFailure: wanted, TableName, Item, Key } = input as ConditionalInput; // read only where there
  const { output } = answered;
  if (!CONDITIONAL.has(action) || wanted !== 'ALL_OLD' || !isRefusedCondition(output)) return answered;
  const key = Key ?? (await keyOf(store, { TableName, Item: Item ?? {} }));
  const found = await runAction(store, 'GetItem', { TableName, Key: key, ConsistentRead: true });
  return { ...answered, output: { ...output, ...(found.output as object) } }; // an answer of DynamoDB is an object
}

interface ConditionalInput {
  readonly ReturnValuesOnConditionCheckFailure?: string;
  readonly TableName?: string;
  readonly Item?: Readonly<Record<string, unknown>>;
  readonly Key?: object;
}

function isRefusedCondition(output: unknown): output is object {
  if (typeof output !== 'object' || output === null) return false;
  return String(Reflect.get(output, '__type')).endsWith('ConditionalCheckFailedException');
}

/** The key attributes of an item, by the table's schema. */
async function keyOf(
  store: DynaliteStore,
  { TableName, Item }: { TableName: string | undefined; Item: Readonly<Record<string, unknown>> },
): Promise<object> {
  const { output } = await runAction(store, 'DescribeTable', { TableName });
  const { Table } = output as { Table: { KeySchema: readonly { AttributeName: string }[] } }; // dynalite's own form
  return Object.fromEntries(Table.KeySchema.map(({ AttributeName: name }) => [name, Item[name]]));
}

function errorOf(output: unknown, status: number): ApiError {
  const fields = typeof output === 'object' && output !== null ? Object.entries(output) : [];
  const text = (...names: string[]): string =>
    String(fields.find(([name]) => names.includes(name))?.[1] ?? '');
  const rest = fields.filter(([name]) => !['__type', 'message', 'Message'].includes(name));
  return new ApiError(text('__type').split('#').at(-1) ?? '', text('message', 'Message'), {
    status,
    fields: Object.fromEntries(rest),
  });
}
