import {
  DeleteRuleCommand,
  DescribeRuleCommand,
  EventBridgeClient,
  ListRulesCommand,
  ListTargetsByRuleCommand,
  PutEventsCommand,
  PutRuleCommand,
  PutTargetsCommand,
  RemoveTargetsCommand,
} from '@aws-sdk/client-eventbridge';
import { CreateStateMachineCommand, SFNClient, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { type Clock, virtualClock } from '@statebag/states';
import { eventually, openTestCloud, refusalOf, type TestCloud } from '../gateway/test-cloud.ts';
import { deployCode } from '../lambda/deploy-code.ts';

let clock: Clock;
let opened: TestCloud;
let bridge: EventBridgeClient;

beforeEach(async () => {
  clock = virtualClock();
  opened = await openTestCloud({ clock });
  bridge = new EventBridgeClient(opened.config);
});

afterEach(async () => {
  bridge.destroy();
  await opened.close();
});

const put = (Source: string, detail: unknown) =>
  bridge.send(
    new PutEventsCommand({ Entries: [{ Source, DetailType: 'Tested', Detail: JSON.stringify(detail) }] }),
  );
const received = (): unknown[] =>
  opened.cloud.logs
    .filter({
      group: '/aws/lambda/listener',
      contains: ['got '],
      startTime: 0,
      endTime: Number.MAX_SAFE_INTEGER,
      afterId: 0,
      limit: 100,
    })
    .map(({ message }) => JSON.parse(message.slice(message.indexOf('got ') + 4)));

async function listen(rule: object, target: object = {}): Promise<void> {
  await deployCode(
    opened.cloud,
    'listener',
    'async (event) => { process.stdout.write("got " + JSON.stringify(event)); }',
  );
  await bridge.send(new PutRuleCommand({ Name: 'rule', ...rule }));
  await bridge.send(
    new PutTargetsCommand({
      Rule: 'rule',
      Targets: [{ Id: 'listener', Arn: opened.cloud.functions.arnOf('listener'), ...target }],
    }),
  );
}

test('an event is recorded and handed to the targets of the rules it matches', async () => {
  await listen({
    EventPattern: JSON.stringify({ source: ['shop'], detail: { total: [{ numeric: ['>', 10] }] } }),
  });
  await put('shop', { total: 5 });
  const { Entries } = await put('shop', { total: 50 });
  await eventually(() => (received().length > 0 ? true : undefined));
  expect(received()).toEqual([
    {
      version: '0',
      id: Entries?.[0]?.EventId,
      'detail-type': 'Tested',
      source: 'shop',
      account: '000000000000',
      time: expect.stringMatching(/Z$/),
      region: 'us-east-1',
      resources: [],
      detail: { total: 50 },
    },
  ]);
  expect(opened.cloud.events.list({ source: 'shop' }).map(({ event }) => event.detail)).toEqual([
    { total: 5 },
    { total: 50 },
  ]);
});

test.each([
  ['a fixed input', { Input: '{"fixed":true}' }, { fixed: true }],
  ['a part of the event', { InputPath: '$.detail.order' }, { id: 'o"1' }],
  [
    'a template',
    {
      InputTransformer: {
        InputPathsMap: { id: '$.detail.order.id', order: '$.detail.order' },
        InputTemplate: '{"text":"order <id> by <aws.events.rule-name>","id":<id>,"whole":<order>}',
      },
    },
    { text: 'order o"1 by rule', id: 'o"1', whole: { id: 'o"1' } },
  ],
])('a target may get %s', async (_, target, expected) => {
  await listen({ EventPattern: '{"source":["shop"]}' }, target);
  await put('shop', { order: { id: 'o"1' } });
  expect(await eventually(() => received()[0])).toEqual(expected);
});

test('a rule that is disabled or has lost its target stays silent', async () => {
  await listen({ EventPattern: '{"source":["shop"]}', State: 'DISABLED' });
  await put('shop', {});
  await bridge.send(new PutRuleCommand({ Name: 'rule', EventPattern: '{"source":["shop"]}' }));
  await bridge.send(new RemoveTargetsCommand({ Rule: 'rule', Ids: ['listener'] }));
  await put('shop', {});
  await bridge.send(new DeleteRuleCommand({ Name: 'rule' }));
  expect((await bridge.send(new ListRulesCommand({}))).Rules).toEqual([]);
  expect(received()).toEqual([]);
});

test('rules and targets are described as they were put', async () => {
  await listen({ EventPattern: '{"source":["shop"]}', Description: 'about' });
  expect(await bridge.send(new DescribeRuleCommand({ Name: 'rule' }))).toMatchObject({
    Name: 'rule',
    State: 'ENABLED',
    Description: 'about',
    EventPattern: '{"source":["shop"]}',
  });
  expect((await bridge.send(new ListTargetsByRuleCommand({ Rule: 'rule' }))).Targets).toMatchObject([
    { Id: 'listener' },
  ]);
  expect((await refusalOf(bridge.send(new DeleteRuleCommand({ Name: 'rule' })))).name).toBe(
    'ValidationException',
  );
  expect((await refusalOf(bridge.send(new DescribeRuleCommand({ Name: 'none' })))).name).toBe(
    'ResourceNotFoundException',
  );
});

test('entries are judged one by one', async () => {
  const { FailedEntryCount, Entries } = await bridge.send(
    new PutEventsCommand({
      Entries: [
        { Source: 'a', DetailType: 'b', Detail: '{}' },
        { Source: 'a', DetailType: 'b', Detail: '[' },
        { Source: 'aws.fake', DetailType: 'b', Detail: '{}' },
        { Source: 'a', Detail: '{}' },
      ],
    }),
  );
  expect([FailedEntryCount, Entries?.map(({ ErrorCode }) => ErrorCode)]).toEqual([
    3,
    [undefined, 'MalformedDetail', 'NotAuthorizedForSourceException', 'InvalidArgument'],
  ]);
});

test('a pattern, a schedule or a target that the cloud cannot honour is refused', async () => {
  const rule = (input: object) => refusalOf(bridge.send(new PutRuleCommand({ Name: 'rule', ...input })));
  expect((await rule({ EventPattern: '{"source":"shop"}' })).name).toBe('InvalidEventPatternException');
  expect((await rule({ EventPattern: '{"source":[{"near":"shop"}]}' })).name).toBe(
    'InvalidEventPatternException',
  );
  expect((await rule({ ScheduleExpression: 'cron(0 12 * * ? *)' })).name).toBe('ValidationException');
  await bridge.send(new PutRuleCommand({ Name: 'rule', EventPattern: '{"source":["shop"]}' }));
  expect(
    (
      await refusalOf(
        bridge.send(
          new PutTargetsCommand({ Rule: 'rule', Targets: [{ Id: 'q', Arn: 'arn:aws:sqs:us-east-1:1:q' }] }),
        ),
      )
    ).name,
  ).toBe('ValidationException');
});

test('a rate comes round in its own time, and the time survives a restart', async () => {
  await listen({ ScheduleExpression: 'rate(5 minutes)' }, { Input: '{"tick":true}' });
  clock.at(clock.now() + 16 * 60_000, () => {});
  await eventually(() => (received().length >= 3 ? true : undefined));
  const [first, second, third] = opened.cloud.logs.filter({
    group: '/aws/lambda/listener',
    contains: ['START'],
    startTime: 0,
    endTime: Number.MAX_SAFE_INTEGER,
    afterId: 0,
    limit: 3,
  });
  expect([
    (second?.timestamp ?? 0) - (first?.timestamp ?? 0),
    (third?.timestamp ?? 0) - (second?.timestamp ?? 0),
  ]).toEqual([300_000, 300_000]);
});

test('a rule may start a state machine', async () => {
  const definition = JSON.stringify({ StartAt: 'Done', States: { Done: { Type: 'Succeed' } } });
  await opened.cloud.states['CreateStateMachine']?.({
    name: 'target',
    definition,
    roleArn: 'arn:aws:iam::000000000000:role/r',
  });
  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:target';
  await bridge.send(new PutRuleCommand({ Name: 'rule', EventPattern: '{"source":["shop"]}' }));
  await bridge.send(
    new PutTargetsCommand({
      Rule: 'rule',
      Targets: [{ Id: 'machine', Arn: stateMachineArn, InputPath: '$.detail' }],
    }),
  );
  await put('shop', { order: 1 });
  const succeeded = () =>
    opened.cloud.states['ListExecutions']?.({ stateMachineArn, statusFilter: 'SUCCEEDED' });
  await eventually(async () => (JSON.stringify(await succeeded()).includes('SUCCEEDED') ? true : undefined));
});

test('the event of an execution has its long input whole after a restart, and where the execution is removed', async () => {
  await listen({ EventPattern: JSON.stringify({ source: ['aws.states'] }) });
  opened.cloud.functions.queue.stop();
  const input = JSON.stringify({ long: 'an "escaped" text '.repeat(1_000) });
  const ended = [await executed('kept', input), await executed('removed', input)];
  const idle = await opened.restart({ idle: true });
  expect(await idle.cloud.removeExecutions(ended.slice(1))).toEqual(ended.slice(1));
  opened = await idle.restart({ idle: false });
  const events = await eventually(() => (received().length === 4 ? received() : undefined));
  const inputs = events.map((event) => Reflect.get(Object(Reflect.get(Object(event), 'detail')), 'input'));
  expect(inputs).toEqual([input, input, input, input]);
});

/** Runs a machine of one Pass state; gives the execution once it has ended. */
async function executed(name: string, input: string): Promise<string> {
  const sfn = new SFNClient(opened.config);
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name,
      roleArn: 'arn:aws:iam::000000000000:role/r',
      definition: JSON.stringify({ StartAt: 'Only', States: { Only: { Type: 'Pass', End: true } } }),
    }),
  );
  const { executionArn = '' } = await sfn.send(new StartExecutionCommand({ stateMachineArn, name, input }));
  const told = () =>
    opened.cloud.events
      .list({ source: 'aws.states' })
      .filter(({ event }) => event.resources.includes(executionArn));
  await eventually(() => (told().length === 2 ? true : undefined));
  sfn.destroy();
  return executionArn;
}
