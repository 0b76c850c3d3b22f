import {
  BatchGetItemCommand,
  BatchWriteItemCommand,
  CreateTableCommand,
  DynamoDBClient,
  PutItemCommand,
  QueryCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, expect, test } from '@jest/globals';
import { refusalOf } from '../gateway/test-cloud.ts';
import { type HeldCloud, openHeldCloud } from './held-cloud.ts';

let opened: HeldCloud;
let client: DynamoDBClient;
afterEach(async () => {
  client.destroy();
  await opened.close();
});

const TableName = 'runs';
const REFUSED = { name: 'ProvisionedThroughputExceededException', status: 400 };

async function openTable(rates: Record<string, { bucket: number; per_second: number }>): Promise<void> {
  opened = await openHeldCloud({ rates });
  client = new DynamoDBClient(opened.config);
  await client.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['id', 'sort', 'owner'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S',
      })),
      KeySchema: [
        { AttributeName: 'id', KeyType: 'HASH' },
        { AttributeName: 'sort', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-owner',
          KeySchema: [{ AttributeName: 'owner', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );
}

const keyOf = (id: string, sort = 'a') => ({ id: { S: id }, sort: { S: sort } });
const itemOf = (id: string, owner?: string, text = '') => ({
  ...keyOf(id),
  text: { S: text },
  ...(owner && { owner: { S: owner } }),
});
const put = (id: string, owner?: string) =>
  client.send(new PutItemCommand({ TableName, Item: itemOf(id, owner) }));

test('a partition of a table, or of its index, takes so many writes; others are not slowed by it', async () => {
  await openTable({ 'dynamodb.partition_writes': { bucket: 2, per_second: 1 } });
  await put('a', 'acme');
  await put('b', 'acme');
  expect(await refusalOf(put('c', 'acme'))).toEqual(REFUSED);
  await put('d', 'other');
  await put('a');
  expect(await refusalOf(put('a'))).toEqual(REFUSED);
});

test('a change of an item is a write to the index that holds all of it', async () => {
  await openTable({ 'dynamodb.partition_writes': { bucket: 3, per_second: 1 } });
  for (const id of ['a', 'b']) await put(id, 'acme');
  const change = (id: string) =>
    client.send(
      new UpdateItemCommand({
        TableName,
        Key: keyOf(id),
        UpdateExpression: 'SET #t = :t',
        ExpressionAttributeNames: { '#t': 'text' },
        ExpressionAttributeValues: { ':t': { S: 'x' } },
      }),
    );
  await change('a');
  expect(await refusalOf(change('b'))).toEqual(REFUSED);
  await change('new');
});

test('a query takes what it reads of the partition that it names; what is over is missing afterwards', async () => {
  await openTable({ 'dynamodb.partition_reads': { bucket: 1, per_second: 1 } });
  await client.send(new PutItemCommand({ TableName, Item: itemOf('a', undefined, 'x'.repeat(15_000)) }));
  const query = (id: string) =>
    client.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: '#id = :id',
        ExpressionAttributeNames: { '#id': 'id' },
        ExpressionAttributeValues: { ':id': { S: id } },
        ConsistentRead: true,
      }),
    );
  expect(await query('a')).toMatchObject({ Count: 1 });
  expect(await query('a').catch(({ name }) => name)).toBe(REFUSED.name);
  await query('b');
  await opened.later(3_000);
  expect(await refusalOf(query('a'))).toEqual(REFUSED); // four units were read, one was there
  await opened.later(1_000);
  expect(await query('a')).not.toHaveProperty('ConsumedCapacity');
});

test('of a batch what finds no room is left over; where nothing does it is refused', async () => {
  await openTable({ 'dynamodb.table_writes': { bucket: 2, per_second: 1 } });
  const write = () =>
    client.send(
      new BatchWriteItemCommand({
        RequestItems: { [TableName]: ['a', 'b', 'c'].map((id) => ({ PutRequest: { Item: itemOf(id) } })) },
      }),
    );
  expect(await write()).toMatchObject({
    UnprocessedItems: { [TableName]: [{ PutRequest: { Item: { id: { S: 'c' } } } }] },
  });
  expect(await refusalOf(write())).toEqual({ name: 'ThrottlingException', status: 400 });
  const read = { RequestItems: { [TableName]: { Keys: ['a', 'b', 'c'].map((id) => keyOf(id)) } } };
  const { Responses } = await client.send(new BatchGetItemCommand(read));
  expect(Responses?.[TableName]).toHaveLength(2);
});

test('a batch of reads gives back the keys that found no room', async () => {
  await openTable({ 'dynamodb.table_reads': { bucket: 1, per_second: 1 } });
  for (const id of ['a', 'b']) await put(id);
  const read = { RequestItems: { [TableName]: { Keys: ['a', 'b'].map((id) => keyOf(id)) } } };
  expect(await client.send(new BatchGetItemCommand(read))).toMatchObject({
    Responses: { [TableName]: [{ id: { S: 'a' } }] },
    UnprocessedKeys: { [TableName]: { Keys: [keyOf('b')] } },
  });
});

test('a transaction takes twice the units, and is cancelled as a whole with the reason of each part', async () => {
  await openTable({ 'dynamodb.partition_writes': { bucket: 2, per_second: 1 } });
  const write = (...ids: string[]) =>
    client.send(
      new TransactWriteItemsCommand({
        TransactItems: ids.map((id) => ({ Put: { TableName, Item: itemOf(id) } })),
      }),
    );
  await write('a');
  const error = await write('a', 'b').catch((refusal) => refusal);
  expect(error).toMatchObject({
    name: 'TransactionCanceledException',
    CancellationReasons: [{ Code: 'ProvisionedThroughputExceeded' }, { Code: 'None' }],
  });
  await write('b');
});
