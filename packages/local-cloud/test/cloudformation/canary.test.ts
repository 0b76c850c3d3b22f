import { afterAll, beforeAll, beforeEach, expect, test } from '@jest/globals';
import { openTestCloud, type TestCloud } from '../gateway/test-cloud.ts';

const ALIAS = 'arn:aws:states:us-east-1:000000000000:stateMachine:canaried:live';

let opened: TestCloud;
/** What stands for the interval of a canary. */
let interval: () => Promise<void>;

beforeAll(async () => {
  opened = await openTestCloud({ durable: false, canary: () => interval() });
  interval = async () => {};
  expect(await stacks('CreateStack', template('1'))).toBe('CREATE_COMPLETE');
});

beforeEach(() => {
  interval = async () => {};
});

afterAll(() => opened.close());

const template = (result: string, preference: object = { Type: 'CANARY', Percentage: 10 }) =>
  JSON.stringify({
    Resources: {
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          AssumeRolePolicyDocument: {
            Statement: [
              { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'states.amazonaws.com' } },
            ],
          },
        },
      },
      Failing: {
        Type: 'AWS::CloudWatch::Alarm',
        Properties: {
          ...{ AlarmName: 'failing', MetricName: 'm', Namespace: 'n', Period: 60, Statistic: 'Sum' },
          ...{ ComparisonOperator: 'GreaterThanThreshold', EvaluationPeriods: 1, Threshold: 1 },
        },
      },
      Machine: {
        Type: 'AWS::StepFunctions::StateMachine',
        Properties: {
          StateMachineName: 'canaried',
          RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] },
          Definition: { StartAt: 'A', States: { A: { Type: 'Pass', Result: result, End: true } } },
        },
      },
      Version: {
        Type: 'AWS::StepFunctions::StateMachineVersion',
        UpdateReplacePolicy: 'Retain',
        Properties: {
          StateMachineArn: { Ref: 'Machine' },
          StateMachineRevisionId: { 'Fn::GetAtt': ['Machine', 'StateMachineRevisionId'] },
        },
      },
      Live: {
        Type: 'AWS::StepFunctions::StateMachineAlias',
        Properties: {
          Name: 'live',
          DeploymentPreference: {
            StateMachineVersionArn: { Ref: 'Version' },
            Interval: 10,
            Alarms: [{ Ref: 'Failing' }],
            ...preference,
          },
        },
      },
    },
  });

async function stacks(action: 'CreateStack' | 'UpdateStack', TemplateBody: string): Promise<string> {
  const { cloud } = opened;
  await cloud.stacks[action]?.({ StackName: 'canaried', TemplateBody, Capabilities: ['CAPABILITY_IAM'] });
  const answer = await cloud.stacks['DescribeStacks']?.({ StackName: 'canaried' });
  return String(JSON.parse(JSON.stringify(answer)).Stacks[0].StackStatus);
}

/** Shares of new runs by the number of the version. */
async function shares(): Promise<Readonly<Record<string, number>>> {
  const alias = await opened.cloud.states['DescribeStateMachineAlias']?.({ stateMachineAliasArn: ALIAS });
  const { routingConfiguration } = alias as {
    routingConfiguration: { stateMachineVersionArn: string; weight: number }[];
  }; // as the service answers
  return Object.fromEntries(
    routingConfiguration.map(({ stateMachineVersionArn: arn, weight }) => [arn.split(':').at(-1), weight]),
  );
}

const goes = (StateValue: string) =>
  opened.cloud.alarms['SetAlarmState']?.({ AlarmName: 'failing', StateValue, StateReason: 'a test' });

test('a canary gives the new version its share, and everything when its time is over', async () => {
  const seen: unknown[] = [];
  interval = async () => void seen.push(await shares());
  expect(await stacks('UpdateStack', template('2'))).toBe('UPDATE_COMPLETE');
  expect(seen).toEqual([{ 1: 90, 2: 10 }]);
  expect(await shares()).toEqual({ 2: 100 });
});

test('a linear deployment goes step by step', async () => {
  const seen: unknown[] = [];
  interval = async () => void seen.push(await shares());
  const preference = { Type: 'LINEAR', Percentage: 40 };
  expect(await stacks('UpdateStack', template('3', preference))).toBe('UPDATE_COMPLETE');
  expect(seen).toEqual([
    { 2: 60, 3: 40 },
    { 2: 20, 3: 80 },
  ]);
  expect(await shares()).toEqual({ 3: 100 });
});

test('an alarm that goes off meanwhile takes everything back', async () => {
  interval = async () => {
    expect(await shares()).toEqual({ 3: 90, 4: 10 });
    await goes('ALARM');
    await new Promise(() => {}); // the time is not over
  };
  expect(await stacks('UpdateStack', template('4'))).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await shares()).toEqual({ 3: 100 });
});

test('what had taken over goes back without a canary, whatever its alarms say', async () => {
  interval = async () => expect(await shares()).toBe('never asked');
  const failing = JSON.parse(template('4b', { Type: 'ALL_AT_ONCE', Interval: undefined, Alarms: [] }));
  failing.Resources.Last = { Type: 'AWS::SSM::Parameter', DependsOn: 'Live', Properties: { Type: 'String' } };
  expect(await stacks('UpdateStack', JSON.stringify(failing))).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await shares()).toEqual({ 3: 100 });
});

test('with an alarm that has gone off already no run begins on the new version', async () => {
  interval = async () => expect(await shares()).toBe('never asked');
  expect(await stacks('UpdateStack', template('5'))).toBe('UPDATE_ROLLBACK_COMPLETE');
  expect(await shares()).toEqual({ 3: 100 });
});

test('all at once needs no time, but no alarm either', async () => {
  const preference = { Type: 'ALL_AT_ONCE', Interval: undefined };
  expect(await stacks('UpdateStack', template('6', preference))).toBe('UPDATE_ROLLBACK_COMPLETE');
  await goes('OK');
  expect(await stacks('UpdateStack', template('7', preference))).toBe('UPDATE_COMPLETE');
  expect(Object.values(await shares())).toEqual([100]);
});
