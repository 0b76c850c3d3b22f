import {
  CloudFormationClient,
  CreateChangeSetCommand,
  CreateStackCommand,
  type CreateStackCommandInput,
  DeleteChangeSetCommand,
  DeleteStackCommand,
  DescribeChangeSetCommand,
  DescribeStackEventsCommand,
  DescribeStacksCommand,
  ExecuteChangeSetCommand,
  ListExportsCommand,
  ListStackResourcesCommand,
  UpdateStackCommand,
  ValidateTemplateCommand,
} from '@aws-sdk/client-cloudformation';
import { LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestCloud, refusalOf, type TestCloud } from '../gateway/test-cloud.ts';
import { deployCode } from '../lambda/deploy-code.ts';

let opened: TestCloud;
let client: CloudFormationClient;
let ssm: SSMClient;

beforeAll(async () => {
  opened = await openTestCloud({ account: '111122223333', region: 'eu-west-1', durable: false });
  connect();
});

afterAll(async () => {
  disconnect();
  await opened.close();
});

function connect(): void {
  client = new CloudFormationClient(opened.config);
  ssm = new SSMClient(opened.config);
}

function disconnect(): void {
  client.destroy();
  ssm.destroy();
}

const parameter = (Name: string, Value: unknown, more: object = {}) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Name, Type: 'String', Value },
  ...more,
});
const text = (Resources: object, more: object = {}): string => JSON.stringify({ Resources, ...more });
const create = (StackName: string, TemplateBody: string, more: Partial<CreateStackCommandInput> = {}) =>
  client.send(new CreateStackCommand({ StackName, TemplateBody, ...more }));
const update = (StackName: string, TemplateBody: string) =>
  client.send(new UpdateStackCommand({ StackName, TemplateBody }));
const remove = (StackName: string) => client.send(new DeleteStackCommand({ StackName }));
const stackOf = async (StackName: string) =>
  (await client.send(new DescribeStacksCommand({ StackName }))).Stacks?.[0];
const readValue = async (Name: string) =>
  (await ssm.send(new GetParameterCommand({ Name }))).Parameter?.Value;
const idsOf = async (StackName: string) =>
  (await client.send(new ListStackResourcesCommand({ StackName }))).StackResourceSummaries?.map(
    ({ LogicalResourceId }) => LogicalResourceId,
  );
const eventsOf = async (StackName: string) =>
  ((await client.send(new DescribeStackEventsCommand({ StackName }))).StackEvents ?? [])
    .map(({ LogicalResourceId, ResourceStatus }) => `${LogicalResourceId} ${ResourceStatus}`)
    .reverse();
/** What a wrong call is told. */
const messageOf = (call: Promise<unknown>): Promise<string> =>
  call.then(
    () => 'it was not refused',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

test('a stack is made in the order of its references, with outputs and an export, and survives a restart', async () => {
  const template = text(
    {
      Second: parameter('/made/second', { 'Fn::Join': ['', [{ Ref: 'First' }, '!']] }),
      First: parameter('/made/first', 'a'),
    },
    { Outputs: { Name: { Value: { Ref: 'Second' }, Export: { Name: 'made-second' } } } },
  );
  await create('made', template, { Tags: [{ Key: 'application', Value: 'shop' }] });
  disconnect();
  opened = await opened.restart();
  connect();
  expect(await stackOf('made')).toMatchObject({
    StackStatus: 'CREATE_COMPLETE',
    Outputs: [{ OutputKey: 'Name', OutputValue: '/made/second', ExportName: 'made-second' }],
    Tags: [{ Key: 'application', Value: 'shop' }],
  });
  expect(await readValue('/made/second')).toBe('/made/first!');
  expect(await eventsOf('made')).toEqual([
    'made CREATE_IN_PROGRESS',
    'First CREATE_IN_PROGRESS',
    'First CREATE_COMPLETE',
    'Second CREATE_IN_PROGRESS',
    'Second CREATE_COMPLETE',
    'made CREATE_COMPLETE',
  ]);
  const { Exports } = await client.send(new ListExportsCommand({}));
  expect(Exports).toMatchObject([{ Name: 'made-second', Value: '/made/second' }]);
});

test('an export in use keeps its stack from being removed, and is not exported twice', async () => {
  const exporting = (name: string) =>
    text({ A: parameter(name, 'x') }, { Outputs: { Out: { Value: 'v', Export: { Name: 'shared' } } } });
  await create('exporter', exporting('/exporter/a'));
  await create('importer', text({ B: parameter('/importer/b', { 'Fn::ImportValue': 'shared' }) }));
  expect(await readValue('/importer/b')).toBe('v');
  expect(await messageOf(remove('exporter'))).toContain('cannot be deleted as it is in use by importer');
  await create('again', exporting('/again/a'));
  expect(await stackOf('again')).toMatchObject({ StackStatus: 'ROLLBACK_COMPLETE' });
  await remove('importer');
  await remove('exporter');
  expect(await messageOf(stackOf('exporter'))).toBe('Stack with id exporter does not exist');
});

test('an update changes in place, replaces under a new name, and removes what is no longer there', async () => {
  await create(
    'changed',
    text({
      A: parameter('/changed/a', '1'),
      B: parameter('/changed/b', '1'),
      C: parameter('/changed/c', '1'),
    }),
  );
  await update('changed', text({ A: parameter('/changed/a', '2'), B: parameter('/changed/other', '1') }));
  expect(await readValue('/changed/a')).toBe('2');
  expect(await readValue('/changed/other')).toBe('1');
  for (const gone of ['/changed/b', '/changed/c'])
    expect((await refusalOf(readValue(gone))).name).toBe('ParameterNotFound');
  expect(await idsOf('changed')).toEqual(['A', 'B']);
  expect(
    await messageOf(
      update('changed', text({ A: parameter('/changed/a', '2'), B: parameter('/changed/other', '1') })),
    ),
  ).toBe('No updates are to be performed.');
});

test('what was changed at run time survives an update that does not speak of it', async () => {
  const rollout = parameter('/kept/rollout', '100');
  await create('kept', text({ Rollout: rollout }));
  await ssm.send(new PutParameterCommand({ Name: '/kept/rollout', Value: '10', Overwrite: true }));
  await update('kept', text({ Rollout: rollout, More: parameter('/kept/more', '1') }));
  expect(await readValue('/kept/rollout')).toBe('10');
});

test('a failed update is taken back, replacements too', async () => {
  const before = text({ A: parameter('/back/a', '1'), B: parameter('/back/b', '1') });
  await create('back', before);
  const taken = parameter('/made/first', 'taken', { DependsOn: ['A', 'B', 'New'] });
  const after = {
    A: parameter('/back/a', '2'),
    B: parameter('/back/other', '1'),
    New: parameter('/back/new', '1'),
    Taken: taken,
  };
  await update('back', text(after));
  expect(await stackOf('back')).toMatchObject({ StackStatus: 'UPDATE_ROLLBACK_COMPLETE' });
  expect([await readValue('/back/a'), await readValue('/back/b')]).toEqual(['1', '1']);
  for (const gone of ['/back/other', '/back/new'])
    expect((await refusalOf(readValue(gone))).name).toBe('ParameterNotFound');
  expect(await eventsOf('back')).toEqual(
    expect.arrayContaining(['Taken CREATE_FAILED', 'back UPDATE_ROLLBACK_IN_PROGRESS']),
  );
  await update('back', text({ A: parameter('/back/a', '3'), B: parameter('/back/b', '1') }));
  expect(await readValue('/back/a')).toBe('3');
});

test('a failed creation removes what it made, and keeps what is retained: a second try meets it', async () => {
  const template = text({
    A: parameter('/failed/a', '1'),
    Kept: parameter('/failed/kept', '1', { DeletionPolicy: 'Retain' }),
    OnlyLater: parameter('/failed/later', '1', { DeletionPolicy: 'RetainExceptOnCreate' }),
    Taken: parameter('/made/first', 'taken', { DependsOn: ['A', 'Kept', 'OnlyLater'] }),
  });
  await create('failed', template);
  expect(await stackOf('failed')).toMatchObject({
    StackStatus: 'ROLLBACK_COMPLETE',
  });
  expect(await idsOf('failed')).toEqual([]);
  expect(await readValue('/failed/kept')).toBe('1');
  for (const gone of ['/failed/a', '/failed/later'])
    expect((await refusalOf(readValue(gone))).name).toBe('ParameterNotFound');
  expect(await messageOf(update('failed', template))).toContain(
    'is in ROLLBACK_COMPLETE state and can not be updated',
  );
  await remove('failed');
  await create('failed', text({ Kept: parameter('/failed/kept', '1') }));
  const events = await client.send(new DescribeStackEventsCommand({ StackName: 'failed' }));
  expect(
    events.StackEvents?.find(({ ResourceStatus }) => ResourceStatus === 'CREATE_FAILED')
      ?.ResourceStatusReason,
  ).toBe("Resource of type 'AWS::SSM::Parameter' with identifier '/failed/kept' already exists.");
});

const changeSet = (type: 'CREATE' | 'UPDATE', TemplateBody: string) =>
  client.send(
    new CreateChangeSetCommand({
      StackName: 'sets',
      ChangeSetName: 'one',
      ChangeSetType: type,
      TemplateBody,
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    }),
  );
const named = { StackName: 'sets', ChangeSetName: 'one' };

test('a change set names what will change and does it once; one without changes says so', async () => {
  await changeSet('CREATE', text({ A: parameter('/sets/a', '1') }));
  expect(await stackOf('sets')).toMatchObject({ StackStatus: 'REVIEW_IN_PROGRESS' });
  await client.send(new ExecuteChangeSetCommand(named));
  expect(await readValue('/sets/a')).toBe('1');
  await client.send(new DeleteChangeSetCommand(named));
  await client.send(new DeleteChangeSetCommand(named)); // what is gone already is no failure
  const next = text({ A: parameter('/sets/other', '1'), B: parameter('/sets/b', { Ref: 'A' }) });
  await changeSet('UPDATE', next);
  const described = await client.send(new DescribeChangeSetCommand(named));
  expect(
    described.Changes?.map(({ ResourceChange: change }) => [
      change?.Action,
      change?.LogicalResourceId,
      change?.Replacement,
    ]),
  ).toEqual([
    ['Modify', 'A', 'True'],
    ['Add', 'B', undefined],
  ]);
  await client.send(new ExecuteChangeSetCommand(named));
  expect(await readValue('/sets/b')).toBe('/sets/other');
  expect((await refusalOf(client.send(new ExecuteChangeSetCommand(named)))).name).toBe(
    'InvalidChangeSetStatusException',
  );
  await client.send(new DeleteChangeSetCommand(named));
  await changeSet('UPDATE', next);
  expect(await client.send(new DescribeChangeSetCommand(named))).toMatchObject({
    Status: 'FAILED',
    StatusReason: expect.stringContaining("didn't contain changes"),
  });
});

test('what the service refuses is refused in its words', async () => {
  const role = { Type: 'AWS::IAM::Role', Properties: { RoleName: 'r', AssumeRolePolicyDocument: {} } };
  expect((await refusalOf(create('named', text({ R: role })))).name).toBe(
    'InsufficientCapabilitiesException',
  );
  expect((await refusalOf(create('made', text({ A: parameter('/x', 'y') })))).name).toBe(
    'AlreadyExistsException',
  );
  expect(await messageOf(create('a_b', text({ A: parameter('/x', 'y') })))).toContain(
    "Value 'a_b' at 'stackName'",
  );
  expect(await messageOf(create('big', text({ A: parameter('/x', 'y'.repeat(52_000)) })))).toContain(
    'less than or equal to 51200',
  );
  expect(await messageOf(client.send(new ValidateTemplateCommand({ TemplateBody: '{}' })))).toContain(
    'At least one Resources member',
  );
  const elsewhere = new CloudFormationClient({ ...opened.config, region: 'us-east-1' });
  expect(await messageOf(elsewhere.send(new DescribeStacksCommand({})))).toContain(
    'not us-east-1: this cloud is eu-west-1',
  );
  elsewhere.destroy();
});

test('a queue is made with its attributes and its policy, changed, and removed', async () => {
  const queue = (seconds: number) =>
    text({
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'jobs', VisibilityTimeout: seconds } },
      Policy: {
        Type: 'AWS::SQS::QueuePolicy',
        Properties: { Queues: [{ Ref: 'Queue' }], PolicyDocument: {} },
      },
    });
  const visibility = () => opened.cloud.queues.store.queue('jobs')?.attributes['VisibilityTimeout'];
  await create('queues', queue(60));
  expect(visibility()).toBe('60');
  await update('queues', queue(90));
  expect(visibility()).toBe('90');
  await remove('queues');
  expect(visibility()).toBeUndefined();
});

test('a function is given the messages of a queue, in batches of a size that can change', async () => {
  await deployCode(opened.cloud, 'receiver', 'async () => {}');
  const mapped = (BatchSize: number) =>
    text({
      Queue: { Type: 'AWS::SQS::Queue', Properties: { QueueName: 'mapped' } },
      Mapping: {
        Type: 'AWS::Lambda::EventSourceMapping',
        Properties: {
          EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
          FunctionName: 'receiver',
          BatchSize,
        },
      },
    });
  const lambda = new LambdaClient(opened.config);
  const sizes = async () =>
    (
      await lambda.send(new ListEventSourceMappingsCommand({ FunctionName: 'receiver' }))
    ).EventSourceMappings?.map(({ BatchSize }) => BatchSize);
  await create('mapping', mapped(5));
  expect(await sizes()).toEqual([5]);
  await update('mapping', mapped(7));
  expect(await sizes()).toEqual([7]);
  await remove('mapping');
  expect(await sizes()).toEqual([]);
  lambda.destroy();
});

test('a property that the specification does not know fails its resource by name', async () => {
  await create('wrong', text({ A: { Type: 'AWS::Logs::LogGroup', Properties: { RetentionInDay: 3 } } }));
  expect(await stackOf('wrong')).toMatchObject({ StackStatus: 'ROLLBACK_COMPLETE' });
  const { StackEvents } = await client.send(new DescribeStackEventsCommand({ StackName: 'wrong' }));
  expect(StackEvents?.map(({ ResourceStatusReason: reason }) => reason)).toContain(
    'Encountered unsupported property RetentionInDay',
  );
});

/** A template with one table. */
const tableNamed = (TableName: string, DeletionProtectionEnabled: string): string => {
  const AttributeDefinitions = [{ AttributeName: 'pk', AttributeType: 'S' }];
  const KeySchema = [{ AttributeName: 'pk', KeyType: 'HASH' }];
  const made = { TableName, BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions, KeySchema };
  return text({
    Table: { Type: 'AWS::DynamoDB::Table', Properties: { ...made, DeletionProtectionEnabled } },
  });
};

test('a table that is protected stays, whoever deletes it', async () => {
  await create('guarded', tableNamed('guarded', 'true'));
  const deleted = () => messageOf(opened.cloud.items.call('DeleteTable', { TableName: 'guarded' }));
  expect(await deleted()).toContain('currently protected against deletion');
  await remove('guarded');
  expect(await stackOf('guarded')).toMatchObject({ StackStatus: 'DELETE_FAILED' });
  expect(await opened.cloud.items.call('DescribeTable', { TableName: 'guarded' })).toHaveProperty('Table');
});

test('a protection that is taken away lets a table go with its stack', async () => {
  await create('released', tableNamed('released', 'true'));
  await update('released', tableNamed('released', 'false'));
  await remove('released');
  expect(await messageOf(stackOf('released'))).toContain('does not exist');
});
