import { ApiError } from '@statebag/states';
import { type DynaliteAnswer, type DynaliteStore, readNote, runAction, writeNote } from './dynalite-store.ts';

type Input = Readonly<Record<string, unknown>>;
type Item = Readonly<Record<string, { readonly N?: string } | undefined>>;

/** Which attribute of a table's items says when they end. */
interface Setting {
  readonly table: string;
  readonly attribute: string;
}

/** Where the store keeps the settings. */
const NOTE = 'time-to-live';
/** The service leaves an item that ended longer ago, as its time is taken for a mistake. */
const LONGEST_AGO_SECONDS = 5 * 365 * 86_400;

export interface TimeToLive {
  /** Reads the settings of an earlier process. */
  recover(): Promise<void>;
  /** The actions of its own; undefined: the action is another one's. */
  act(action: string, input: Input): Promise<DynaliteAnswer> | undefined;
  /** True: the action may come upon an item that has ended, so these are to be removed before it. */
  isDue(input: Input): boolean;
  /** Removes what has ended. Nothing else may happen in the store meanwhile. */
  sweep(): Promise<void>;
  /** Told of every action that was answered. */
  seen(action: string, input: Input): Promise<void>;
}

/**
 * Items end by the clock at their second, where the service takes up to some days. They are removed when an
 * action could come upon them: a timer for each would send a virtual clock to its end.
 */
export function openTimeToLive(store: DynaliteStore, now: () => number): TimeToLive {
  const attributes = new Map<string, string>();
  /** The second in which the first item of a table ends; none: no item has an end. */
  const first = new Map<string, number>();
  const expect = (table: string, item: Item | undefined): void => {
    const end = endOf(item, attributes.get(table));
    if (end !== undefined) first.set(table, Math.min(first.get(table) ?? end, end));
  };
  const set = async (table: string, attribute: string | undefined): Promise<void> => {
    first.delete(table);
    if (attribute === undefined) attributes.delete(table);
    else attributes.set(table, attribute);
    await writeNote(
      store,
      NOTE,
      [...attributes].map(([name, value]) => ({ table: name, attribute: value })),
    );
    if (attribute !== undefined) first.set(table, 0);
  };
  const isOver = (table: string): boolean => (first.get(table) ?? Number.POSITIVE_INFINITY) * 1000 <= now();
  return {
    async recover() {
      for (const { table, attribute } of (await readNote<Setting>(store, NOTE)) ?? []) {
        attributes.set(table, attribute);
        first.set(table, 0);
      }
    },
    act(action, input) {
      if (action === 'UpdateTimeToLive') return update(store, { attributes, set }, input);
      return action === 'DescribeTimeToLive' ? describe(store, attributes, input) : undefined;
    },
    isDue: (input) => first.size > 0 && tablesIn(input).some(isOver),
    async sweep() {
      for (const table of [...first.keys()].filter(isOver)) {
        first.delete(table);
        for await (const { item, key } of itemsOf(store, table)) {
          const end = endOf(item, attributes.get(table));
          if (end === undefined || end * 1000 > now()) expect(table, item);
          else if (end * 1000 > now() - LONGEST_AGO_SECONDS * 1000)
            await runAction(store, 'DeleteItem', { TableName: table, Key: key });
        }
      }
    },
    async seen(action, input) {
      if (action === 'DeleteTable' && attributes.has(String(input['TableName'])))
        await set(String(input['TableName']), undefined);
      for (const { table, item, key } of writesIn(action, input)) {
        if (!attributes.has(table)) continue;
        expect(table, item ?? (await itemAt(store, table, key)));
      }
    },
  };
}

async function update(
  store: DynaliteStore,
  {
    attributes,
    set,
  }: {
    attributes: ReadonlyMap<string, string>;
    set(table: string, attribute: string | undefined): Promise<void>;
  },
  { TableName, TimeToLiveSpecification: specification }: Input,
): Promise<DynaliteAnswer> {
  const found = await runAction(store, 'DescribeTable', { TableName });
  if (found.status !== 200) return found;
  const { Enabled: enabled, AttributeName: attribute } = Object(specification) as Input; // looked at below
  if (typeof enabled !== 'boolean' || typeof attribute !== 'string' || attribute === '')
    throw new ApiError('ValidationException', 'TimeToLiveSpecification needs Enabled and AttributeName');
  const table = String(TableName);
  const now = attributes.get(table);
  if (enabled === (now !== undefined))
    throw new ApiError('ValidationException', `TimeToLive is already ${enabled ? 'enabled' : 'disabled'}`);
  if (now !== undefined && now !== attribute)
    throw new ApiError(
      'ValidationException',
      `TimeToLive is active on a different AttributeName: current AttributeName is ${now}`,
    );
  await set(table, enabled ? attribute : undefined);
  return {
    status: 200,
    output: { TimeToLiveSpecification: { Enabled: enabled, AttributeName: attribute } },
  };
}

async function describe(
  store: DynaliteStore,
  attributes: ReadonlyMap<string, string>,
  input: Input,
): Promise<DynaliteAnswer> {
  const answered = await runAction(store, 'DescribeTimeToLive', { ...input });
  const attribute = attributes.get(String(input['TableName']));
  if (answered.status !== 200 || attribute === undefined) return answered;
  return {
    status: 200,
    output: { TimeToLiveDescription: { TimeToLiveStatus: 'ENABLED', AttributeName: attribute } },
  };
}

/** The second in which an item ends; only numbers say one. */
function endOf(item: Item | undefined, attribute: string | undefined): number | undefined {
  const second = attribute === undefined ? undefined : Number(item?.[attribute]?.N ?? Number.NaN);
  return second === undefined || Number.isNaN(second) ? undefined : second;
}

/** Names of tables, wherever the input of an action has them. */
function tablesIn({ TableName, RequestItems, TransactItems }: Input): readonly string[] {
  if (typeof TableName === 'string') return [TableName];
  const parts = Array.isArray(TransactItems)
    ? TransactItems.flatMap((part) => Object.values(Object(part)))
    : [];
  return [...Object.keys(Object(RequestItems)), ...parts.map((part) => String(Object(part)['TableName']))];
}

interface Written {
  readonly table: string;
  readonly item?: Item;
  readonly key?: object;
}

function writesIn(action: string, input: Input): readonly Written[] {
  const { RequestItems, TransactItems } = input;
  if (action === 'PutItem' || action === 'UpdateItem') return [written(input)];
  if (action === 'BatchWriteItem')
    return Object.entries(Object(RequestItems)).flatMap(([TableName, requests]) =>
      (Array.isArray(requests) ? requests : []).map((each) =>
        written({ ...Object(Object(each)['PutRequest']), TableName }),
      ),
    );
  if (action !== 'TransactWriteItems' || !Array.isArray(TransactItems)) return [];
  return TransactItems.map((part) => written(Object(Object(part)['Put'] ?? Object(part)['Update'])));
}

function written({ TableName, Item: item, Key: key }: Input): Written {
  return {
    table: String(TableName),
    ...(item ? { item: item as Item } : {}), // DynamoDB has accepted it
    ...(key ? { key: Object(key) } : {}),
  };
}

async function itemAt(
  store: DynaliteStore,
  table: string,
  key: object | undefined,
): Promise<Item | undefined> {
  if (!key) return undefined;
  const { output } = await runAction(store, 'GetItem', { TableName: table, Key: key, ConsistentRead: true });
  return Object(output)['Item'];
}

/** All items of a table, with their keys. */
async function* itemsOf(
  store: DynaliteStore,
  table: string,
): AsyncGenerator<{ readonly item: Item; readonly key: object }> {
  const described = await runAction(store, 'DescribeTable', { TableName: table });
  // answers of dynalite are DynamoDB's own
  const { Table } = described.output as { Table: { KeySchema: readonly { AttributeName: string }[] } };
  let ExclusiveStartKey: object | undefined;
  do {
    const asked = { TableName: table, ...(ExclusiveStartKey ? { ExclusiveStartKey } : {}) };
    const { output } = await runAction(store, 'Scan', asked);
    const page = output as { Items: readonly Item[]; LastEvaluatedKey?: object };
    for (const item of page.Items)
      yield {
        item,
        key: Object.fromEntries(Table.KeySchema.map(({ AttributeName: name }) => [name, item[name]])),
      };
    ExclusiveStartKey = page.LastEvaluatedKey;
  } while (ExclusiveStartKey);
}
