import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { zipSync } from 'fflate';

/** A folder with an application in it. */
export interface AppFolder {
  readonly path: string;
  write(name: string, content: string | object | Uint8Array): void;
  remove(): void;
}

export function appFolder(files: Readonly<Record<string, string | object | Uint8Array>>): AppFolder {
  const path = mkdtempSync(join(tmpdir(), 'own-app-'));
  const write = (name: string, content: string | object | Uint8Array): void => {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    const isWhole = typeof content === 'string' || content instanceof Uint8Array;
    writeFileSync(file, isWhole ? content : JSON.stringify(content));
  };
  for (const [name, content] of Object.entries(files)) write(name, content);
  return { path, write, remove: () => rmSync(path, { recursive: true, force: true }) };
}

const GREET = "exports.handler = async ({ name }) => ({ text: process.env.GREETING + ' ' + name });";
const CALL = {
  StartAt: 'Greet',
  States: {
    Greet: { Type: 'Task', Resource: `${'$'}{Greet}`, ResultPath: '$.greeting', End: true },
  },
};

/** An application of SAM: a function with a library, a machine in a file, a route that starts it, a queue. */
export const SAM_APP = {
  'template.yaml': `
Transform: AWS::Serverless-2016-10-31
Parameters: { Greeting: { Type: String, Default: hello } }
Globals: { Function: { Runtime: nodejs20.x, Timeout: 5 } }
Resources:
  Greet:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: src/
      Handler: app.handler
      Environment: { Variables: { GREETING: !Ref Greeting } }
      Events: { Ask: { Type: Api, Properties: { Path: '/greet/{name}', Method: get } } }
  Flow:
    Type: AWS::Serverless::StateMachine
    Properties:
      DefinitionUri: flow.asl.yaml
      DefinitionSubstitutions: { Greet: !GetAtt Greet.Arn }
      Policies: [{ LambdaInvokePolicy: { FunctionName: !Ref Greet } }]
      Events: { Run: { Type: HttpApi, Properties: { Path: /run, Method: post } } }
Outputs: { Flow: { Value: !Ref Flow } }
`,
  'src/app.js': `const { shout } = require('loud');
exports.handler = async (event) => {
  const name = event.name ?? event.pathParameters.name;
  const text = shout(process.env.GREETING + ' ' + name);
  return event.httpMethod === undefined ? { text } : { statusCode: 200, body: text };
};`,
  'src/node_modules/loud/index.js': 'exports.shout = (text) => text.toUpperCase();',
  'flow.asl.yaml': `StartAt: Greet
States:
  Greet: { Type: Task, Resource: "${'$'}{Greet}", ResultPath: $.greeting, End: true }
`,
};

const ROLE = (service: unknown, ...policies: readonly object[]) => ({
  Type: 'AWS::IAM::Role',
  Properties: {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }],
    },
    Policies: policies,
  },
});
const roleOf = (id: string) => ({ 'Fn::GetAtt': [id, 'Arn'] });
const MAY_GREET = {
  PolicyName: 'greet',
  PolicyDocument: {
    Statement: [{ Effect: 'Allow', Action: 'lambda:InvokeFunction', Resource: '*' }],
  },
};
const RESOURCES = (code: unknown) => ({
  GreetRole: ROLE('lambda.amazonaws.com'),
  FlowRole: ROLE({ 'Fn::Sub': `states.${'$'}{AWS::Region}.amazonaws.com` }, MAY_GREET),
  Greet: {
    Type: 'AWS::Lambda::Function',
    Properties: {
      Code: code,
      Handler: 'app.handler',
      Runtime: 'nodejs22.x',
      Role: roleOf('GreetRole'),
      Environment: { Variables: { GREETING: 'hi' } },
    },
  },
  Flow: {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: {
      RoleArn: roleOf('FlowRole'),
      DefinitionString: JSON.stringify(CALL),
      DefinitionSubstitutions: { Greet: { 'Fn::GetAtt': ['Greet', 'Arn'] } },
    },
  },
});

/** A template of CloudFormation whose code lies beside it. */
export const CLOUDFORMATION_APP = {
  'template.json': { Resources: RESOURCES('./code') },
  'code/app.js': GREET,
};

/** What `serverless package` leaves. */
export const SERVERLESS_APP = {
  'serverless.yml': 'service: shop',
  '.serverless/shop.zip': zipSync({ 'app.js': Buffer.from(GREET) }),
  '.serverless/cloudformation-template-update-stack.json': {
    Resources: {
      ServerlessDeploymentBucket: { Type: 'AWS::S3::Bucket' },
      ...RESOURCES({
        S3Bucket: { Ref: 'ServerlessDeploymentBucket' },
        S3Key: 'serverless/shop/dev/1700000000000-2023/shop.zip',
      }),
    },
  },
};

const ASSETS = `cdk-hnb659fds-assets-${'$'}{AWS::AccountId}-${'$'}{AWS::Region}`;

/** What `cdk synth` leaves: two stacks, one of which takes an export of the other. */
export const CDK_APP = {
  'cdk.json': { app: 'node app.js' },
  'cdk.out/manifest.json': {
    version: '36.0.0',
    artifacts: {
      'Shop.assets': { type: 'cdk:asset-manifest', properties: { file: 'Shop.assets.json' } },
      Shop: {
        type: 'aws:cloudformation:stack',
        properties: { templateFile: 'Shop.template.json', stackName: 'shop' },
        dependencies: ['Base', 'Shop.assets'],
      },
      Base: { type: 'aws:cloudformation:stack', properties: { templateFile: 'Base.template.json' } },
      Tree: { type: 'cdk:tree', properties: { file: 'tree.json' } },
    },
  },
  'cdk.out/Base.template.json': {
    Resources: { Orders: { Type: 'AWS::SQS::Queue' } },
    Outputs: { Orders: { Value: { 'Fn::GetAtt': ['Orders', 'Arn'] }, Export: { Name: 'Base:Orders' } } },
  },
  'cdk.out/Shop.assets.json': {
    files: {
      abc: {
        source: { path: 'asset.abc', packaging: 'zip' },
        destinations: { current: { bucketName: ASSETS, objectKey: 'abc.zip' } },
      },
    },
  },
  'cdk.out/asset.abc/app.js': GREET,
  'cdk.out/Shop.template.json': {
    Parameters: {
      BootstrapVersion: {
        Type: 'AWS::SSM::Parameter::Value<String>',
        Default: '/cdk-bootstrap/hnb659fds/version',
      },
    },
    Conditions: { CDKMetadataAvailable: { 'Fn::Equals': [{ Ref: 'AWS::Region' }, 'us-east-1'] } },
    Rules: { CheckBootstrapVersion: { Assertions: [] } },
    Resources: {
      ...RESOURCES({ S3Bucket: { 'Fn::Sub': ASSETS }, S3Key: 'abc.zip' }),
      CDKMetadata: {
        Type: 'AWS::CDK::Metadata',
        Properties: { Analytics: 'v2:deflate64:abc' },
        Condition: 'CDKMetadataAvailable',
      },
    },
    Outputs: { Orders: { Value: { 'Fn::ImportValue': 'Base:Orders' } } },
  },
};
