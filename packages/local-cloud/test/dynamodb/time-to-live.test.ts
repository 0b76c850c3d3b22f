import { CloudFormationClient, CreateStackCommand, UpdateStackCommand } from '@aws-sdk/client-cloudformation';
import {
  BatchWriteItemCommand,
  CreateTableCommand,
  DeleteTableCommand,
  DescribeTimeToLiveCommand,
  DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  ScanCommand,
  TransactWriteItemsCommand,
  UpdateItemCommand,
  UpdateTimeToLiveCommand,
} from '@aws-sdk/client-dynamodb';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { virtualClock } from '@statebag/states';
import { openTestCloud, refusalOf, type TestCloud } from '../gateway/test-cloud.ts';

const START = Date.UTC(2026, 0, 1);
const TableName = 'sessions';
let clock: ReturnType<typeof virtualClock>;
let opened: TestCloud;
let dynamo: DynamoDBClient;

beforeEach(async () => {
  clock = virtualClock(START);
  opened = await openTestCloud({ durable: false, clock });
  dynamo = new DynamoDBClient(opened.config);
  await create();
});
afterEach(async () => {
  dynamo.destroy();
  await opened.close();
});

const create = () =>
  dynamo.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
    }),
  );
const set = (Enabled: boolean, AttributeName = 'end') =>
  dynamo.send(
    new UpdateTimeToLiveCommand({ TableName, TimeToLiveSpecification: { Enabled, AttributeName } }),
  );
const described = async () =>
  (await dynamo.send(new DescribeTimeToLiveCommand({ TableName }))).TimeToLiveDescription;
/** An item that ends so many seconds after the start. */
const ending = (id: string, seconds: number) => ({
  id: { S: id },
  end: { N: String(START / 1000 + seconds) },
});
const ids = async () =>
  (await dynamo.send(new ScanCommand({ TableName }))).Items?.map(({ id }) => id?.S).toSorted();
const later = (seconds: number) =>
  new Promise<void>((resolve) => void clock.at(clock.now() + seconds * 1000, resolve));

test('items vanish in the second that their attribute names, however they were written', async () => {
  await set(true);
  await dynamo.send(new PutItemCommand({ TableName, Item: ending('put', 10) }));
  const batch = [{ PutRequest: { Item: ending('batch', 20) } }];
  await dynamo.send(new BatchWriteItemCommand({ RequestItems: { [TableName]: batch } }));
  const Put = { TableName, Item: ending('transaction', 30) };
  await dynamo.send(new TransactWriteItemsCommand({ TransactItems: [{ Put }] }));
  const Key = { id: { S: 'updated' } };
  const end = ending('', 40).end;
  await dynamo.send(
    new UpdateItemCommand({
      TableName,
      Key,
      UpdateExpression: 'SET #e = :e',
      ExpressionAttributeNames: { '#e': 'end' },
      ExpressionAttributeValues: { ':e': end },
    }),
  );
  await dynamo.send(new PutItemCommand({ TableName, Item: { id: { S: 'text' }, end: { S: '1' } } }));
  await dynamo.send(new PutItemCommand({ TableName, Item: ending('ancient', -200_000_000) }));
  const seen: (string[] | undefined)[] = [];
  for (const _ of [0, 10, 20, 30, 40]) {
    seen.push((await ids())?.filter((id): id is string => id !== undefined));
    await later(10);
  }
  const rest = ['ancient', 'text'];
  expect(seen).toEqual([
    ['ancient', 'batch', 'put', 'text', 'transaction', 'updated'],
    ['ancient', 'batch', 'text', 'transaction', 'updated'],
    ['ancient', 'text', 'transaction', 'updated'],
    ['ancient', 'text', 'updated'],
    rest,
  ]);
  expect((await dynamo.send(new GetItemCommand({ TableName, Key }))).Item).toBeUndefined();
});

test('items that were there before, and those of an earlier process, end too', async () => {
  await dynamo.send(new PutItemCommand({ TableName, Item: ending('before', 5) }));
  await later(10);
  expect(await ids()).toEqual(['before']);
  await set(true);
  expect(await ids()).toEqual([]);
  await dynamo.send(new PutItemCommand({ TableName, Item: ending('kept', 60) }));
  dynamo.destroy();
  opened = await opened.restart();
  dynamo = new DynamoDBClient(opened.config);
  expect(await described()).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'end' });
  expect(await ids()).toEqual(['kept']);
  await later(60);
  expect(await ids()).toEqual([]);
});

test('the setting is described, changed by way of none, and ends with its table', async () => {
  expect(await described()).toEqual({ TimeToLiveStatus: 'DISABLED' });
  await set(true);
  for (const again of [set(true), set(true, 'other'), set(false, 'other')])
    expect((await refusalOf(again)).name).toBe('ValidationException');
  await set(false);
  expect((await refusalOf(set(false))).name).toBe('ValidationException');
  await set(true, 'other');
  expect(await described()).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'other' });
  await dynamo.send(new DeleteTableCommand({ TableName }));
  expect((await refusalOf(set(true))).name).toBe('ResourceNotFoundException');
  await create();
  expect(await described()).toEqual({ TimeToLiveStatus: 'DISABLED' });
});

test('a template sets it, changes it and takes it back', async () => {
  const stacks = new CloudFormationClient(opened.config);
  const TemplateBody = (specification: object | undefined) =>
    JSON.stringify({
      Resources: {
        T: {
          Type: 'AWS::DynamoDB::Table',
          Properties: {
            TableName: 'made',
            BillingMode: 'PAY_PER_REQUEST',
            AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
            KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
            ...(specification && { TimeToLiveSpecification: specification }),
          },
        },
      },
    });
  const told = async () =>
    (await dynamo.send(new DescribeTimeToLiveCommand({ TableName: 'made' }))).TimeToLiveDescription;
  const StackName = 'tables';
  const first = TemplateBody({ AttributeName: 'a', Enabled: true });
  await stacks.send(new CreateStackCommand({ StackName, TemplateBody: first }));
  expect(await told()).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'a' });
  const second = TemplateBody({ AttributeName: 'b', Enabled: true });
  await stacks.send(new UpdateStackCommand({ StackName, TemplateBody: second }));
  expect(await told()).toEqual({ TimeToLiveStatus: 'ENABLED', AttributeName: 'b' });
  await stacks.send(new UpdateStackCommand({ StackName, TemplateBody: TemplateBody(undefined) }));
  expect(await told()).toEqual({ TimeToLiveStatus: 'DISABLED' });
  stacks.destroy();
});
