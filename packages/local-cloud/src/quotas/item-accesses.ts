type Values = Readonly<Record<string, unknown>>;
type Serve = (
  action: string,
  input: object,
) => Promise<{ readonly status: number; readonly output: unknown }>;

/** What a call asks of a table: of its partitions, and of those of its indexes. */
export interface Access {
  readonly kind: 'read' | 'write';
  readonly table: string;
  readonly places: readonly string[];
  /** What is known before. */
  readonly units: number;
}

export interface ItemInput {
  readonly TableName?: string;
  readonly Item?: Values;
  readonly Key?: Values;
  readonly IndexName?: string;
  readonly KeyConditionExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Values;
}

/** The partition key of a table (named `''`) or of one of its indexes. */
interface KeyOf {
  readonly index: string;
  readonly attribute: string;
  /** A change of any member is a write to it. */
  readonly holdsAll: boolean;
}

export type TableKeys = (table: string) => Promise<readonly KeyOf[]>;

interface Reach {
  readonly keysOf: TableKeys;
  readonly serve: Serve;
}

type AccessOf = (input: ItemInput & { readonly TableName: string }, reach: Reach) => Promise<Access>;

const ACCESS: Readonly<Record<string, AccessOf>> = {
  PutItem: async ({ TableName: table, Item: item = {} }, { keysOf }) => ({
    kind: 'write',
    table,
    places: placesOf(await keysOf(table), item),
    units: itemUnits(item),
  }),
  UpdateItem: (input, reach) => changing(input, reach, ({ holdsAll }) => holdsAll),
  DeleteItem: (input, reach) => changing(input, reach, () => true),
  GetItem: async ({ TableName: table, Key: key = {} }, { keysOf }) => ({
    kind: 'read',
    table,
    places: placesOf(await keysOf(table), key),
    units: 1,
  }),
  Query: async (input, { keysOf }) => {
    const { TableName: table, IndexName: index = '' } = input;
    const keys = (await keysOf(table)).filter((key) => key.index === index);
    return { kind: 'read', table, places: placesOf(keys, equalities(input)), units: 1 };
  },
  Scan: async ({ TableName: table }) => ({ kind: 'read', table, places: [], units: 1 }),
};

/** What a call on one table takes; nothing where it takes none. */
export async function accessesOf(
  action: string,
  input: ItemInput,
  reach: Reach,
): Promise<Access | undefined> {
  const { TableName } = input;
  return TableName === undefined ? undefined : ACCESS[action]?.({ ...input, TableName }, reach);
}

/** Where an item is in an index, its change is a write there as well. */
async function changing(
  { TableName: table, Key: key = {} }: ItemInput & { readonly TableName: string },
  { keysOf, serve }: Reach,
  isWritten: (key: KeyOf) => boolean,
): Promise<Access> {
  const keys = await keysOf(table);
  const indexes = keys.filter((each) => each.index !== '' && isWritten(each));
  const own = placesOf(keys, key);
  if (indexes.length === 0) return { kind: 'write', table, places: own, units: 1 };
  const { output } = await serve('GetItem', { TableName: table, Key: key, ConsistentRead: true });
  const { Item: item = {} } = Object(output) as ItemInput;
  return { kind: 'write', table, places: [...own, ...placesOf(indexes, item)], units: itemUnits(item) };
}

/** Bytes of a unit that is written. */
const UNIT_BYTES = 1_024;

/** Units that it takes to write an item. */
export function itemUnits(item: Values = {}): number {
  return Math.max(1, Math.ceil(Buffer.byteLength(JSON.stringify(item)) / UNIT_BYTES));
}

function placesOf(keys: readonly KeyOf[], values: Values): string[] {
  return keys
    .filter(({ attribute }) => values[attribute] !== undefined)
    .map(({ index, attribute }) => `${index}/${JSON.stringify(values[attribute])}`);
}

/** What the condition of a query says that attributes are. */
function equalities({
  KeyConditionExpression: condition = '',
  ExpressionAttributeNames: names = {},
  ExpressionAttributeValues: values = {},
}: ItemInput): Values {
  const equal = condition.matchAll(/([#\w.-]+)\s*=\s*(:\w+)/g);
  return Object.fromEntries(
    [...equal].map(([, name = '', value = '']) => [names[name] ?? name, values[value]]),
  );
}

interface Schema {
  readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: string }[];
}

interface Described {
  readonly Table: Schema & {
    readonly GlobalSecondaryIndexes?: readonly (Schema & {
      readonly IndexName: string;
      readonly Projection: { readonly ProjectionType: string };
    })[];
  };
}

/** A table's keys do not change as long as it is there. One that is not there has none. */
export function tableKeys(serve: Serve): TableKeys {
  const known = new Map<string, readonly KeyOf[]>();
  return async (table) => {
    const found = known.get(table);
    if (found) return found;
    const { status, output } = await serve('DescribeTable', { TableName: table });
    if (status !== 200) return [];
    const { Table } = output as Described; // DynamoDB's own form
    const indexes = (Table.GlobalSecondaryIndexes ?? []).map((each) => ({
      index: each.IndexName,
      attribute: hashOf(each),
      holdsAll: each.Projection.ProjectionType === 'ALL',
    }));
    const keys = [{ index: '', attribute: hashOf(Table), holdsAll: true }, ...indexes];
    known.set(table, keys);
    return keys;
  };
}

function hashOf({ KeySchema }: Schema): string {
  return KeySchema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
}
