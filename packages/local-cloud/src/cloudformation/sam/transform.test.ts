import { expect, test } from '@jest/globals';
import { isMapping, type Mapping, parseDocument } from '../document.ts';
import { transformServerless } from './transform.ts';

const transformed = (text: string): Mapping => {
  const document = parseDocument(text);
  return isMapping(document) ? transformServerless(document) : {};
};
const resourcesOf = (text: string): Record<string, Mapping> =>
  transformed(text)['Resources'] as Record<string, Mapping>;
const properties = (resource: Mapping | undefined): Mapping => resource?.['Properties'] as Mapping;

const FUNCTION = `
Globals:
  Function: { Runtime: nodejs20.x, Environment: { Variables: { STAGE: test } }, Tags: { team: a } }
Resources:
  Rate:
    Type: AWS::Serverless::Function
    Condition: IsOn
    Properties:
      CodeUri: s3://code/rate.zip
      Handler: app.handler
      Environment: { Variables: { TABLE: !Ref Orders } }
      Policies:
        - AWSLambdaBasicExecutionRole
        - S3ReadPolicy: { BucketName: b }
        - Statement: [{ Effect: Allow, Action: 'sqs:*', Resource: '*' }]
      Events:
        Often: { Type: Schedule, Properties: { Schedule: rate(1 minute), Enabled: false } }
        Placed: { Type: EventBridgeRule, Properties: { Pattern: { source: [shop] } } }
        Queued: { Type: SQS, Properties: { Queue: !GetAtt Queue.Arn, BatchSize: 2 } }
        Asked: { Type: Api, Properties: { Path: /rate, Method: post } }
`;

test('a function gets its role, its rules, its queue and its route, all under its condition', () => {
  const resources = resourcesOf(FUNCTION);
  expect(Object.keys(resources).sort()).toEqual([
    'Rate',
    'RateAskedIntegration',
    'RateAskedPermissionProd',
    'RateAskedRoute',
    'RateOften',
    'RateOftenPermission',
    'RatePlaced',
    'RatePlacedPermission',
    'RateQueued',
    'RateRole',
    'ServerlessRestApi',
    'ServerlessRestApiProdStage',
  ]);
  expect(properties(resources['Rate'])).toMatchObject({
    Runtime: 'nodejs20.x',
    Code: { S3Bucket: 'code', S3Key: 'rate.zip' },
    Environment: { Variables: { STAGE: 'test', TABLE: { Ref: 'Orders' } } },
    Role: { 'Fn::GetAtt': ['RateRole', 'Arn'] },
    Tags: [{ Key: 'team', Value: 'a' }],
  });
  expect(properties(resources['RateRole'])).toMatchObject({
    ManagedPolicyArns: ['arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole'],
    Policies: [
      {
        PolicyDocument: {
          Statement: [{ Action: expect.arrayContaining(['s3:GetObject', 's3:ListBucket']) }],
        },
      },
      { PolicyDocument: { Statement: [{ Action: 'sqs:*' }] } },
    ],
  });
  expect(properties(resources['RateOften'])).toMatchObject({
    ScheduleExpression: 'rate(1 minute)',
    State: 'DISABLED',
  });
  expect(properties(resources['RateQueued'])).toMatchObject({
    EventSourceArn: { 'Fn::GetAtt': ['Queue', 'Arn'] },
    BatchSize: 2,
  });
  expect(properties(resources['RateAskedRoute'])['RouteKey']).toBe('POST /rate');
  expect(['Rate', 'RateRole', 'RateOften'].map((id) => resources[id]?.['Condition'])).toEqual([
    'IsOn',
    'IsOn',
    'IsOn',
  ]);
});

test('a machine gets its role and what starts it; a table with one key is a table', () => {
  const resources = resourcesOf(`
Resources:
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      Definition: { StartAt: A, States: { A: { Type: Succeed } } }
      DefinitionSubstitutions: { Fn: !GetAtt Rate.Arn }
      Type: EXPRESS
      Logging: { Level: ALL }
      Tracing: { Enabled: true }
      Events:
        Hourly: { Type: ScheduleV2, Properties: { ScheduleExpression: rate(1 hour), Input: '{}' } }
        Run: { Type: Api, Properties: { Path: /run, Method: post, RestApiId: !Ref Own } }
  Own: { Type: AWS::Serverless::Api, Properties: { StageName: v1 } }
  Orders: { Type: AWS::Serverless::SimpleTable, Properties: { PrimaryKey: { Name: order, Type: Number } } }
`);
  expect(properties(resources['Flow'])).toMatchObject({
    StateMachineType: 'EXPRESS',
    RoleArn: { 'Fn::GetAtt': ['FlowRole', 'Arn'] },
    LoggingConfiguration: { Level: 'ALL' },
    TracingConfiguration: { Enabled: true },
    DefinitionSubstitutions: { Fn: { 'Fn::GetAtt': ['Rate', 'Arn'] } },
  });
  expect(properties(resources['FlowHourly'])['Targets']).toMatchObject([
    { Arn: { Ref: 'Flow' }, RoleArn: { 'Fn::GetAtt': ['FlowHourlyRole', 'Arn'] } },
  ]);
  expect(properties(resources['FlowRunIntegration'])).toMatchObject({
    ApiId: { Ref: 'Own' },
    IntegrationSubtype: 'StepFunctions-StartExecution',
  });
  expect(Object.keys(resources)).toContain('Ownv1Stage');
  expect(Object.keys(resources)).not.toContain('ServerlessRestApi');
  expect(properties(resources['Orders'])['AttributeDefinitions']).toEqual([
    { AttributeName: 'order', AttributeType: 'N' },
  ]);
});

test('an alias is found under the names that SAM has for it', () => {
  const document = transformed(`
Resources:
  Rate:
    Type: AWS::Serverless::Function
    Properties: { CodeUri: s3://code/a.zip, Handler: a.b, Runtime: nodejs20.x, AutoPublishAlias: live }
Outputs:
  Alias: { Value: !Ref Rate.Alias }
  Text: { Value: !Sub 'to \${Rate.Alias}' }
`);
  expect(document['Outputs']).toEqual({
    Alias: { Value: { Ref: 'RateAliaslive' } },
    Text: { Value: { 'Fn::Sub': `to ${'$'}{RateAliaslive}` } },
  });
});

test('what SAM has and the local cloud has not is refused by name', () => {
  const refusal = (more: string) => () =>
    transformed(
      `Resources:\n  A:\n    Type: AWS::Serverless::Function\n    Properties: { Handler: a.b, ${more} }`,
    );
  expect(refusal('CodeUri: s3://b/k, Events: { Topic: { Type: SNS } }')).toThrow('SNS');
  expect(refusal('FunctionUrlConfig: {}')).toThrow('FunctionUrlConfig');
  expect(refusal('CodeUri: ./src')).toThrow('CodeUri "./src" is not in S3');
  expect(() => transformed('Resources: { A: { Type: AWS::Serverless::GraphQLApi } }')).toThrow('GraphQLApi');
  expect(() =>
    transformed('Globals: { Functions: {} }\nResources: { A: { Type: AWS::Serverless::SimpleTable } }'),
  ).toThrow('Functions');
});

const CONNECTED = `
Resources:
  Orders: { Type: AWS::Serverless::SimpleTable }
  Files: { Type: AWS::S3::Bucket }
  OwnRole: { Type: AWS::IAM::Role, Properties: { AssumeRolePolicyDocument: {} } }
  Own: { Type: AWS::Serverless::Function, Properties: { InlineCode: x, Handler: a.b, Role: !GetAtt OwnRole.Arn } }
  Flow:
    Type: AWS::Serverless::StateMachine
    Description: SAM leaves it out
    Properties: { Definition: {} }
    Connectors:
      All:
        Properties: { Destination: [{ Id: Own }, { Id: Files }], Permissions: [Read, Write] }
  OwnToOrders:
    Type: AWS::Serverless::Connector
    Properties: { Source: { Id: Own }, Destination: { Id: Orders }, Permissions: [Read] }
`;

test('connectors become policies of the roles that they begin at', () => {
  const resources = resourcesOf(CONNECTED);
  expect(properties(resources['FlowAllPolicy'])).toMatchObject({
    Roles: [{ Ref: 'FlowRole' }],
    PolicyDocument: {
      Statement: [
        {
          Action: ['lambda:InvokeFunction', 'lambda:InvokeAsync'],
          Resource: [{ 'Fn::GetAtt': ['Own', 'Arn'] }],
        },
        { Action: expect.arrayContaining(['s3:GetObject', 's3:PutObject']), Resource: expect.any(Array) },
      ],
    },
  });
  expect(properties(resources['OwnToOrdersPolicy'])).toMatchObject({
    Roles: [{ Ref: 'OwnRole' }],
    PolicyDocument: { Statement: [{ Action: expect.not.arrayContaining(['dynamodb:PutItem']) }] },
  });
  expect(resources['Flow']).not.toHaveProperty('Description');
});

test.each([
  ['Source: { Id: Own }', 'Source: { Id: Files }', 'from AWS::S3::Bucket'],
  ['Destination: { Id: Orders }', 'Destination: { Id: OwnRole }', 'to AWS::IAM::Role'],
  ['Destination: { Id: Orders }', 'Destination: { Id: Gone }', "logical ID 'Gone'"],
])('a connector that nothing here makes is refused by name: %s, %s', (there, instead, why) => {
  expect(() => transformed(CONNECTED.replace(there, instead))).toThrow(why);
});
