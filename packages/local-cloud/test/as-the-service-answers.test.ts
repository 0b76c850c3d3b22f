import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DynamoDBClient,
  PutItemCommand,
  UpdateItemCommand,
} from '@aws-sdk/client-dynamodb';
import {
  CompleteMultipartUploadCommand,
  CreateBucketCommand,
  CreateMultipartUploadCommand,
  DeleteObjectCommand,
  DeleteObjectsCommand,
  GetBucketVersioningCommand,
  HeadObjectCommand,
  PutBucketTaggingCommand,
  PutBucketVersioningCommand,
  PutObjectCommand,
  S3Client,
  UploadPartCommand,
} from '@aws-sdk/client-s3';
import {
  CreateActivityCommand,
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DescribeActivityCommand,
  DescribeExecutionCommand,
  GetExecutionHistoryCommand,
  ListActivitiesCommand,
  ListExecutionsCommand,
  ListStateMachinesCommand,
  ListTagsForResourceCommand,
  SFNClient,
  StartExecutionCommand,
  StopExecutionCommand,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateStateMachineCommand,
  ValidateStateMachineDefinitionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type LocalCloud, startLocalCloud } from '../src/index.ts';
import { THROWN_AWAY } from '../src/testing.ts';

const roleArn = 'arn:aws:iam::000000000000:role/any';
const dataDir = mkdtempSync(join(tmpdir(), 'statebag-answers-'));
let cloud: LocalCloud;
let sfn: SFNClient;
let s3: S3Client;
let items: DynamoDBClient;

beforeAll(async () => {
  cloud = await startLocalCloud({ dataDir, ...THROWN_AWAY });
  sfn = new SFNClient(cloud.clientOptions);
  s3 = new S3Client({ ...cloud.clientOptions, forcePathStyle: true });
  items = new DynamoDBClient(cloud.clientOptions);
});
afterAll(async () => {
  for (const client of [sfn, s3, items]) client.destroy();
  await cloud.close();
  rmSync(dataDir, { recursive: true });
});

let names = 0;
function newName(): string {
  names += 1;
  return `n${names}`;
}

async function machine(definition: object, more: { type?: 'EXPRESS' } = {}): Promise<string> {
  const { stateMachineArn = '' } = await sfn.send(
    new CreateStateMachineCommand({
      name: newName(),
      roleArn,
      definition: JSON.stringify(definition),
      ...more,
    }),
  );
  return stateMachineArn;
}

async function start(stateMachineArn: string, input = '{}'): Promise<string> {
  const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn, input }));
  return executionArn;
}

async function ended(executionArn: string) {
  for (;;) {
    const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (described.status !== 'RUNNING') return described;
  }
}

const pass = { Type: 'Pass', End: true };
const PASS = { StartAt: 'P', States: { P: pass } };
const REST = { StartAt: 'W', States: { W: { Type: 'Wait', Seconds: 600, End: true } } };
const distributed = (fields: object) => ({
  StartAt: 'M',
  States: {
    M: {
      Type: 'Map',
      ItemProcessor: {
        ProcessorConfig: { Mode: 'DISTRIBUTED', ExecutionType: 'STANDARD' },
        StartAt: 'P',
        States: { P: pass },
      },
      End: true,
      ...fields,
    },
  },
});

describe('a definition', () => {
  const choice = (Next: string, Default: string) => ({
    Type: 'Choice',
    Choices: [{ Variable: '$.a', IsPresent: true, Next }],
    Default,
  });
  test.each<[string, object, { code: string; location: string | undefined; message?: string }]>([
    [
      'that never ends',
      { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'B' }, B: { Type: 'Pass', Next: 'A' } } },
      { code: 'MISSING_END_STATE', location: undefined, message: 'Workflow has no terminal state' },
    ],
    [
      'that never ends behind a Choice',
      { StartAt: 'A', States: { A: choice('B', 'A'), B: { Type: 'Pass', Next: 'A' } } },
      { code: 'MISSING_END_STATE', location: undefined },
    ],
    [
      'whose Next leads nowhere',
      { StartAt: 'A', States: { A: { Type: 'Pass', Next: 'C' }, B: pass } },
      { code: 'MISSING_TRANSITION_TARGET', location: '/States/A/Next', message: "Missing 'Next' target: C" },
    ],
    [
      'whose Default leads nowhere',
      { StartAt: 'A', States: { A: choice('B', 'C'), B: pass } },
      { code: 'MISSING_TRANSITION_TARGET', location: '/States/A/Default' },
    ],
    [
      'whose rule leads nowhere',
      { StartAt: 'A', States: { A: choice('C', 'B'), B: pass } },
      { code: 'MISSING_TRANSITION_TARGET', location: '/States/A/Choices[0]/Next' },
    ],
    [
      'with one name in two places',
      {
        StartAt: 'A',
        States: { A: { Type: 'Parallel', Branches: [{ StartAt: 'A', States: { A: pass } }], End: true } },
      },
      { code: 'DUPLICATE_STATE_NAME', location: '/States/A' },
    ],
    ...['ToleratedFailureCountPath', 'ToleratedFailurePercentagePath', 'MaxConcurrencyPath'].map(
      (field): [string, object, { code: string; location: string; message: string }] => [
        `whose ${field} leads into the context`,
        distributed({ [field]: '$$.Execution.Input.n' }),
        {
          code: 'SCHEMA_VALIDATION_FAILED',
          location: `/States/M/${field}`,
          message: 'Value is not a Reference Path',
        },
      ],
    ),
    [
      'that transforms no listing',
      distributed({
        ItemReader: {
          Resource: 'arn:aws:states:::s3:getObject',
          ReaderConfig: { InputType: 'JSON', Transformation: 'LOAD_AND_FLATTEN' },
          Parameters: { Bucket: 'b', Key: 'k' },
        },
      }),
      { code: 'SCHEMA_VALIDATION_FAILED', location: '/States/M/ItemReader/ReaderConfig/Transformation' },
    ],
  ])('%s is refused, with code and place', async (_, definition, expected) => {
    const text = JSON.stringify(definition);
    const { result, diagnostics } = await sfn.send(
      new ValidateStateMachineDefinitionCommand({ definition: text }),
    );
    expect(result).toBe('FAIL');
    const { location, ...rest } = expected;
    expect(diagnostics).toEqual(expect.arrayContaining([expect.objectContaining(rest)]));
    expect(diagnostics?.map((each) => each.location ?? undefined)).toContain(location);
    const created = sfn.send(new CreateStateMachineCommand({ name: newName(), roleArn, definition: text }));
    await expect(created).rejects.toMatchObject({ name: 'InvalidDefinition' });
  });

  test('may end in any of its ways', async () => {
    const definition = {
      StartAt: 'A',
      States: { A: choice('B', 'C'), B: { Type: 'Fail' }, C: { Type: 'Pass', Next: 'A' } },
    };
    await expect(machine(definition)).resolves.toMatch(/^arn:/);
  });
});

describe('an execution', () => {
  test('quotes its input as it was sent, blanks included', async () => {
    const arn = await machine({
      StartAt: 'A',
      States: { A: { Type: 'Pass', Parameters: { 'b.$': '$.value' }, End: true } },
    });
    const { cause } = await ended(await start(arn, '{"a": 1,       "b": 2}'));
    expect(cause).toContain(`could not be found in the input '{"a": 1,       "b": 2}'`);
  });

  test.each<[string, string, object, string]>([
    [
      'a number of DynamoDB',
      'dynamodb:putItem',
      { TableName: 'T', Item: { pk: { S: 'b' }, n: { 'N.$': '$.n' } } },
      "The value for the field 'N' must be a STRING",
    ],
    [
      'a text in a list of DynamoDB',
      'dynamodb:putItem',
      { TableName: 'T', Item: { pk: { L: [{ 'S.$': '$.n' }] } } },
      "The value for the field 'S' must be a STRING",
    ],
    [
      'the name of a table',
      'dynamodb:getItem',
      { 'TableName.$': '$.n', Key: {} },
      "The value for the field 'TableName' must be a STRING",
    ],
    [
      'the name of a function',
      'lambda:invoke',
      { 'FunctionName.$': '$.n' },
      "The value for the field 'FunctionName' must be a STRING",
    ],
    [
      'the name of an execution',
      'states:startExecution',
      { StateMachineArn: 'a', 'Name.$': '$.n' },
      "The value for the field 'Name' must be a STRING",
    ],
    [
      'the source of an event',
      'events:putEvents',
      { Entries: [{ 'Source.$': '$.n', DetailType: 'd', Detail: {} }] },
      "The value for the field 'Source' must be a STRING",
    ],
  ])('takes no number for %s, and no Catch takes that', async (_, resource, parameters, told) => {
    const state = {
      Type: 'Task',
      Resource: `arn:aws:states:::${resource}`,
      Parameters: parameters,
      Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'P' }],
      End: true,
    };
    const { status, error, cause } = await ended(
      await start(await machine({ StartAt: 'T', States: { T: state, P: pass } }), '{"n": 5}'),
    );
    expect({ status, error }).toEqual({ status: 'FAILED', error: 'States.Runtime' });
    expect(cause).toContain(`could not be used to start the Task: [${told}]`);
  });

  test('maps over what is in the objects of a listing', async () => {
    const Bucket = `flat-${newName()}`;
    await s3.send(new CreateBucketCommand({ Bucket }));
    for (const [Key, Body] of [
      ['p/1.json', '[{"n": 1}, {"n": 2}]'],
      ['p/2.json', '[{"n": 3}]'],
      ['q/3.json', '[{"n": 4}]'],
    ] as const)
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
    const reader = {
      Resource: 'arn:aws:states:::s3:listObjectsV2',
      ReaderConfig: { InputType: 'JSON', Transformation: 'LOAD_AND_FLATTEN' },
      Parameters: { Bucket, Prefix: 'p/' },
    };
    const { output = 'null', cause } = await ended(
      await start(await machine(distributed({ ItemReader: reader }))),
    );
    expect({ cause, output: JSON.parse(output) }).toEqual({
      cause: undefined,
      output: [{ n: 1 }, { n: 2 }, { n: 3 }],
    });
  });
});

describe('the API of Step Functions', () => {
  test('pages by position: stopping each page stops all, and none comes twice', async () => {
    const stateMachineArn = await machine(REST);
    const started = await Promise.all(Array.from({ length: 7 }, () => start(stateMachineArn)));
    const seen: string[] = [];
    let nextToken: string | undefined;
    do {
      const page = await sfn.send(
        new ListExecutionsCommand({
          stateMachineArn,
          statusFilter: 'RUNNING',
          maxResults: 3,
          ...(nextToken && { nextToken }),
        }),
      );
      for (const { executionArn = '' } of page.executions ?? []) {
        seen.push(executionArn);
        await sfn.send(new StopExecutionCommand({ executionArn }));
      }
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(seen.toSorted()).toEqual(started.toSorted());
  });

  test('pages of machines and activities hold each of them once', async () => {
    const made = await Promise.all(
      Array.from(
        { length: 5 },
        async () => (await sfn.send(new CreateActivityCommand({ name: newName() }))).activityArn,
      ),
    );
    const seen: (string | undefined)[] = [];
    let nextToken: string | undefined;
    do {
      const page = await sfn.send(
        new ListActivitiesCommand({ maxResults: 2, ...(nextToken && { nextToken }) }),
      );
      seen.push(...(page.activities ?? []).map(({ activityArn }) => activityArn));
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toEqual(expect.arrayContaining(made));
  });

  test('refuses by the codes that the service was recorded with', async () => {
    const stateMachineArn = await machine(PASS);
    const express = await start(await machine(PASS, { type: 'EXPRESS' }));
    const routing = [{ stateMachineVersionArn: stateMachineArn, weight: 100 }];
    const codes = await Promise.all(
      [
        sfn.send(new UpdateStateMachineCommand({ stateMachineArn })),
        sfn.send(new ListExecutionsCommand({ stateMachineArn, statusFilter: 'succeeded' as never })), // what the client's types refuse
        sfn.send(new StopExecutionCommand({ executionArn: express })),
        sfn.send(new GetExecutionHistoryCommand({ executionArn: express })),
        sfn.send(new DescribeExecutionCommand({ executionArn: express })),
        sfn.send(new DescribeActivityCommand({ activityArn: 'no_an_activity_arn' })),
        sfn.send(new CreateStateMachineAliasCommand({ name: 'Q', routingConfiguration: routing })),
        sfn.send(new ListStateMachinesCommand({ maxResults: 1, nextToken: 'x' })),
        sfn.send(
          new ListExecutionsCommand({ stateMachineArn, nextToken: Buffer.from('[1]').toString('base64url') }),
        ),
      ].map((call) =>
        call.then(
          () => 'answered',
          (error: Error) => error.name,
        ),
      ),
    );
    expect(codes).toEqual([
      'MissingRequiredParameter',
      'ValidationException',
      'InvalidArn',
      'InvalidArn',
      'InvalidArn',
      'InvalidArn',
      'ValidationException',
      'InvalidToken',
      'InvalidToken',
    ]);
  });

  test('keeps the tags of activities', async () => {
    const { activityArn: resourceArn = '' } = await sfn.send(
      new CreateActivityCommand({ name: newName(), tags: [{ key: 'k', value: 'v' }] }),
    );
    const tags = async () => (await sfn.send(new ListTagsForResourceCommand({ resourceArn }))).tags;
    expect(await tags()).toEqual([{ key: 'k', value: 'v' }]);
    await sfn.send(new TagResourceCommand({ resourceArn, tags: [{ key: 'l', value: 'w' }] }));
    await sfn.send(new UntagResourceCommand({ resourceArn, tagKeys: ['k'] }));
    expect(await tags()).toEqual([{ key: 'l', value: 'w' }]);
  });
});

describe('S3', () => {
  const Bucket = 'answers';

  const name = (error: Error & { $metadata?: { httpStatusCode?: number } }) =>
    `${error.$metadata?.httpStatusCode} ${error.name}`;
  beforeAll(async () => {
    await s3.send(new CreateBucketCommand({ Bucket }));
  });

  test.each([
    ['with another ETag', true, '"wrong"', '412 PreconditionFailed', true],
    ['with any ETag', true, '*', 'deleted', false],
    ['of what is not there', false, '"wrong"', '404 NoSuchKey', false],
    ['of whatever is not there', false, '*', '404 NoSuchKey', false],
  ])('a delete %s', async (_, isThere, IfMatch, expected, stays) => {
    const target = { Bucket, Key: newName() };
    if (isThere) await s3.send(new PutObjectCommand({ ...target, Body: 'x' }));
    const answer = await s3.send(new DeleteObjectCommand({ ...target, IfMatch })).then(() => 'deleted', name);
    const found = await s3.send(new HeadObjectCommand(target)).then(
      () => true,
      () => false,
    );
    expect([answer, found]).toEqual([expected, stays]);
  });

  test('a delete of many tells which one its condition kept', async () => {
    for (const each of ['a', 'b']) await s3.send(new PutObjectCommand({ Bucket, Key: each, Body: each }));
    const Objects = [{ Key: 'a', ETag: '"wrong"' }, { Key: 'b' }, { Key: 'none', ETag: '"wrong"' }];
    const { Deleted, Errors } = await s3.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects } }));
    expect(Deleted?.map((each) => each.Key)).toEqual(['b']);
    expect(Errors?.map((each) => [each.Key, each.Code])).toEqual([
      ['a', 'PreconditionFailed'],
      ['none', 'NoSuchKey'],
    ]);
  });

  test.each([
    ['was written and deleted', ['put', 'delete'], '409 ConditionalRequestConflict'],
    ['was written', ['put'], '412 PreconditionFailed'],
    ['was left alone', [], 'completed'],
  ])('a conditional upload whose key %s meanwhile', async (_, meanwhile, expected) => {
    const target = { Bucket, Key: newName() };
    const { UploadId } = await s3.send(new CreateMultipartUploadCommand(target));
    const { ETag } = await s3.send(new UploadPartCommand({ ...target, UploadId, PartNumber: 1, Body: 'x' }));
    for (const what of meanwhile)
      await s3.send(
        what === 'put'
          ? new PutObjectCommand({ ...target, Body: 'y' })
          : (new DeleteObjectCommand(target) as never),
      ); // one of two commands
    const completed = s3.send(
      new CompleteMultipartUploadCommand({
        ...target,
        UploadId,
        IfNoneMatch: '*',
        MultipartUpload: { Parts: [{ PartNumber: 1, ETag }] },
      }),
    );
    expect(await completed.then(() => 'completed', name)).toBe(expected);
  });

  test('refuses what it would not do', async () => {
    const versioning = (Status: 'Enabled' | 'Suspended') =>
      s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status } }));
    await expect(versioning('Enabled')).rejects.toMatchObject({ name: 'NotImplemented' });
    await versioning('Suspended');
    expect((await s3.send(new GetBucketVersioningCommand({ Bucket }))).Status).toBeUndefined();
    const tagging = s3.send(new PutBucketTaggingCommand({ Bucket, Tagging: { TagSet: [] } }));
    await expect(tagging).rejects.toMatchObject({ name: 'NotImplemented' });
  });
});

test('DynamoDB gives the item that a condition did not hold for', async () => {
  const TableName = 'Answers';
  const Item = { pk: { S: 'a' }, n: { N: '1' } };
  await items.send(
    new CreateTableCommand({
      TableName,
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await items.send(new PutItemCommand({ TableName, Item }));
  const condition = {
    TableName,
    ConditionExpression: 'attribute_not_exists(pk)',
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
  } as const;
  const Key = { pk: { S: 'a' } };
  for (const refused of [
    items.send(new PutItemCommand({ ...condition, Item: { pk: { S: 'a' } } })),
    items.send(new DeleteItemCommand({ ...condition, Key })),
    items.send(
      new UpdateItemCommand({
        ...condition,
        Key,
        UpdateExpression: 'SET n = :n',
        ExpressionAttributeValues: { ':n': { N: '2' } },
      }),
    ),
  ]) {
    await expect(refused).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item });
  }
  const without = items.send(
    new PutItemCommand({ ...condition, ReturnValuesOnConditionCheckFailure: 'NONE', Item }),
  );
  await expect(without).rejects.toMatchObject({ name: 'ConditionalCheckFailedException', Item: undefined });
});
