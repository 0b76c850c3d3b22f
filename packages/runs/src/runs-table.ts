import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandInput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
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
    input: Omit<QueryCommandInput, 'TableName' | 'ExclusiveStartKey' | 'ExpressionAttributeValues'> & {
      values: Item;
      after?: Item;
    },
  ): Promise<Page>;
}

export interface TableAccess {
  readonly client: DynamoDBClient;
  readonly table: string;
  /** Owners whose runs are spread over the index `by-owner`; none if not given. */
  readonly largeOwners?: LargeOwners;
}

/** The table over its client. @throws `Store.Unavailable`, `Store.AccessDenied` */
export function openRunsTable({ client, table: TableName }: TableAccess): RunsTable {
  const named = <Answer>(what: string, call: () => Promise<Answer>) =>
    answerOf(`${TableName}: ${what}`, call);
  return {
    async get(key) {
      const { Item } = await named('get', () =>
        client.send(new GetItemCommand({ TableName, Key: written(key), ConsistentRead: true })),
      );
      return Item && read(Item);
    },
    async create(item) {
      const command = new PutItemCommand({
        TableName,
        Item: written(item),
        ConditionExpression: 'attribute_not_exists(pk)',
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const outcome = await named('put', () => orStanding(client.send(command)));
      return outcome.done ? undefined : outcome.item;
    },
    async put(item, condition) {
      const done = await named('put', () =>
        unless(
          client.send(new PutItemCommand({ TableName, Item: written(item), ...expressions(condition) })),
        ),
      );
      return done !== undefined;
    },
    async change(key, change) {
      const command = new UpdateItemCommand(updating({ TableName, key, change }));
      const done = await named('update', () => unless(client.send(command)));
      return done && read(done.Attributes ?? {});
    },
    async attempt(key, change) {
      const command = new UpdateItemCommand({
        ...updating({ TableName, key, change }),
        ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
      });
      const outcome = await named('update', () => orStanding(client.send(command)));
      return outcome.done
        ? { changed: true, item: read(outcome.done.Attributes ?? {}) }
        : { changed: false, item: outcome.item };
    },
    async query({ values, after, ...input }) {
      const command = new QueryCommand({
        ...input,
        TableName,
        ExpressionAttributeValues: written(values),
        ...(after && { ExclusiveStartKey: written(after) }),
      });
      const { Items = [], LastEvaluatedKey } = await named('query', () => client.send(command));
      return { items: Items.map(read), last: LastEvaluatedKey && read(LastEvaluatedKey) };
    },
  };
}

interface Updating {
  readonly TableName: string;
  readonly key: ItemKey;
  readonly change: Change;
}

function updating({ TableName, key, change: { update, ...rest } }: Updating): UpdateItemCommandInput {
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
    if (error instanceof ConditionalCheckFailedException) return undefined;
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
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { done: undefined, item: error.Item && read(error.Item) };
  }
}

function written(value: Item | ItemKey): Record<string, AttributeValue> {
  return marshall(value, { removeUndefinedValues: true });
}

function read(item: Record<string, AttributeValue>): Item {
  return unmarshall(item);
}
