import type {
  AttributeValue,
  GetItemInput,
  GetItemOutput,
  PutItemInput,
  QueryInput,
  QueryOutput,
  UpdateItemInput,
  UpdateItemOutput,
} from '@aws-sdk/client-dynamodb';
import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import { answerOf } from './aws-failure.ts';
import type { LargeOwners } from './large-owners.ts';

/** Where one item lies. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

/** An item as plain values. */
export type Item = Readonly<Record<string, unknown>>;

/** A change of one item, in DynamoDB's own expressions. */
export interface Change {
  readonly update: string;
  readonly condition?: string;
  readonly names?: Readonly<Record<string, string>>;
  readonly values?: Item;
}

/** An item that was changed, or one on which the condition did not hold; nothing where there is none. */
export type Attempted =
  | { readonly changed: true; readonly item: Item }
  | { readonly changed: false; readonly item: Item | undefined };

export interface Page {
  readonly items: readonly Item[];
  readonly last: Item | undefined;
}

/** What is asked of the table: every read is of the newest state, but for those of an index. */
export interface RunsTable {
  get(key: ItemKey): Promise<Item | undefined>;
  /** Puts an item where none lies under its key; else nothing changes, and it gives what lies there. */
  create(item: Item & ItemKey): Promise<Item | undefined>;
  /** False where the condition does not hold. */
  put(item: Item & ItemKey, condition: Omit<Change, 'update'>): Promise<boolean>;
  /** The item after the change; nothing where the condition does not hold. */
  change(key: ItemKey, change: Change): Promise<Item | undefined>;
  /** The same, and where the condition does not hold the item as it stands: in one request. */
  attempt(key: ItemKey, change: Change): Promise<Attempted>;
  query(
    input: Omit<QueryInput, 'TableName' | 'ExclusiveStartKey' | 'ExpressionAttributeValues'> & {
      values: Item;
      after?: Item;
    },
  ): Promise<Page>;
}

/** What the table asks of DynamoDB. Failures have the service's names; one of a condition brings the item. */
export interface ItemRequests {
  getItem(input: GetItemInput): Promise<GetItemOutput>;
  putItem(input: PutItemInput): Promise<unknown>;
  updateItem(input: UpdateItemInput): Promise<UpdateItemOutput>;
  query(input: QueryInput): Promise<QueryOutput>;
}

export interface TableAccess {
  readonly items: ItemRequests;
  readonly table: string;
  /** Owners whose runs are spread over the index `by-owner`; none if not given. */
  readonly largeOwners?: LargeOwners;
}

/** The table over requests to DynamoDB. @throws `Store.Unavailable`, `Store.AccessDenied` */
export function openRunsTable({ items, table: TableName }: TableAccess): RunsTable {
  const named = <Answer>(what: string, call: () => Promise<Answer>) =>
    answerOf(`${TableName}: ${what}`, call);
  return {
    async get(key) {
      const { Item } = await named('get', () =>
        items.getItem({ TableName, Key: written(key), ConsistentRead: true }),
      );
      return Item && read(Item);
    },
    async create(item) {
      const input: PutItemInput = {
        TableName,
        Item: written(item),
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      };
      const outcome = await named('put', () => orStanding(items.putItem(input).then(() => true as const)));
      return outcome.done === undefined ? outcome.item : undefined;
    },
    async put(item, condition) {
      const done = await named('put', () =>
        unless(items.putItem({ TableName, Item: written(item), ...expressions(condition) })),
      );
      return done !== undefined;
    },
    async change(key, change) {
      const input = updating({ TableName, key, change });
      const done = await named('update', () => unless(items.updateItem(input)));
      return done && read(done.Attributes ?? {});
    },
    async attempt(key, change) {
      const input: UpdateItemInput = {
        ...updating({ TableName, key, change }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      };
      const outcome = await named('update', () => orStanding(items.updateItem(input)));
      return outcome.done
        ? { changed: true, item: read(outcome.done.Attributes ?? {}) }
        : { changed: false, item: outcome.item };
    },
    async query({ values, after, ...input }) {
      const asked: QueryInput = {
        ...input,
        TableName,
        ExpressionAttributeValues: written(values),
        ...(after && { ExclusiveStartKey: written(after) }),
      };
      const { Items = [], LastEvaluatedKey } = await named('query', () => items.query(asked));
      return { items: Items.map(read), last: LastEvaluatedKey && read(LastEvaluatedKey) };
    },
  };
}

/** Every item that a question finds, page after page. */
export async function everyItem(
  table: Pick<RunsTable, 'query'>,
  question: Parameters<RunsTable['query']>[0],
): Promise<Item[]> {
  const found: Item[] = [];
  let after: Item | undefined;
  do {
    const page: Page = await table.query({ ...question, ...(after && { after }) });
    found.push(...page.items);
    after = page.last;
  } while (after !== undefined);
  return found;
}

interface Updating {
  readonly TableName: string;
  readonly key: ItemKey;
  readonly change: Change;
}

function updating({ TableName, key, change: { update, ...rest } }: Updating): UpdateItemInput {
  return {
    TableName,
    Key: written(key),
    UpdateExpression: update,
    ReturnValues: 'ALL_NEW',
    ...expressions(rest),
  };
}

function expressions({ condition, names, values }: Omit<Change, 'update'>) {
  return {
    ...(condition !== undefined && { ConditionExpression: condition }),
    ...(names && { ExpressionAttributeNames: { ...names } }),
    ...(values && { ExpressionAttributeValues: written(values) }),
  };
}

/** An answer, or nothing where the condition of the write did not hold. */
async function unless<Answer>(call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (refusedItem(error)) return undefined;
    throw error;
  }
}

/** An answer, or the item on which the condition of the write did not hold. */
async function orStanding<Answer>(
  call: Promise<Answer>,
): Promise<{ readonly done: Answer } | { readonly done: undefined; readonly item: Item | undefined }> {
  try {
    return { done: await call };
  } catch (error) {
    const refused = refusedItem(error);
    if (!refused) throw error;
    return { done: undefined, item: refused.Item && read(refused.Item) };
  }
}

/** The failure of a condition, by its name: not every client has a class for it. */
function refusedItem(error: unknown): Pick<GetItemOutput, 'Item'> | undefined {
  if (!(error instanceof Error) || error.name !== 'ConditionalCheckFailedException') return undefined;
  const { Item }: Pick<GetItemOutput, 'Item'> & Error = error;
  return { Item };
}

function written(value: Item | ItemKey): Record<string, AttributeValue> {
  return marshall(value, { removeUndefinedValues: true });
}

function read(item: Record<string, AttributeValue>): Item {
  return unmarshall(item);
}
