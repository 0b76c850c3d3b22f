import { createRequire } from 'node:module';
import { expect, test } from '@jest/globals';

const require = createRequire(import.meta.url);

type Template = Readonly<Record<string, unknown>>;
const {
  withoutAdopted,
  withLiveValues,
}: Record<'withoutAdopted' | 'withLiveValues', (template: Template, account: object) => Promise<Template>> =
  require('../adopted.cjs');
const {
  toldOfOthers,
  refusePlaceholders,
}: {
  toldOfOthers(template: Template, stage: object): Promise<Template>;
  refusePlaceholders(template: Template): void;
} = require('../other-stacks.cjs');

const KEPT = { DeletionPolicy: 'Retain' };
const template = {
  Resources: {
    Bucket: {
      ...KEPT,
      Type: 'AWS::S3::Bucket',
      Properties: { BucketName: { 'Fn::Sub': `state-\${AWS::AccountId}-\${AWS::Region}` } },
    },
    Policy: {
      Type: 'AWS::S3::BucketPolicy',
      Properties: { Bucket: { Ref: 'Bucket' } },
      DependsOn: ['Bucket', 'Table'],
    },
    Table: { ...KEPT, Type: 'AWS::DynamoDB::Table', Properties: { TableName: 'runs' } },
    Passing: { Type: 'AWS::SSM::Parameter', Properties: { Name: '/passing' } },
  },
};

/** What is there, and what of it the stack has made. */
async function deployed(there: readonly string[], own: readonly string[]) {
  const adopted: string[] = [];
  const left = await withoutAdopted(template, {
    account: '111122223333',
    region: 'eu-west-1',
    isOwn: async (id: string) => own.includes(id),
    exists: async (_: string, name: string) => there.includes(name),
    onAdopted: ({ name }: { name: string }) => adopted.push(name),
  });
  return { adopted, left };
}

test('retained resources that are there and belong to no stack are left out, and what refers to them has their names', async () => {
  const { adopted, left } = await deployed(['state-111122223333-eu-west-1', '/passing'], []);
  expect(adopted).toEqual(['state-111122223333-eu-west-1']);
  expect(left).toEqual({
    Resources: {
      Policy: {
        Type: 'AWS::S3::BucketPolicy',
        Properties: { Bucket: 'state-111122223333-eu-west-1' },
        DependsOn: ['Table'],
      },
      Table: template.Resources.Table,
      Passing: template.Resources.Passing,
    },
  });
});

test('what the stack has made itself stays in its template', async () => {
  const { adopted, left } = await deployed(['state-111122223333-eu-west-1', 'runs'], ['Bucket', 'Table']);
  expect(adopted).toEqual([]);
  expect(left).toBe(template);
});

test('a retained parameter keeps the value that somebody has set; any other one has that of its template', async () => {
  const parameter = (Name: string, Value: string, more: object = {}) => ({
    ...more,
    Type: 'AWS::SSM::Parameter',
    Properties: { Name, Value },
  });
  const settings = {
    Resources: { Kept: parameter('/kept', 'default', KEPT), Passing: parameter('/passing', 'default') },
  };
  const place = { account: '111122223333', region: 'eu-west-1' };
  expect(await withLiveValues(settings, { ...place, liveValue: async () => 'set' })).toEqual({
    Resources: { Kept: parameter('/kept', 'set', KEPT), Passing: settings.Resources.Passing },
  });
  expect(await withLiveValues(settings, { ...place, liveValue: async () => undefined })).toEqual(settings);
});

const FUNCTION =
  'arn:aws:lambda:us-east-1:000000000000:function:statebag-segment-runner-dev-executeSegment:1';
const MACHINE = 'arn:aws:states:us-east-1:000000000000:stateMachine:statebag-v3-dev';
const OUTPUTS: Readonly<Record<string, object>> = {
  'statebag-segment-runner-prod': { ExecuteSegmentLambdaFunctionQualifiedArn: 'arn:executeSegment:7' },
  'statebag-stepfunctions-prod': { V3LiveArn: 'arn:v3:live' },
};
const prod = { stage: 'prod', outputsOf: async (stack: string) => OUTPUTS[stack] };

test('a stack that is deployed alone is told of the others by their outputs, also inside of a definition', async () => {
  const told = await toldOfOthers(
    { a: FUNCTION, b: { c: MACHINE }, d: JSON.stringify({ Resource: FUNCTION }) },
    prod,
  );
  expect(told).toEqual({
    a: 'arn:executeSegment:7',
    b: { c: 'arn:v3:live' },
    d: JSON.stringify({ Resource: 'arn:executeSegment:7' }),
  });
});

test('one whose others are not deployed is refused, with the names of what is missing', async () => {
  const other = { stage: 'new', outputsOf: async () => undefined };
  await expect(toldOfOthers({ a: FUNCTION }, other)).rejects.toThrow(
    'not deployed yet: ExecuteSegmentLambdaFunctionQualifiedArn of statebag-segment-runner-new',
  );
});

test('a template with a placeholder is refused; one that matches nothing on purpose is not', () => {
  expect(() => refusePlaceholders({ a: [MACHINE] })).toThrow(`placeholders would be deployed: ${MACHINE}`);
  refusePlaceholders({
    key: 'arn:aws:kms:us-east-1:000000000000:key/none',
    called: 'arn:aws:lambda:us-east-1:000000000000:function:none',
    own: 'arn:aws:lambda:us-east-1:111122223333:function:f:1',
  });
});
