import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateTableCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { CreateBucketCommand, GetObjectCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { CreateStateMachineCommand, SFNClient } from '@aws-sdk/client-sfn';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { dynamoDb, eventBridge, type Place, placeOf, s3, ssm, stepFunctions } from './index.ts';

const PATIENCE = {
  maxAttempts: 2,
  requestHandler: { connectionTimeout: 1_000, requestTimeout: 5_000, throwOnRequestTimeout: true },
} as const;
const dataDir = mkdtempSync(join(tmpdir(), 'statebag-requests-'));
let cloud: LocalCloud;
let place: Place;
beforeAll(async () => {
  cloud = await startLocalCloud({ dataDir, durable: false });
  place = placeOf(cloud.environment);
});
afterAll(async () => {
  await cloud.close();
  rmSync(dataDir, { recursive: true });
});

test('objects are those that the SDK writes and reads, whatever their names', async () => {
  const sdk = new S3Client({ ...cloud.clientOptions, forcePathStyle: true });
  const Bucket = 'requests';
  await sdk.send(new CreateBucketCommand({ Bucket }));
  const objects = s3(place, PATIENCE);
  for (const Key of ["a b/ä+(1)!*'~", 'x/../y', 'plain.json']) {
    const Body = Buffer.from(`{"of":"${Key}"}`);
    await objects.putObject({ Bucket, Key, Body, ContentType: 'application/json', IfNoneMatch: '*' });
    const stored = await sdk.send(new GetObjectCommand({ Bucket, Key, ChecksumMode: 'ENABLED' }));
    expect(await stored.Body?.transformToString()).toBe(Body.toString());
    expect(stored).toMatchObject({ ContentType: 'application/json', ChecksumCRC32: expect.any(String) });
    await sdk.send(new PutObjectCommand({ Bucket, Key, Body: 'other', ContentEncoding: 'zstd' }));
    const read = await objects.getObject({ Bucket, Key });
    expect(Buffer.from(await read.Body.transformToByteArray()).toString()).toBe('other');
    expect(read).toMatchObject({ ContentEncoding: 'zstd', ETag: expect.any(String) });
    const part = await objects.getObject({ Bucket, Key, Range: 'bytes=1-2' });
    expect(Buffer.from(await part.Body.transformToByteArray()).toString()).toBe('th');
    await objects.headObject({ Bucket, Key });
  }
  await expect(objects.headObject({ Bucket, Key: 'none' })).rejects.toMatchObject({ name: 'NotFound' });
  sdk.destroy();
});

test('items are put, changed, read and asked for', async () => {
  const sdk = new DynamoDBClient(cloud.clientOptions);
  const TableName = 'requests';
  await sdk.send(
    new CreateTableCommand({
      TableName,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    }),
  );
  sdk.destroy();
  const items = dynamoDb(place, PATIENCE);
  const Key = { pk: { S: 'ä' } };
  await items.putItem({ TableName, Item: { ...Key, n: { N: '1' } } });
  const values = { ExpressionAttributeValues: { ':n': { N: '2' } } };
  const changed = await items.updateItem({
    TableName,
    Key,
    UpdateExpression: 'SET n = :n',
    ReturnValues: 'ALL_NEW',
    ...values,
  });
  expect(changed.Attributes).toEqual({ ...Key, n: { N: '2' } });
  expect(await items.getItem({ TableName, Key })).toEqual({ Item: { ...Key, n: { N: '2' } } });
  const { Items } = await items.query({
    TableName,
    KeyConditionExpression: 'pk = :pk',
    ExpressionAttributeValues: { ':pk': Key.pk },
  });
  expect(Items).toHaveLength(1);
});

test('executions are started once and described, parameters are read, events are put', async () => {
  const sfn = new SFNClient(cloud.clientOptions);
  const parameters = new SSMClient(cloud.clientOptions);
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name: 'requests',
      definition: JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } }),
      roleArn: 'arn:aws:iam::000000000000:role/requests',
    }),
  );
  const executions = stepFunctions(place, PATIENCE);
  await executions.startExecution({ stateMachineArn, name: 'one', input: '{"a":"ä"}' });
  await expect(
    executions.startExecution({ stateMachineArn, name: 'one', input: '{}' }),
  ).rejects.toMatchObject({ name: 'ExecutionAlreadyExists' });
  const executionArn = `${stateMachineArn?.replace(':stateMachine:', ':execution:')}:one`;
  expect(await executions.describeExecution({ executionArn })).toMatchObject({ input: '{"a":"ä"}' });
  await parameters.send(new PutParameterCommand({ Name: '/a', Value: 'b', Type: 'String' }));
  expect(await ssm(place, PATIENCE).getParameter({ Name: '/a' })).toMatchObject({
    Parameter: { Value: 'b' },
  });
  await expect(ssm(place, PATIENCE).getParameter({ Name: '/none' })).rejects.toMatchObject({
    name: 'ParameterNotFound',
  });
  const Entries = [{ Source: 'test', DetailType: 'Told', Detail: '{}' }];
  expect(await eventBridge(place, PATIENCE).putEvents({ Entries })).toMatchObject({ FailedEntryCount: 0 });
  sfn.destroy();
  parameters.destroy();
});
