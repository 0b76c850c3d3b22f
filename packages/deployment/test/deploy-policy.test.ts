import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { listOf } from '../src/package/template.ts';
import { currentApp } from '../src/stack/app-of-checkout.ts';

const ROOT = join(import.meta.dirname, '..', '..', '..');
const text = readFileSync(join(ROOT, 'docs', 'deploy-policy.json'), 'utf8');
const { Statement: statements }: { Statement: { Action: string | string[]; Resource: string | string[] }[] } =
  JSON.parse(text);
const allowed = new Set(statements.flatMap(({ Action }) => listOf(Action).map(String)));

/** What CloudFormation calls, as whoever deploys, to make and to remove a resource of a type. */
const CALLS: Readonly<Record<string, readonly string[]>> = {
  'AWS::CloudWatch::Alarm': ['cloudwatch:PutMetricAlarm', 'cloudwatch:DeleteAlarms'],
  'AWS::CloudWatch::Dashboard': ['cloudwatch:PutDashboard', 'cloudwatch:DeleteDashboards'],
  'AWS::DynamoDB::Table': ['dynamodb:CreateTable', 'dynamodb:UpdateTimeToLive', 'dynamodb:DeleteTable'],
  'AWS::IAM::Role': ['iam:CreateRole', 'iam:PutRolePolicy', 'iam:PassRole', 'iam:DeleteRole'],
  'AWS::Logs::LogGroup': ['logs:CreateLogGroup', 'logs:PutRetentionPolicy', 'logs:DeleteLogGroup'],
  'AWS::S3::Bucket': ['s3:CreateBucket', 's3:PutBucketPublicAccessBlock', 's3:DeleteBucket'],
  'AWS::S3::BucketPolicy': ['s3:PutBucketPolicy', 's3:DeleteBucketPolicy'],
  'AWS::SNS::Topic': ['sns:CreateTopic', 'sns:Subscribe', 'sns:DeleteTopic'],
  'AWS::SQS::Queue': ['sqs:CreateQueue', 'sqs:DeleteQueue'],
  'AWS::SSM::Parameter': ['ssm:PutParameter', 'ssm:DeleteParameter'],
  'AWS::StepFunctions::StateMachineAlias': [
    'states:CreateStateMachineAlias',
    'states:DeleteStateMachineAlias',
  ],
  'AWS::StepFunctions::StateMachineVersion': [
    'states:PublishStateMachineVersion',
    'states:DeleteStateMachineVersion',
  ],
  // what the framework makes of functions, machines and events
  'AWS::Lambda::Function': ['lambda:CreateFunction', 'lambda:UpdateFunctionCode', 'lambda:DeleteFunction'],
  'AWS::Lambda::Version': ['lambda:PublishVersion'],
  'AWS::Lambda::Permission': ['lambda:AddPermission', 'lambda:RemovePermission'],
  'AWS::Lambda::EventInvokeConfig': ['lambda:PutFunctionEventInvokeConfig'],
  'AWS::StepFunctions::StateMachine': ['states:CreateStateMachine', 'states:DeleteStateMachine'],
  'AWS::Events::Rule': ['events:PutRule', 'events:PutTargets', 'events:RemoveTargets', 'events:DeleteRule'],
  ...Object.fromEntries(
    ['Api', 'Authorizer', 'Integration', 'Route', 'Stage'].map((part) => [
      `AWS::ApiGatewayV2::${part}`,
      ['apigateway:POST', 'apigateway:PATCH', 'apigateway:DELETE'],
    ]),
  ),
};

test('the policy of whoever deploys allows what every type of our templates takes', async () => {
  const { Resources } = await currentApp();
  const types = Object.values(Resources).map(({ Type }) => Type);
  expect(types.length).toBeGreaterThan(200);
  expect([...new Set(types)].filter((type) => !Object.hasOwn(CALLS, type))).toEqual([]);
  expect(
    Object.values(CALLS)
      .flat()
      .filter((action) => !allowed.has(action)),
  ).toEqual([]);
});

test('it reaches what is called statebag and nothing else, but for what knows no names', () => {
  const everywhere = statements.filter(({ Resource }) => Resource === '*');
  expect(everywhere).toHaveLength(1);
  const named = statements.flatMap(({ Resource }) => listOf(Resource).map(String));
  const others = named.filter((resource) => resource !== '*' && !/[:/]statebag[-/]/.test(resource));
  expect(others.every((resource) => resource.startsWith('arn:aws:apigateway:'))).toBe(true);
  expect([...allowed].filter((action) => action.includes('*'))).toEqual([]);
});

test('it fits into a role: 10,240 characters without white space', () => {
  expect(JSON.stringify(JSON.parse(text)).length).toBeLessThan(10_240);
});
