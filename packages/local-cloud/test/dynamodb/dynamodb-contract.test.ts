import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
  TransactGetItemsCommand,
  type TransactWriteItem,
  TransactWriteItemsCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ApiError, openJournal } from '@statebag/states';
import { finishCreations, openStore, runAction } from '../../src/dynamodb/dynalite-store.ts';
import { journalLevel } from '../../src/dynamodb/journal-level.ts';
import { openTestCloud, refusalOf, type TestCloud } from '../gateway/test-cloud.ts';

const TableName = 'runs';
let opened: TestCloud;
let dynamo: DynamoDBClient;

beforeAll(async () => {
  opened = await openTestCloud({ durable: false });
  dynamo = new DynamoDBClient(opened.config);
  await dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: ['owner', 'run', 'status'].map((AttributeName) => ({
        AttributeName,
        AttributeType: 'S' as const,
      })),
      KeySchema: [
        { AttributeName: 'owner', KeyType: 'HASH' },
        { AttributeName: 'run', KeyType: 'RANGE' },
      ],
      GlobalSecondaryIndexes: [
        {
          IndexName: 'by-status',
          KeySchema: [{ AttributeName: 'status', KeyType: 'HASH' }],
          Projection: { ProjectionType: 'ALL' },
        },
      ],
    }),
  );
});

afterAll(async () => {
  dynamo.destroy();
  await opened.close();
});

const item = (owner: string, run: string, status: string) => ({
  owner: { S: owner },
  run: { S: run },
  status: { S: status },
});

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
  expect((await dynamo.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }))).Item).toEqual(
    item('ü', '1', 'DONE'),
  );
  await dynamo.send(new DeleteItemCommand({ TableName, Key }));
  expect((await dynamo.send(new GetItemCommand({ TableName, Key }))).Item).toBeUndefined();
});

test('of racing conditional puts exactly one wins', async () => {
  const put = () =>
    dynamo.send(
      new PutItemCommand({
        TableName,
        Item: item('race', '1', 'OPEN'),
        ConditionExpression: 'attribute_not_exists(run)',
      }),
    );
  const outcomes = await Promise.allSettled(Array.from({ length: 20 }, put));
  expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  expect((await refusalOf(put())).name).toBe('ConditionalCheckFailedException');
});

test('queries see a key’s items in order, by range and by index', async () => {
  for (const run of ['10', '2', '30', '4'])
    await dynamo.send(new PutItemCommand({ TableName, Item: item('q', run, run > '2' ? 'LATE' : 'EARLY') }));
  const query = async (more: object) =>
    (await dynamo.send(new QueryCommand({ TableName, ...more }))).Items?.map(({ run }) => run?.S);
  const ofOwner = {
    KeyConditionExpression: '#o = :o',
    ExpressionAttributeNames: { '#o': 'owner' },
    ExpressionAttributeValues: { ':o': { S: 'q' } },
  };
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
  expect(
    await opened.cloud.items.call('GetItem', { TableName, Key: { owner: { S: 'port' }, run: { S: '1' } } }),
  ).toEqual({ Item: item('port', '1', 'OPEN') });
  const refused = await opened.cloud.items
    .call('GetItem', { TableName: 'missing', Key: {} })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(ApiError);
  expect(refused).toMatchObject({ code: 'ResourceNotFoundException', status: 400 });
});

test('items survive a restart', async () => {
  await dynamo.send(new PutItemCommand({ TableName, Item: item('kept', '1', 'OPEN') }));
  opened = await opened.restart();
  dynamo.destroy();
  dynamo = new DynamoDBClient(opened.config);
  expect(
    await opened.cloud.items.call('GetItem', { TableName, Key: { owner: { S: 'kept' }, run: { S: '1' } } }),
  ).toEqual({ Item: item('kept', '1', 'OPEN') });
});

test('a table whose creation was interrupted is finished at the next start', async () => {
  const journal = openJournal(':memory:');
  const level = journalLevel(journal);
  const store = openStore(level, { account: '000000000000', region: 'us-east-1' });
  const table = {
    TableName: 'stuck',
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
  };
  await runAction(store, 'CreateTable', table);
  await finishCreations(store);
  expect(await runAction(store, 'DescribeTable', { TableName: 'stuck' })).toMatchObject({
    output: { Table: { TableStatus: 'ACTIVE' } },
  });
  level.close();
  journal.close();
});

test('items of a data directory of earlier versions are taken over', async () => {
  const other = await openTestCloud();
  const definition = {
    BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'run', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'run', KeyType: 'HASH' }],
  };
  const old = join(other.dataDir, 'dynamodb');
  const database = createRequire(import.meta.url)('dynalite/db').create({ path: old, createTableMs: 0 });
  await runAction(database, 'CreateTable', { TableName: 'old', ...definition });
  await finishCreations(database);
  await runAction(database, 'PutItem', { TableName: 'old', Item: { run: { S: 'kept' } } });
  await database.db.close();
  const again = await other.restart();
  expect(await again.cloud.items.call('Scan', { TableName: 'old' })).toMatchObject({
    Items: [{ run: { S: 'kept' } }],
  });
  expect(existsSync(old)).toBe(false);
  await again.close();
});

test('a query goes through all pages of a partition, in both directions', async () => {
  const runs = Array.from({ length: 70 }, (_, index) => String(index).padStart(3, '0'));
  for (const run of runs) await dynamo.send(new PutItemCommand({ TableName, Item: item('many', run, 'x') }));
  const all = async (ScanIndexForward: boolean) => {
    const { Items = [] } = await dynamo.send(
      new QueryCommand({
        TableName,
        KeyConditionExpression: '#owner = :owner',
        ExpressionAttributeNames: { '#owner': 'owner' },
        ExpressionAttributeValues: { ':owner': { S: 'many' } },
        ScanIndexForward,
      }),
    );
    return Items.map(({ run }) => run?.S);
  };
  expect(await all(true)).toEqual(runs);
  expect(await all(false)).toEqual(runs.toReversed());
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
  await expect(other.cloud.items.call('Scan', { TableName })).rejects.toMatchObject({
    code: 'InternalServerError',
    message: 'the local cloud is closing',
  });
});

const itemOf = (run: string, status = 'new') => ({
  owner: { S: 'tx' },
  run: { S: run },
  status: { S: status },
});
const keyOf = (run: string) => ({ owner: { S: 'tx' }, run: { S: run } });
const statusOf = async (run: string) =>
  (await dynamo.send(new GetItemCommand({ TableName, Key: keyOf(run) }))).Item?.['status']?.S;

test('a transaction makes all of its writes, and once for its token', async () => {
  await dynamo.send(new PutItemCommand({ TableName, Item: itemOf('gone') }));
  const write = new TransactWriteItemsCommand({
    ClientRequestToken: 'once',
    TransactItems: [
      { Put: { TableName, Item: itemOf('put') } },
      {
        Update: {
          TableName,
          Key: keyOf('counted'),
          UpdateExpression: 'ADD tries :one',
          ExpressionAttributeValues: { ':one': { N: '1' } },
        },
      },
      { Delete: { TableName, Key: keyOf('gone'), ConditionExpression: 'attribute_exists(run)' } },
      {
        ConditionCheck: { TableName, Key: keyOf('absent'), ConditionExpression: 'attribute_not_exists(run)' },
      },
    ],
  });
  await dynamo.send(write);
  await dynamo.send(write);
  const { Responses } = await dynamo.send(
    new TransactGetItemsCommand({
      TransactItems: ['put', 'counted', 'gone'].map((run) => ({ Get: { TableName, Key: keyOf(run) } })),
    }),
  );
  expect(Responses).toEqual([
    { Item: itemOf('put') },
    { Item: { ...keyOf('counted'), tries: { N: '1' } } },
    {},
  ]);
});

test('a transaction of which one condition does not hold writes nothing, and says which', async () => {
  await dynamo.send(new PutItemCommand({ TableName, Item: itemOf('held', 'old') }));
  const refused = dynamo.send(
    new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName, Item: itemOf('not-made') } },
        {
          Put: {
            TableName,
            Item: itemOf('held'),
            ConditionExpression: 'attribute_not_exists(run)',
            ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
          },
        },
      ],
    }),
  );
  await expect(refused).rejects.toMatchObject({
    name: 'TransactionCanceledException',
    message: expect.stringContaining('[None, ConditionalCheckFailed]'),
    CancellationReasons: [{ Code: 'None' }, { Code: 'ConditionalCheckFailed', Item: itemOf('held', 'old') }],
  });
  expect([await statusOf('not-made'), await statusOf('held')]).toEqual([undefined, 'old']);
});

test.each<[string, TransactWriteItem[], string]>([
  [
    'names an item twice',
    [{ Put: { TableName, Item: itemOf('a') } }, { Delete: { TableName, Key: keyOf('a') } }],
    'ValidationException',
  ],
  ['has no part', [], 'ValidationException'],
  ['writes to no table', [{ Put: { TableName: 'nowhere', Item: itemOf('a') } }], 'ResourceNotFoundException'],
])('a transaction that %s is refused', async (_, TransactItems, name) => {
  const refused = dynamo.send(new TransactWriteItemsCommand({ TransactItems }));
  expect((await refusalOf(refused)).name).toBe(name);
});

test('what a transaction cannot finish it takes back', async () => {
  const refused = dynamo.send(
    new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName, Item: itemOf('half') } },
        {
          Update: {
            TableName,
            Key: keyOf('held'),
            UpdateExpression: 'SET tries = missing + :one',
            ExpressionAttributeValues: { ':one': { N: '1' } },
          },
        },
      ],
    }),
  );
  await expect(refused).rejects.toMatchObject({ name: 'ValidationException' });
  expect(await statusOf('half')).toBeUndefined();
});

test('a task calls any of its actions, and catches its errors as the SDK names them', async () => {
  const key = { owner: { S: 'sdk' }, run: { S: '1' } };
  const put = {
    Type: 'Task',
    Resource: 'arn:aws:states:::aws-sdk:dynamodb:putItem',
    Arguments: { TableName, Item: key, ConditionExpression: 'attribute_not_exists(run)' },
  };
  const definition = {
    QueryLanguage: 'JSONata',
    StartAt: 'First',
    States: {
      First: { ...put, Next: 'Again' },
      Again: {
        ...put,
        Catch: [{ ErrorEquals: ['DynamoDb.ConditionalCheckFailedException'], Next: 'Find' }],
        End: true,
      },
      Find: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:dynamodb:query',
        Arguments: {
          TableName,
          KeyConditionExpression: '#o = :o',
          ExpressionAttributeNames: { '#o': 'owner' },
          ExpressionAttributeValues: { ':o': { S: 'sdk' } },
        },
        Output: '{% $states.result.Items %}',
        Next: 'List',
      },
      List: {
        Type: 'Task',
        Resource: 'arn:aws:states:::aws-sdk:sfn:listStateMachines',
        Arguments: {},
        Output: { items: '{% $states.input %}', machine: '{% $states.result.StateMachines[0].Name %}' },
        End: true,
      },
    },
  };
  const { states } = opened.cloud;
  const created = await states['CreateStateMachine']?.({
    name: 'sdk',
    definition: JSON.stringify(definition),
    roleArn: 'arn:aws:iam::000000000000:role/any',
    type: 'EXPRESS',
  });
  const ended = await states['StartSyncExecution']?.({ ...created });
  expect(ended).toMatchObject({ status: 'SUCCEEDED' });
  expect(JSON.parse(String(Reflect.get(ended ?? {}, 'output')))).toEqual({ items: [key], machine: 'sdk' });
});
