import { expect, test } from '@jest/globals';
import { markOf, STAGE_MARK } from '../package/marks.ts';
import type { Template } from '../package/template.ts';
import { appOptions, appTemplate } from './app-template.ts';
import { filledApp } from './filled-app.ts';
import { withVersions } from './versions.ts';

const said = (...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, { Value: { Ref: name } }]));

/** A service with one function, as the framework packages it. */
function packaged(key: string, variables: object, more: Partial<Template> = {}): Template {
  const lambda = `${key}LambdaFunction`;
  return {
    Resources: {
      ServerlessDeploymentBucket: { Type: 'AWS::S3::Bucket' },
      [lambda]: {
        Type: 'AWS::Lambda::Function',
        Properties: {
          FunctionName: `statebag-${STAGE_MARK}-${key}`,
          Handler: 'src/it/handler.handler',
          Environment: { Variables: variables },
          Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        },
      },
      [`${key}LambdaVersionAbC`]: {
        Type: 'AWS::Lambda::Version',
        Properties: { FunctionName: { Ref: lambda } },
      },
      Role: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: `statebag-${STAGE_MARK}-${key}-us-east-1`,
          Of: { 'Fn::Sub': `\${${lambda}.Arn}` },
        },
      },
      ...more.Resources,
    },
    Outputs: {
      [`${key}LambdaFunctionQualifiedArn`]: { Value: { Ref: `${key}LambdaVersionAbC` } },
      ...more.Outputs,
    },
  };
}

const [, ...options] = appOptions();
const choices = options.flatMap((each) => /^(\w+)=(release\..*)$/.exec(each)?.slice(1, 2) ?? []);
/** Every choice has left its mark somewhere. */
const everyChoice = { Type: 'AWS::SSM::Parameter', Properties: { Value: choices.map(markOf).join() } };

const APP = appTemplate(
  new Map([
    [
      'services/state-data-manager',
      packaged(
        'StateDataManager',
        { BUCKET: markOf('stateBucket'), TABLE: markOf('runsTable'), MOCK: markOf('mockMode') },
        { Resources: { Every: everyChoice }, Outputs: said('StateBucketName', 'RunsTableName') },
      ),
    ],
    [
      'services/workflow-api',
      packaged(
        'StartRun',
        { CALLS: markOf('stateDataManagerArn') },
        {
          Resources: {
            Tokens: { Type: 'AWS::ApiGatewayV2::Authorizer' },
            Route: {
              Type: 'AWS::ApiGatewayV2::Route',
              Properties: { AuthorizationType: 'JWT', AuthorizerId: { Ref: 'Tokens' } },
            },
          },
          Outputs: said('ApiUrl', 'HttpApiId', 'V3LiveArn'),
        },
      ),
    ],
  ]),
);
const wanted = { stage: 'dev', region: 'eu-west-1', choices: {} };
const variablesOf = (template: Template, id: string) => template.Resources[id]?.Properties?.['Environment'];

test('names of two services do not meet, and what one tells the other becomes a reference', () => {
  expect(Object.keys(APP.Resources)).toEqual([
    'StateDataManagerStateDataManagerLambdaFunction',
    'StateDataManagerStateDataManagerLambdaFunctionVersion',
    'StateDataManagerRole',
    'StateDataManagerEvery',
    'WorkflowApiStartRunLambdaFunction',
    'WorkflowApiStartRunLambdaFunctionVersion',
    'WorkflowApiRole',
    'WorkflowApiTokens',
    'WorkflowApiRoute',
  ]);
  expect(variablesOf(APP, 'WorkflowApiStartRunLambdaFunction')).toEqual({
    Variables: { CALLS: { Ref: 'StateDataManagerStateDataManagerLambdaFunctionVersion' } },
  });
  expect(APP.Resources['WorkflowApiRole']?.Properties?.['Of']).toEqual({
    'Fn::Sub': `\${WorkflowApiStartRunLambdaFunction.Arn}`,
  });
  expect(APP.functions['WorkflowApiStartRunLambdaFunction']).toBe(
    'services/workflow-api/src/it/handler.bundle.cjs',
  );
});

test('whatever can be chosen is left open, and so is the stage', () => {
  const options = appOptions();
  for (const name of Object.keys(APP.choices)) expect(options).toContain(`${name}=${markOf(name)}`);
  expect(options).toContain(STAGE_MARK);
});

test('a choice that changes more than a text is refused when the package is made', () => {
  const none = packaged('StateDataManager', {}, { Outputs: said('StateBucketName') });
  expect(() => appTemplate(new Map([['services/state-data-manager', none]]))).toThrow(
    /is more than a text in a template: name it in OF_RESOURCES/,
  );
});

test('a stage has its own names, in its region, with what it chose and what holds otherwise', () => {
  const template = filledApp(APP, { ...wanted, choices: { mockMode: 'true' } });
  expect(variablesOf(template, 'StateDataManagerStateDataManagerLambdaFunction')).toEqual({
    Variables: {
      BUCKET: { 'Fn::Sub': `statebag-state-dev-\${AWS::AccountId}-\${AWS::Region}` },
      TABLE: 'statebag-runs-dev',
      MOCK: 'true',
    },
  });
  expect(template.Resources['WorkflowApiRole']?.Properties?.['RoleName']).toBe(
    'statebag-dev-StartRun-eu-west-1',
  );
  expect(JSON.stringify(template)).not.toMatch(/zzstage|release\./);
});

test('without an issuer the API takes what IAM allows, with one its tokens', () => {
  const open = filledApp(APP, wanted).Resources;
  expect(open['WorkflowApiRoute']?.Properties).toEqual({ AuthorizationType: 'AWS_IAM' });
  expect(open['WorkflowApiTokens']).toBeUndefined();
  const tokens = filledApp(APP, { ...wanted, choices: { jwtIssuer: 'https://issuer' } }).Resources;
  expect(tokens['WorkflowApiRoute']?.Properties).toMatchObject({ AuthorizationType: 'JWT' });
  expect(tokens['WorkflowApiTokens']).toBeDefined();
});

test.each([
  [{ stage: 'a-stage-of-people' }, /not the name of a stage\n {2}mend: /],
  [{ choices: { mockMod: 'true' } }, /mockMod: nothing that a project chooses\n {2}mend: .*mockMode/],
  [{ stage: 'prod', choices: { mockMode: 'true' } }, /prod is not mocked/],
])('what cannot be deployed is refused: %j', (wrong, message) => {
  expect(() => filledApp(APP, { ...wanted, ...wrong })).toThrow(message);
});

test('other code is a new version of its function and of those that call it', () => {
  const template = filledApp(APP, wanted);
  const versions = (...shas: [string, string]) => {
    const [manager = '', api = ''] = Object.keys(APP.functions);
    const named = withVersions(
      template,
      new Map([
        [manager, shas[0]],
        [api, shas[1]],
      ]),
    );
    return Object.keys(named.Resources).filter((id) => id.includes('Version'));
  };
  const [first, second, third] = [versions('a', 'b'), versions('a', 'c'), versions('d', 'b')];
  expect(second[0]).toBe(first[0]);
  expect(second[1]).not.toBe(first[1]);
  expect(third[0]).not.toBe(first[0]);
  expect(third[1]).not.toBe(first[1]);
  expect(versions('a', 'b')).toEqual(first);
});
