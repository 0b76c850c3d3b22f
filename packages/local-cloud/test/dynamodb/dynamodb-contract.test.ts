import { join } from 'node:path';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApiError } from '../../src/ports.ts';
import { openTestCloud, refusalOf, type TestCloud } from '../gateway/test-cloud.ts';

const TableName = 'runs';
let opened: TestCloud;
let dynamo: DynamoDBClient;

beforeAll(async () => {
  opened = await openTestCloud();
  dynamo = new DynamoDBClient(opened.config);
  await dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['owner', 'run', 'status'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' as const })),
      KeySchema: [
        { AttributeName: 'owner', KeyType: 'HASH' },
        { AttributeName: 'run', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [{ IndexName: 'by-status', KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }], Projection: { ProjectionType: 'ALL' } }],
    }),
  );
});

afterAll(async () => {
  dynamo.destroy();
  await opened.close();
});

const item = (owner: string, run: string, status: string) => ({ owner: { S: owner }, run: { S: run }, status: { S: status } });

test('items are put, read, changed and deleted', async () => {
  await dynamo.send(new PutItemCommand({ TableName, Item: item('ü', '1', 'OPEN') }));
  const Key = { owner: { S: 'ü' }, run: { S: '1' } };
  const update = new UpdateItemCommand({
    TableName,
    Key,
    UpdateExpression: 'SET #s = :s',
    ExpressionAttributeNames: { '#s': 'status' },
    ExpressionAttributeValues: { ':s': { S: 'DONE' } },
    ReturnValues: 'ALL_NEW',
  });
  expect((await dynamo.send(update)).Attributes).toEqual(item('ü', '1', 'DONE'));
  expect((await dynamo.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item).toEqual(item('ü', '1', 'DONE'));
  await dynamo.send(new DeleteItemCommand({ TableName, Key }));
  expect((await dynamo.send(new GetItemCommand({ TableName, Key }))).Item).toBeUndefined();
});

test('of racing conditional puts exactly one wins', async () => {
  const put = () => dynamo.send(new PutItemCommand({ TableName, Item: item('race', '1', 'OPEN'), ConditionExpression: 'attribute_not_exists(run)' }));
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, put));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await refusalOf(put())).name).toBe('ConditionalCheckFailedException');
});

test('queries see a key’s items in order, by range and by index', async () => {
  for (const run of ['10', '2', '30', '4']) await dynamo.send(new PutItemCommand({ TableName, Item: item('q', run, run > '2' ? 'LATE' : 'EARLY') }));
  const query = async (more: object) => (await dynamo.send(new QueryCommand({ TableName, ...more }))).Items?.map(({ run }) => run?.S);
  const ofOwner = { KeyConditionExpression: '#o = :o', ExpressionAttributeNames: { '#o': 'owner' }, ExpressionAttributeValues: { ':o': { S: 'q' } } };
  expect(await query(ofOwner)).toEqual(['10', '2', '30', '4']);
  expect(await query({ ...ofOwner, ScanIndexForward: false, Limit: 2 })).toEqual(['4', '30']);
  expect(
    await query({
      KeyConditionExpression: '#o = :o AND run BETWEEN :a AND :b',
      ExpressionAttributeNames: { '#o': 'owner' },
      ExpressionAttributeValues: { ':o': { S: 'q' }, ':a': { S: '2' }, ':b': { S: '3' } },
    }),
  ).toEqual(['2']);
  expect(
    await query({
      IndexName: 'by-status',
      KeyConditionExpression: '#s = :s',
      ExpressionAttributeNames: { '#s': 'status' },
      ExpressionAttributeValues: { ':s': { S: 'EARLY' } },
    }),
  ).toEqual(expect.arrayContaining(['10', '2']));
  expect(
    (
      await dynamo.send(
        new ScanCommand({
          TableName,
          FilterExpression: '#o = :o',
          ExpressionAttributeNames: { '#o': 'owner' },
          ExpressionAttributeValues: { ':o': { S: 'q' } },
        }),
      )
    ).Count,
  ).toBe(4);
});

test('the engine’s port speaks the same protocol and raises its errors', async () => {
  await opened.cloud.items.call('PutItem', { TableName, Item: item('port', '1', 'OPEN') });
  expect(await opened.cloud.items.call('GetItem', { TableName, Key: { owner: { S: 'port' }, run: { S: '1' } } })).toEqual({ Item: item('port', '1', 'OPEN') });
  const refused = await opened.cloud.items.call('GetItem', { TableName: 'missing', Key: {} }).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ApiError);
  expect(refused).toMatchObject({ code: 'ResourceNotFoundException', status: 400 });
});

test('items survive a restart', async () => {
  await dynamo.send(new PutItemCommand({ TableName, Item: item('kept', '1', 'OPEN') }));
  opened = await opened.restart();
  expect(await opened.cloud.items.call('GetItem', { TableName, Key: { owner: { S: 'kept' }, run: { S: '1' } } })).toEqual({ Item: item('kept', '1', 'OPEN') });
});

test('a table whose creation was interrupted is finished at the next start', async () => {
  const { openStore, finishCreations, runAction } = await import('../../src/dynamodb/dynalite-store.ts');
  const store = openStore(join(opened.dataDir, 'stuck'), { account: '000000000000', region: 'us-east-1' });
  const table = {
    TableName: 'stuck',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  };
  await runAction(store, 'CreateTable', table);
  await finishCreations(store);
  expect(await runAction(store, 'DescribeTable', { TableName: 'stuck' })).toMatchObject({ output: { Table: { TableStatus: 'ACTIVE' } } });
  await store.db.close();
});

test('a call under way when the cloud closes is answered, a later one refused', async () => {
  const other = await openTestCloud();
  const definition = {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'run', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'run', KeyType: 'HASH' }],
  };
  await other.cloud.items.call('CreateTable', { TableName, ...definition });
  const underWay = other.cloud.items.call('Scan', { TableName });
  await other.close();
  expect(await underWay).toMatchObject({ Count: 0 });
  await expect(other.cloud.items.call('Scan', { TableName })).rejects.toMatchObject({ code: 'InternalServerError', message: 'the local cloud is closing' });
});
