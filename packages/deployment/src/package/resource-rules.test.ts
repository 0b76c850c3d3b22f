import { expect, test } from '@jest/globals';
import { resourceProblems } from './resource-rules.ts';

const queue = (Properties: Readonly<Record<string, unknown>>) =>
  resourceProblems({ Resources: { Q: { Type: 'AWS::SQS::Queue', Properties } } });

test.each<[string, Readonly<Record<string, unknown>>, readonly string[]]>([
  [
    'all it has',
    {
      QueueName: 'q',
      MessageRetentionPeriod: 5,
      SqsManagedSseEnabled: 'true',
      Tags: [{ Key: 'a', Value: 'b' }],
    },
    [],
  ],
  [
    'what CloudFormation works out',
    { QueueName: { 'Fn::Sub': 'q' }, MessageRetentionPeriod: { Ref: 'P' } },
    [],
  ],
  ['a property it has not', { Name: 'q' }, ['Q has no property Name']],
  [
    'another type',
    { MessageRetentionPeriod: 'long', QueueName: ['q'] },
    ['Q.MessageRetentionPeriod is "long"', 'Q.QueueName is no text'],
  ],
])('a resource with %s', (_, properties, problems) => expect(queue(properties)).toEqual(problems));

test('what stands deeper is looked at too, and what a resource needs', () => {
  const alias = (more: object) => ({
    Live: { Type: 'AWS::StepFunctions::StateMachineAlias', Properties: { Name: 'live', ...more } },
  });
  expect(
    resourceProblems({
      Resources: alias({
        DeploymentPreference: { StateMachineVersionArn: 'arn', Type: 'CANARY', Percent: 10 },
      }),
    }),
  ).toEqual(['Live.DeploymentPreference has no property Percent']);
  expect(resourceProblems({ Resources: alias({ DeploymentPreference: { Type: 'CANARY' } }) })).toEqual([
    'Live.DeploymentPreference needs StateMachineVersionArn',
  ]);
});

test('a kind and an attribute that there is not', () => {
  const Resources = { A: { Type: 'AWS::SQS::Que' }, Q: { Type: 'AWS::SQS::Queue' } };
  expect(
    resourceProblems({
      Resources,
      Outputs: {
        O: { Value: { 'Fn::GetAtt': ['Q', 'Name'] } },
        P: { Value: { 'Fn::GetAtt': ['Q', 'Arn'] } },
      },
    }),
  ).toEqual(['A is AWS::SQS::Que, which CloudFormation does not know', 'Q has no attribute Name']);
});
