import { describe, expect, test } from '@jest/globals';
import type { Plain } from './document.ts';
import { evaluate } from './intrinsics.ts';
import { type GivenParameter, parameterTexts } from './parameters.ts';
import { propertyProblem, replacing, typedProperties } from './specification.ts';
import { fill } from './stack-scope.ts';
import { readTemplate } from './template.ts';

const GROUP = { Type: 'AWS::Logs::LogGroup' };
const STACK = { id: 'arn:aws:cloudformation:eu-west-1:111122223333:stack/shop/1', name: 'shop' };
const SSM = { '/model': 'large' } as Readonly<Record<string, string>>;

/** A variable of `Fn::Sub`. */
const v = (name: string): string => `$\{${name}}`;

const sources = (template: object, parameters: Readonly<Record<string, string>> = {}) => ({
  stack: STACK,
  text: JSON.stringify(template),
  parameters,
  account: {
    account: '111122223333',
    region: 'eu-west-1',
    ssm: { actions: {}, provide: async () => {}, find: (name: string) => SSM[name] },
  },
  existing: (id: string) => ({ physicalId: `${id}-made`, attributes: { Arn: `arn:${id}` } }),
  exported: (name: string) => (name === 'there' ? 'imported' : undefined),
});

/** What a value becomes in a template with parameters, mappings, conditions and one resource. */
function become(value: Plain): Plain {
  const template = {
    Parameters: { Stage: { Type: 'String' }, Zones: { Type: 'CommaDelimitedList' } },
    Mappings: { Sizes: { prod: { Memory: 1024 }, dev: { Memory: 128 } } },
    Conditions: {
      IsProd: { 'Fn::Equals': [{ Ref: 'Stage' }, 'prod'] },
      IsNot: { 'Fn::Not': [{ Condition: 'IsProd' }] },
      Either: { 'Fn::Or': [{ Condition: 'IsProd' }, { Condition: 'IsNot' }] },
      Both: { 'Fn::And': [{ Condition: 'IsProd' }, { Condition: 'IsNot' }] },
    },
    Resources: { Group: GROUP },
  };
  return evaluate(value, fill(sources(template, { Stage: 'prod', Zones: 'a, b' })).scope);
}

describe('functions', () => {
  test.each<[name: string, value: Plain, becomes: Plain]>([
    ['a parameter', { Ref: 'Stage' }, 'prod'],
    ['a list of texts', { Ref: 'Zones' }, ['a', 'b']],
    ['a resource', { Ref: 'Group' }, 'Group-made'],
    ['a pseudo parameter', { Ref: 'AWS::AccountId' }, '111122223333'],
    ['an attribute, as a list', { 'Fn::GetAtt': ['Group', 'Arn'] }, 'arn:Group'],
    ['an attribute, as a text', { 'Fn::GetAtt': 'Group.Arn' }, 'arn:Group'],
    ['Join', { 'Fn::Join': ['-', ['a', { Ref: 'Stage' }]] }, 'a-prod'],
    [
      'Sub',
      { 'Fn::Sub': `${v('Stage')}/${v('Group.Arn')}/${v('AWS::Region')}/${v('!Kept')}` },
      `prod/arn:Group/eu-west-1/${v('Kept')}`,
    ],
    [
      'Sub with values',
      { 'Fn::Sub': [`${v('x')}-${v('Stage')}`, { x: { Ref: 'Group' } }] },
      'Group-made-prod',
    ],
    ['Select', { 'Fn::Select': ['1', { Ref: 'Zones' }] }, 'b'],
    [
      'Select of what is known later',
      { 'Fn::Select': ['6', { 'Fn::Split': [':', '{{A is known after it is made}}'] }] },
      '{{A is known after it is made}}',
    ],
    ['Split', { 'Fn::Split': [',', 'x,y'] }, ['x', 'y']],
    ['FindInMap', { 'Fn::FindInMap': ['Sizes', { Ref: 'Stage' }, 'Memory'] }, 1024],
    ['If', { 'Fn::If': ['IsProd', 'yes', 'no'] }, 'yes'],
    ['conditions of conditions', { 'Fn::If': ['Either', { 'Fn::If': ['Both', 1, 2] }, 3] }, 2],
    ['no value', { a: { Ref: 'AWS::NoValue' }, b: [1, { Ref: 'AWS::NoValue' }] }, { b: [1] }],
    ['Base64', { 'Fn::Base64': 'hi' }, 'aGk='],
    ['Cidr', { 'Fn::Cidr': ['10.0.0.0/16', 2, 8] }, ['10.0.0.0/24', '10.0.1.0/24']],
    ['zones', { 'Fn::GetAZs': '' }, ['eu-west-1a', 'eu-west-1b', 'eu-west-1c']],
    ['an import', { 'Fn::ImportValue': 'there' }, 'imported'],
    ['a dynamic reference', 'model {{resolve:ssm:/model}}', 'model large'],
  ])('%s', (_, value, becomes) => expect(become(value)).toEqual(becomes));

  test.each<[says: string, value: Plain]>([
    ['No export named gone found.', { 'Fn::ImportValue': 'gone' }],
    ['Unsupported function: Fn::ForEach', { 'Fn::ForEach': [] }],
    ['Fn::Equals stands outside of the section Conditions', { 'Fn::Equals': ['a', 'a'] }],
    ['Unable to get mapping for Sizes::prod::Disk', { 'Fn::FindInMap': ['Sizes', 'prod', 'Disk'] }],
    ['Group does not support attribute type Size', { 'Fn::GetAtt': ['Group', 'Size'] }],
    [
      'secretsmanager:x}} is a dynamic reference that the local cloud does not know',
      '{{resolve:secretsmanager:x}}',
    ],
  ])('are refused: %s', (says, value) => expect(() => become(value)).toThrow(says));
});

test('the short forms of YAML are the functions', () => {
  const text = `
Resources:
  A:
    Type: AWS::Logs::LogGroup
    Properties:
      LogGroupName: !Join ['-', [!Ref B, !GetAtt B.Arn, !Sub '${v('B')}']]
  B:
    Type: AWS::Logs::LogGroup
`;
  const { template, order } = fill({ ...sources({}), text });
  expect(template.resources['A']?.properties).toEqual({
    LogGroupName: {
      'Fn::Join': ['-', [{ Ref: 'B' }, { 'Fn::GetAtt': ['B', 'Arn'] }, { 'Fn::Sub': v('B') }]],
    },
  });
  expect(order).toEqual(['B', 'A']);
});

const ref = (name: string) => ({ ...GROUP, Properties: { LogGroupName: { Ref: name } } });

test('each resource comes after those it refers to and those it depends on; a condition leaves one out', () => {
  const template = {
    Parameters: { On: { Type: 'String' } },
    Conditions: { IsOn: { 'Fn::Equals': [{ Ref: 'On' }, 'yes'] } },
    Resources: {
      First: { ...ref('Second'), DependsOn: 'Fourth' },
      Second: { ...GROUP, Properties: { LogGroupName: { 'Fn::Sub': v('Third.Arn') } } },
      Third: GROUP,
      Fourth: { ...GROUP, Condition: 'IsOn' },
    },
  };
  expect(fill(sources(template, { On: 'no' })).order).toEqual(['Third', 'Second', 'First']);
  expect(fill(sources(template, { On: 'yes' })).order.at(-1)).toBe('First');
});

test.each<[says: string, template: object]>([
  ['At least one Resources member must be defined', { Resources: {} }],
  ['Invalid template property or properties [Resorces]', { Resorces: {}, Resources: { A: GROUP } }],
  ['Unrecognized resource types: [AWS::EC2::Instance]', { Resources: { A: { Type: 'AWS::EC2::Instance' } } }],
  ["Invalid template resource property 'Propertys'", { Resources: { A: { ...GROUP, Propertys: {} } } }],
  [
    'A: the local cloud does not carry out UpdatePolicy',
    { Resources: { A: { ...GROUP, UpdatePolicy: {} } } },
  ],
  [
    'Transform "X" is one that the local cloud does not carry out',
    { Transform: 'X', Resources: { A: GROUP } },
  ],
  ['Resources name a-b is non alphanumeric', { Resources: { 'a-b': GROUP } }],
  ['Unresolved resource dependencies [B] in the Resources block', { Resources: { A: ref('B') } }],
  ['Circular dependency between resources: [A, B]', { Resources: { A: ref('B'), B: ref('A'), C: ref('A') } }],
  ['Output X is malformed. Value is missing', { Resources: { A: GROUP }, Outputs: { X: {} } }],
  [
    'Unrecognized A.DeletionPolicy "Snapshot"',
    { Resources: { A: { ...GROUP, DeletionPolicy: 'Snapshot' } } },
  ],
])('a template is refused: %s', (says, template) => expect(() => fill(sources(template))).toThrow(says));

describe('parameters', () => {
  const template = readTemplate(
    JSON.stringify({
      Parameters: {
        Stage: { Type: 'String', AllowedPattern: '[a-z]+', Default: 'dev' },
        Days: { Type: 'Number', MinValue: 1, MaxValue: 30, Default: 7 },
        Kind: { Type: 'String', AllowedValues: ['x', 'y'], ConstraintDescription: 'x or y' },
      },
      Resources: { A: GROUP },
    }),
  );
  const given = (values: Readonly<Record<string, string>>): GivenParameter[] =>
    Object.entries(values).map(([name, value]) => ({ name, value }));

  test('have their defaults, what is given, or what they had', () => {
    expect(parameterTexts(template, { given: given({ Kind: 'x' }), previous: {} })).toEqual({
      Stage: 'dev',
      Days: '7',
      Kind: 'x',
    });
    const previous = { Kind: 'y', Stage: 'prod' };
    const kept = [{ name: 'Kind', usePrevious: true }];
    expect(parameterTexts(template, { given: kept, previous })).toMatchObject({ Kind: 'y', Stage: 'dev' });
  });

  test.each<[says: string, values: Readonly<Record<string, string>>]>([
    ['Parameters: [Kind] must have values', {}],
    ['Parameters: [More] do not exist in the template', { Kind: 'x', More: '1' }],
    ["Parameter 'Stage' must match pattern [a-z]+", { Kind: 'x', Stage: 'DEV' }],
    ["Parameter 'Days' must be a number not greater than 30", { Kind: 'x', Days: '31' }],
    ['Parameter Kind failed to satisfy constraint: x or y', { Kind: 'z' }],
  ])('are refused: %s', (says, values) => {
    expect(() => parameterTexts(template, { given: given(values), previous: {} })).toThrow(says);
  });
});

describe('the specification', () => {
  test.each<[says: string | undefined, properties: Readonly<Record<string, Plain>>]>([
    [
      undefined,
      { BucketName: 'b', LifecycleConfiguration: { Rules: [{ Status: 'Enabled', ExpirationInDays: '3' }] } },
    ],
    ['Encountered unsupported property Bucketname', { Bucketname: 'b' }],
    ['extraneous key [Rulez] is not permitted', { LifecycleConfiguration: { Rules: [], Rulez: [] } }],
    ['required key [Status] not found', { LifecycleConfiguration: { Rules: [{}] } }],
    ['expected type: JSONArray, found: JSONObject', { LifecycleConfiguration: { Rules: {} } }],
  ])('says of a bucket: %s', (says, properties) => {
    const problem = propertyProblem('AWS::S3::Bucket', properties);
    if (says === undefined) expect(problem).toBeUndefined();
    else expect(problem).toContain(says);
  });

  test('tells which changes replace', () => {
    expect(replacing('AWS::Lambda::Function', ['Timeout', 'FunctionName'])).toEqual(['FunctionName']);
  });
});

test('a property has the type that the specification gives it, whatever the template writes', () => {
  expect(
    typedProperties('AWS::DynamoDB::Table', {
      DeletionProtectionEnabled: 'true',
      TimeToLiveSpecification: { AttributeName: 'at', Enabled: 'yes' },
      ProvisionedThroughput: { ReadCapacityUnits: '5', WriteCapacityUnits: 5 },
      TableName: 12,
      KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }],
    }),
  ).toEqual({
    DeletionProtectionEnabled: true,
    TimeToLiveSpecification: { AttributeName: 'at', Enabled: true },
    ProvisionedThroughput: { ReadCapacityUnits: 5, WriteCapacityUnits: 5 },
    TableName: '12',
    KeySchema: [{ AttributeName: 'a', KeyType: 'HASH' }],
  });
  expect(typedProperties('AWS::StepFunctions::StateMachine', { Definition: { A: { Wait: '5' } } })).toEqual({
    Definition: { A: { Wait: '5' } },
  });
});
