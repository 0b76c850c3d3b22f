import { ApiError, type JsonActions } from '@statebag/states';
import { bucketsBy, type Rate } from './bucket.ts';

type Serve = (
  action: string,
  input: object,
) => Promise<{ readonly status: number; readonly output: unknown }>;

/** The ways into DynamoDB: from the wire and from tasks. */
export interface ItemsDoor {
  readonly serve: Serve;
  call(action: string, input: unknown): Promise<unknown>;
  readonly actions: JsonActions;
}

type Values = Readonly<Record<string, unknown>>;

/** What is asked of one partition of a table, or of an index. */
interface Access {
  readonly place: string;
  readonly units: number;
}

interface ItemInput {
  readonly TableName?: string;
  readonly Item?: Values;
  readonly Key?: Values;
}

const WRITES: ReadonlySet<string> = new Set(['PutItem', 'UpdateItem', 'DeleteItem']);
/** Bytes of a unit that is written. */
const UNIT_BYTES = 1_024;

/**
 * Holds each table to its throughput, and each partition to that of one: a partition is what has the same
 * partition key, also in an index. Calls on one item count; batches, queries and transactions do not.
 */
export function limitItems<Door extends ItemsDoor>(
  items: Door,
  rates: Readonly<Record<string, Rate>>,
  now: () => number,
): Door {
  const by = {
    table_writes: bucketsBy(rates['dynamodb.table_writes'], now),
    table_reads: bucketsBy(rates['dynamodb.table_reads'], now),
    partition_writes: bucketsBy(rates['dynamodb.partition_writes'], now),
    partition_reads: bucketsBy(rates['dynamodb.partition_reads'], now),
  };
  const keys = partitionKeys(items);
  const admit = async (action: string, input: ItemInput): Promise<void> => {
    const { TableName: table, Item: item, Key: key } = input;
    const isWrite = WRITES.has(action);
    if (table === undefined || (!isWrite && action !== 'GetItem')) return;
    const units = item ? Math.ceil(Buffer.byteLength(JSON.stringify(item)) / UNIT_BYTES) : 1;
    const ofTable = isWrite ? by.table_writes : by.table_reads;
    const partition = isWrite ? by.partition_writes : by.partition_reads;
    if (ofTable(table)?.take(units) === false) throw new ApiError('ThrottlingException', TABLE);
    for (const access of accesses(await keys(table), { ...key, ...item }, units))
      if (partition(`${table}/${access.place}`)?.take(access.units) === false)
        throw new ApiError('ProvisionedThroughputExceededException', PARTITION);
  };
  /** DynamoDB checks what it is given. */
  const admitted = (action: string, input: unknown) => admit(action, Object(input) as ItemInput);
  const actions = Object.entries(items.actions).map(([action, act]) => [
    action,
    (input: Record<string, unknown>) => admitted(action, input).then(() => act(input)),
  ]);
  return {
    ...items,
    serve: (action, input) => admitted(action, input).then(() => items.serve(action, input)),
    call: (action: string, input: unknown) => admitted(action, input).then(() => items.call(action, input)),
    actions: Object.fromEntries(actions),
  };
}

const TABLE =
  'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly.';
const PARTITION =
  'The level of configured provisioned throughput for one or more partitions of the table was exceeded. Consider a key that spreads the load.';

/** The partition key of a table and of each index, by the name of the index. */
type PartitionKeys = ReadonlyMap<string, string>;

function accesses(keys: PartitionKeys, values: Values, units: number): Access[] {
  return [...keys]
    .filter(([, attribute]) => values[attribute] !== undefined)
    .map(([index, attribute]) => ({ place: `${index}/${JSON.stringify(values[attribute])}`, units }));
}

interface Described {
  readonly Table: Schema & {
    readonly GlobalSecondaryIndexes?: readonly (Schema & { readonly IndexName: string })[];
  };
}

interface Schema {
  readonly KeySchema: readonly { readonly AttributeName: string; readonly KeyType: string }[];
}

/** A table's keys do not change as long as it is there. One that is not there has none. */
function partitionKeys({ serve }: Pick<ItemsDoor, 'serve'>): (table: string) => Promise<PartitionKeys> {
  const known = new Map<string, PartitionKeys>();
  return async (table) => {
    const found = known.get(table);
    if (found) return found;
    const { status, output } = await serve('DescribeTable', { TableName: table });
    if (status !== 200) return new Map();
    const { Table } = output as Described; // DynamoDB's own form
    const indexes = (Table.GlobalSecondaryIndexes ?? []).map((each) => [each.IndexName, each] as const);
    const keys = new Map([['', Table] as const, ...indexes].map(([name, of]) => [name, hashOf(of)]));
    known.set(table, keys);
    return keys;
  };
}

function hashOf({ KeySchema }: Schema): string {
  return KeySchema.find(({ KeyType }) => KeyType === 'HASH')?.AttributeName ?? '';
}
