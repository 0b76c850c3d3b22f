import { describe, expect, test } from '@jest/globals';
import type { Resource, Template } from './template.ts';
import { TEMPLATE_RULES } from './template-rules.ts';

const problems = (rule: string, Resources: Record<string, Resource>, more: Partial<Template> = {}) =>
  TEMPLATE_RULES[rule]?.({ Resources, ...more });

const roleWith = (statement: object): Record<string, Resource> => ({
  Role: {
    Type: 'AWS::IAM::Role',
    Properties: { Policies: [{ PolicyDocument: { Statement: [{ Effect: 'Allow', ...statement }] } }] },
  },
});

const FUNCTION = {
  Fn: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      FunctionName: 'f',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
      TracingConfig: { Mode: 'Active' },
      Environment: { Variables: { LLM_API_KEY_PARAMETER: '/p' } },
    },
  },
  Logs: { Type: 'AWS::Logs::LogGroup', Properties: { LogGroupName: '/aws/lambda/f', RetentionInDays: 30 } },
  Version: {
    Type: 'AWS::Lambda::Version',
    DeletionPolicy: 'Retain',
    Properties: { FunctionName: { Ref: 'Fn' } },
  },
} as const;

const MACHINE = {
  Machine: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      DefinitionString: '{"StartAt":"A"}',
      TracingConfiguration: { Enabled: true },
      LoggingConfiguration: {
        IncludeExecutionData: false,
        Destinations: [{ CloudWatchLogsLogGroup: { LogGroupArn: { 'Fn::GetAtt': ['Log', 'Arn'] } } }],
      },
    },
  },
  Log: { Type: 'AWS::Logs::LogGroup' },
  Version: {
    Type: 'AWS::StepFunctions::StateMachineVersion',
    DeletionPolicy: 'Retain',
    Properties: { StateMachineArn: { Ref: 'Machine' } },
  },
  Live: {
    Type: 'AWS::StepFunctions::StateMachineAlias',
    Properties: {
      DeploymentPreference: {
        StateMachineVersionArn: { Ref: 'Version' },
        Alarms: [{ Ref: 'RunsFailedAlarm' }],
      },
    },
  },
  RunsFailedAlarm: {
    Type: 'AWS::CloudWatch::Alarm',
    Properties: { AlarmDescription: 'docs/alarms/runs-failed.md' },
  },
} as const;

const API = {
  Stage: {
    Type: 'AWS::ApiGatewayV2::Stage',
    Properties: {
      AccessLogSettings: { DestinationArn: 'arn' },
      DefaultRouteSettings: { ThrottlingRateLimit: 100, ThrottlingBurstLimit: 200 },
    },
  },
  Route: { Type: 'AWS::ApiGatewayV2::Route', Properties: { AuthorizationType: 'JWT' } },
  Alarm: { Type: 'AWS::CloudWatch::Alarm', Properties: { Namespace: 'AWS/ApiGateway' } },
} as const;

/** The same resources with one property replaced. */
function changed(
  resources: Readonly<Record<string, Resource>>,
  id: string,
  properties: Readonly<Record<string, unknown>>,
): Record<string, Resource> {
  const { Type = '', Properties = {}, ...rest } = resources[id] ?? {};
  return { ...resources, [id]: { ...rest, Type, Properties: { ...Properties, ...properties } } };
}

describe('a packaged template', () => {
  test('has no variable of the framework left in it', () => {
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the form under test
    const left = '${self:custom.y}';
    expect(problems('variables', { A: { Type: 'T', Properties: { Name: `x-${left}` } } })).toEqual([
      `${left} was left in the template`,
    ]);
  });

  test('has no name in it that stands for no account', () =>
    expect(
      problems('names', { A: { Type: 'T', Properties: { Name: 'statebag-state-dev-account-region' } } }),
    ).toEqual([
      'statebag-state-dev-account-region stands for no account: the plugin @statebag/deployment/account-names is missing',
    ]));

  test('names the partition of no region, except in what is nobody’s', () => {
    const named = { A: 'arn:aws:s3:::b/*', B: 'arn:aws:kms:us-east-1:000000000000:key/none' };
    expect(problems('partition', { A: { Type: 'T', Properties: named } })).toEqual([
      'arn:aws:s3:::b/* names a partition: the plugin @statebag/deployment/account-names is missing',
    ]);
  });

  test('has no name that is too long for AWS', () =>
    expect(
      problems('names', { R: { Type: 'AWS::Events::Rule', Properties: { Name: 'r'.repeat(65) } } }),
    ).toEqual([`${'r'.repeat(65)} has 65 characters; at most 64`]));

  test.each([
    ['Ref', { Ref: 'Gone' }],
    ['Fn::GetAtt', { 'Fn::GetAtt': ['Gone', 'Arn'] }],
    ['Fn::Sub', { 'Fn::Sub': `arn:\${AWS::Region}:\${Gone.Arn}` }],
    ['Fn::Sub with values', { 'Fn::Sub': [`\${known}:\${Gone}`, { known: 'x' }] }],
  ])('refers to nothing that is not there: %s', (_, value) => {
    expect(problems('references', { A: { Type: 'T', Properties: { value } } })).toEqual([
      'refers to Gone, which it does not hold',
    ]);
    expect(
      problems('references', { A: { Type: 'T', Properties: { value } } }, { Parameters: { Gone: {} } }),
    ).toEqual([]);
  });

  test.each([
    [{ Action: 's3:*', Resource: 'arn:aws:s3:::b/*' }, ['Role may s3:*: name the actions']],
    [{ Action: ['states:StartExecution'], Resource: '*' }, ['Role may states:StartExecution on everything']],
    [{ Action: ['xray:PutTraceSegments'], Resource: ['*'] }, []],
    [{ Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::b/runs/*' }, []],
  ])('gives %j with the problems %j', (statement, expected) =>
    expect(problems('rights', roleWith(statement))).toEqual(expected),
  );

  test('has an API that knows who calls it, and that is logged, bounded and watched', () => {
    expect(problems('api', API)).toEqual([]);
    expect(problems('api', changed(API, 'Route', { AuthorizationType: 'NONE' }))).toEqual([
      'Route lets in everybody',
    ]);
    expect(problems('api', changed(API, 'Stage', { AccessLogSettings: {} }))).toEqual([
      'Stage logs no requests',
    ]);
    expect(
      problems('api', changed(API, 'Stage', { DefaultRouteSettings: { ThrottlingRateLimit: 1 } })),
    ).toEqual(['Stage takes any number of requests']);
    expect(problems('api', changed(API, 'Alarm', { Namespace: 'AWS/Lambda' }))).toEqual([
      'Stage is watched by no alarm',
    ]);
  });

  test('gives every function a log group, a kept version, and no secret', () => {
    expect(problems('functions', FUNCTION)).toEqual([]);
    const { Logs: _, ...unlogged } = FUNCTION;
    expect(problems('functions', unlogged)).toEqual(['Fn has no log group that is kept for a time']);
    expect(problems('functions', changed(FUNCTION, 'Version', { FunctionName: { Ref: 'Other' } }))).toEqual([
      'Fn publishes no version that is kept',
    ]);
    expect(problems('functions', changed(FUNCTION, 'Fn', { Runtime: 'nodejs22.x' }))).toEqual([
      'Fn is not nodejs24.x on arm64',
    ]);
    expect(problems('functions', changed(FUNCTION, 'Fn', { TracingConfig: {} }))).toEqual([
      'Fn is not traced',
    ]);
    expect(
      problems('functions', changed(FUNCTION, 'Fn', { Environment: { Variables: { OPENAI_API_KEY: 'k' } } })),
    ).toEqual(['Fn carries a secret in its environment']);
  });

  test('gives every machine logs without data, traces, a kept version, an alias and a whole definition', () => {
    expect(problems('machines', MACHINE)).toEqual([]);
    expect(
      problems(
        'machines',
        changed(MACHINE, 'Machine', { DefinitionString: { 'Fn::Sub': [`{"A":"\${!RunnerArn}"}`, {}] } }),
      ),
    ).toEqual([`Machine has \${RunnerArn} left in its definition`]);
    expect(
      problems('machines', changed(MACHINE, 'Machine', { DefinitionString: `{"A":"\${RunnerArn}"}` })),
    ).toEqual([`Machine has \${RunnerArn} left in its definition`]);
    expect(
      problems(
        'machines',
        changed(MACHINE, 'Machine', { LoggingConfiguration: { IncludeExecutionData: true } }),
      ),
    ).toEqual(['Machine logs execution data', 'Machine logs to no group of this template']);
    const { Live: _, ...withoutAlias } = MACHINE;
    expect(problems('machines', withoutAlias)).toEqual(['Machine has no alias that runs start on']);
  });

  test('gives no right in other regions or accounts, and mocks nothing in prod', () => {
    const anywhere = roleWith({ Action: ['dynamodb:GetItem'], Resource: 'arn:aws:dynamodb:*:*:table/runs' });
    expect(problems('rights', anywhere)).toEqual([
      'Role may use arn:aws:dynamodb:*:*:table/runs of any region and account',
    ]);
    const substituted = { 'Fn::Sub': `arn:\${AWS::Partition}:dynamodb:*:*:table/runs` };
    expect(problems('rights', roleWith({ Action: ['dynamodb:GetItem'], Resource: substituted }))).toEqual([
      'Role may use arn:aws:dynamodb:*:*:table/runs of any region and account',
    ]);
    const prod = { 'Fn::Sub': `arn:aws:states:\${AWS::Region}:1:stateMachine:statebag-*-prod` };
    expect(problems('rights', roleWith({ Action: ['states:StartExecution'], Resource: prod }))).toEqual([
      `Role may use arn:aws:states:\${AWS::Region}:1:stateMachine:statebag-*-prod of other stages: pre-prod ends with prod`,
    ]);
    expect(
      problems('rights', roleWith({ Action: ['s3:GetObject'], Resource: 'arn:aws:s3:::bucket/runs/*' })),
    ).toEqual([]);
    expect(
      problems(
        'functions',
        changed(FUNCTION, 'Fn', { Environment: { Variables: { MOCK_MODE: 'true', STAGE: 'prod' } } }),
      ),
    ).toEqual(['Fn is mocked in prod']);
  });

  test('ties a canary to alarms that exist, each with a page', () => {
    expect(problems('alarms', MACHINE)).toEqual([]);
    const { RunsFailedAlarm: _, ...unwatched } = MACHINE;
    expect(problems('alarms', unwatched)).toEqual([
      'Live is tied to RunsFailedAlarm, which is no alarm of this template',
    ]);
    expect(problems('alarms', changed(MACHINE, 'Live', { DeploymentPreference: {} }))).toEqual([
      'Live is tied to no alarm',
    ]);
    expect(
      problems('alarms', changed(MACHINE, 'RunsFailedAlarm', { AlarmDescription: 'docs/alarms/nothing.md' })),
    ).toEqual(['RunsFailedAlarm has no page under docs/alarms']);
  });

  test('keeps buckets private, encrypted, TLS only and finite, and tables by request, expiring and restorable', () => {
    expect(problems('storage', { B: { Type: 'AWS::S3::Bucket', Properties: {} } })).toEqual([
      'B is not private',
      'B is not encrypted',
      'B takes requests without TLS',
      'B keeps everything for ever',
    ]);
    expect(problems('storage', { T: { Type: 'AWS::DynamoDB::Table', Properties: {} } })).toEqual([
      'T is not paid by request',
      'T lets nothing expire',
      'T cannot be taken back to a point in time',
    ]);
  });

  test('keeps what a function that is told by events could not take in', () => {
    const rule = {
      Type: 'AWS::Events::Rule',
      Properties: { Targets: [{ Arn: { 'Fn::GetAtt': ['Fn', 'Arn'] } }] },
    };
    const settings = (more: object) => ({
      Type: 'AWS::Lambda::EventInvokeConfig',
      Properties: { FunctionName: { Ref: 'Fn' }, ...more },
    });
    expect(problems('asynchronous', { rule })).toEqual([
      'Fn is told by an event that is lost where it fails',
    ]);
    expect(
      problems('asynchronous', {
        rule,
        s: settings({ DestinationConfig: { OnFailure: { Destination: 'arn' } } }),
      }),
    ).toEqual([]);
    expect(
      problems('asynchronous', { rule, s: settings({ DestinationConfig: {}, MaximumRetryAttempts: 0 }) }),
    ).toEqual([]);
    expect(problems('storage', { Q: { Type: 'AWS::SQS::Queue', Properties: {} } })).toEqual([
      'Q is not encrypted',
    ]);
  });
});
