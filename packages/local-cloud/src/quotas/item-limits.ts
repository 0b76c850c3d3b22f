import { ApiError, type JsonActions } from '@statebag/states';
import { bucketsBy, type Rate } from './bucket.ts';
import {
  type Access,
  accessesOf,
  type ItemInput,
  itemUnits,
  type TableKeys,
  tableKeys,
} from './item-accesses.ts';

interface Answer {
  readonly status: number;
  readonly output: unknown;
}

type Serve = (action: string, input: object) => Promise<Answer>;
type Run = (input: object) => Promise<Answer>;

/** The ways into DynamoDB: from the wire and from tasks. */
export interface ItemsDoor {
  readonly serve: Serve;
  call(action: string, input: unknown): Promise<unknown>;
  readonly actions: JsonActions;
}

/**
 * Holds each table to its throughput, and each partition to that of one: a partition is what has the same
 * partition key, also in an index. What a call takes beyond one unit is known afterwards, and taken from what
 * comes next.
 */
export function limitItems<Door extends ItemsDoor>(
  items: Door,
  rates: Readonly<Record<string, Rate>>,
  now: () => number,
): Door {
  const limits = openItemLimits(items, rates, now);
  const call = async (action: string, input: unknown): Promise<unknown> => {
    const run: Run = async (given) => ({ status: 200, output: await items.call(action, given) });
    return (await limits(action, Object(input), run)).output;
  };
  const actions = Object.keys(items.actions).map((action) => [
    action,
    (input: Record<string, unknown>) => call(action, input),
  ]);
  return {
    ...items,
    serve: (action, input) => limits(action, input, (given) => items.serve(action, given)),
    call,
    actions: Object.fromEntries(actions),
  };
}

const tableRefusal = () =>
  new ApiError(
    'ThrottlingException',
    'Throughput exceeds the current capacity of your table or index. DynamoDB is automatically scaling your table or index so please try again shortly.',
  );
const partitionRefusal = () =>
  new ApiError(
    'ProvisionedThroughputExceededException',
    'The level of configured provisioned throughput for one or more partitions of the table was exceeded. Consider a key that spreads the load.',
  );

/** The buckets that an access takes from, and the refusal where one of them is empty. */
interface Throughput {
  refusal(access: Access): ApiError | undefined;
  pay(access: Access, units: number): void;
}

function openThroughput(rates: Readonly<Record<string, Rate>>, now: () => number): Throughput {
  const of = (name: string) => bucketsBy(rates[`dynamodb.${name}`], now);
  const tables = { read: of('table_reads'), write: of('table_writes') };
  const partitions = { read: of('partition_reads'), write: of('partition_writes') };
  const partitionsOf = ({ kind, table, places }: Access) =>
    places.flatMap((place) => partitions[kind](`${table}/${place}`) ?? []);
  return {
    refusal(access) {
      if (tables[access.kind](access.table)?.has() === false) return tableRefusal();
      return partitionsOf(access).every((bucket) => bucket.has()) ? undefined : partitionRefusal();
    },
    pay(access, units) {
      for (const bucket of [tables[access.kind](access.table), ...partitionsOf(access)]) bucket?.pay(units);
    },
  };
}

function openItemLimits(items: ItemsDoor, rates: Readonly<Record<string, Rate>>, now: () => number) {
  const throughput = openThroughput(rates, now);
  const keysOf = tableKeys(items.serve);
  const reach = { keysOf, serve: items.serve };
  return async (action: string, input: object, run: Run): Promise<Answer> => {
    const batch = BATCHES[action];
    if (batch) return batch(input as Input, { ...reach, throughput, run }); // DynamoDB checks what it is given
    const access = await accessesOf(action, input as ItemInput, reach);
    if (access === undefined) return run(input);
    const refusal = throughput.refusal(access);
    if (refusal) throw refusal;
    throughput.pay(access, 1);
    const wanted = Reflect.get(input, 'ReturnConsumedCapacity');
    const { status, output } = await run({ ReturnConsumedCapacity: 'TOTAL', ...input });
    const { ConsumedCapacity: consumed, ...rest } = Object(output) as Consumed;
    throughput.pay(access, Math.max(0, (consumed?.CapacityUnits ?? 1) - 1));
    return { status, output: wanted === undefined ? rest : output };
  };
}

interface Consumed {
  readonly ConsumedCapacity?: { readonly CapacityUnits: number };
}

type Input = Readonly<Record<string, unknown>>;

interface BatchPlace {
  readonly keysOf: TableKeys;
  readonly serve: Serve;
  readonly throughput: Throughput;
  readonly run: Run;
}

type Batch = (input: Input, place: BatchPlace) => Promise<Answer>;

/** Calls on several items: part of a batch is left over, a transaction is cancelled as a whole. */
const BATCHES: Readonly<Record<string, Batch>> = {
  BatchWriteItem: async (input, place) => {
    const { admitted, left, refusal } = await divided(input, place, (request) => ({
      action: 'PutRequest' in request ? 'PutItem' : 'DeleteItem',
      input: Object(request['PutRequest'] ?? request['DeleteRequest']),
    }));
    return partly({ input, admitted, left, refusal, name: 'UnprocessedItems' }, place.run);
  },
  BatchGetItem: async (input, place) => {
    const asked = Object.entries(Object(input['RequestItems']) as Record<string, BatchOfKeys>);
    const flat = Object.fromEntries(asked.map(([table, { Keys }]) => [table, Keys]));
    const { admitted, left, refusal } = await divided({ RequestItems: flat }, place, (key) => ({
      action: 'GetItem',
      input: { Key: key },
    }));
    const whole = (keys: Requests) =>
      Object.fromEntries(
        asked.flatMap(([table, of]) => (keys[table] ? [[table, { ...of, Keys: keys[table] }]] : [])),
      );
    return partly(
      { input, admitted: whole(admitted), left: whole(left), refusal, name: 'UnprocessedKeys' },
      place.run,
    );
  },
  TransactWriteItems: (input, place) => transaction(input, place),
  TransactGetItems: (input, place) => transaction(input, place),
};

interface BatchOfKeys {
  readonly Keys: readonly Input[];
}

type Requests = Record<string, Input[]>;

/** The requests of a batch that find units, and those that do not. */
async function divided(
  input: Input,
  { throughput, ...reach }: BatchPlace,
  single: (request: Input) => { readonly action: string; readonly input: ItemInput },
): Promise<{ admitted: Requests; left: Requests; refusal: ApiError | undefined }> {
  const [admitted, left]: [Requests, Requests] = [{}, {}];
  let refusal: ApiError | undefined;
  for (const [table, requests] of Object.entries(Object(input['RequestItems']) as Record<string, Input[]>))
    for (const request of requests) {
      const { action, input: of } = single(request);
      const access = await accessesOf(action, { ...of, TableName: table }, reach);
      const refused = access && throughput.refusal(access);
      if (access && !refused) throughput.pay(access, itemUnits(of.Item));
      const side = refused ? left : admitted;
      side[table] = [...(side[table] ?? []), request];
      refusal ??= refused;
    }
  return { admitted, left, refusal };
}

async function partly(
  {
    input,
    admitted,
    left,
    refusal,
    name,
  }: { input: Input; admitted: object; left: object; refusal: ApiError | undefined; name: string },
  run: Run,
): Promise<Answer> {
  if (refusal === undefined) return run(input);
  if (Object.keys(admitted).length === 0) throw refusal;
  const { status, output } = await run({ ...input, RequestItems: admitted });
  return { status, output: status === 200 ? { ...Object(output), [name]: left } : output };
}

/** Each part of a transaction takes twice the units of the same call on its own. */
const UNITS_OF_PARTS = 2;
const ALONE: Readonly<Record<string, string>> = {
  Put: 'PutItem',
  Update: 'UpdateItem',
  Delete: 'DeleteItem',
  ConditionCheck: 'DeleteItem',
  Get: 'GetItem',
};

async function transaction(input: Input, { throughput, run, ...reach }: BatchPlace): Promise<Answer> {
  const parts = Array.isArray(input['TransactItems']) ? input['TransactItems'] : [];
  const accesses = await Promise.all(
    parts.map((part) => {
      const [kind = '', of] = Object.entries(Object(part) as Record<string, ItemInput>)[0] ?? [];
      return accessesOf(ALONE[kind] ?? '', of ?? {}, reach);
    }),
  );
  const refusals = accesses.map((access) => access && throughput.refusal(access));
  if (refusals.some((refusal) => refusal !== undefined)) throw cancelled(refusals);
  for (const access of accesses) if (access) throughput.pay(access, UNITS_OF_PARTS * access.units);
  return run(input);
}

/** What the reasons of a cancelled transaction call the refusals. */
const CODES: Readonly<Record<string, string>> = {
  ThrottlingException: 'ThrottlingError',
  ProvisionedThroughputExceededException: 'ProvisionedThroughputExceeded',
};

function cancelled(refusals: readonly (ApiError | undefined)[]): ApiError {
  const reasons = refusals.map((refusal) =>
    refusal ? { Code: CODES[refusal.code] ?? refusal.code, Message: refusal.message } : { Code: 'None' },
  );
  const codes = reasons.map(({ Code }) => Code).join(', ');
  const message = `Transaction cancelled, please refer cancellation reasons for specific reasons [${codes}]`;
  return new ApiError('TransactionCanceledException', message, { fields: { CancellationReasons: reasons } });
}
