import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { LocalCloud } from '../../src/cloud/local-cloud.ts';
import { deployOwnApp, type OwnApp } from '../../src/own-app/deploy-own-app.ts';
import { watchOwnApp } from '../../src/own-app/watch-own-app.ts';
import { eventually, openTestCloud, type TestCloud } from '../gateway/test-cloud.ts';
import {
  type AppFolder,
  appFolder,
  CDK_APP,
  CLOUDFORMATION_APP,
  SAM_APP,
  SERVERLESS_APP,
} from './fixture-apps.ts';

let opened: TestCloud;
let cloud: LocalCloud;
const folders: AppFolder[] = [];

beforeAll(async () => {
  opened = await openTestCloud({ account: '111122223333', durable: false });
  cloud = opened.cloud;
});
afterAll(async () => {
  for (const folder of folders) folder.remove();
  await opened.close();
});

function made(files: Parameters<typeof appFolder>[0]): AppFolder {
  const folder = appFolder(files);
  folders.push(folder);
  return folder;
}

const idOf = ({ resources }: OwnApp, type: string): string =>
  resources.find((each) => each.type === type)?.physicalId ?? '';

async function run(app: OwnApp, input: object): Promise<unknown> {
  const stateMachineArn = idOf(app, 'AWS::StepFunctions::StateMachine');
  return outputOf(await call('StartExecution', { stateMachineArn, input: JSON.stringify(input) }));
}

async function outputOf({ executionArn }: { readonly executionArn?: string }): Promise<unknown> {
  return eventually(async () => {
    const { status, output, cause } = await call('DescribeExecution', { executionArn });
    if (status === 'RUNNING') return undefined;
    return status === 'SUCCEEDED' ? JSON.parse(output ?? '') : { status, cause };
  });
}

async function call(action: string, input: Record<string, unknown>): Promise<Record<string, string>> {
  // an answer of the engine consists of texts where these tests look
  return (await cloud.states[action]?.(input)) as Record<string, string>;
}

const refusalFor = (path: string, more: object = {}): Promise<string> =>
  deployOwnApp(cloud, { path, ...more }).then(
    () => 'deployed',
    (error: unknown) => String(error),
  );

test('SAM: a template with code, libraries, a definition and routes beside it', async () => {
  const app = await deployOwnApp(cloud, { path: made(SAM_APP).path, parameters: { Greeting: 'good day' } });
  expect(app.kind).toBe('sam');
  expect(await run(app, { name: 'ann' })).toEqual({ name: 'ann', greeting: { text: 'GOOD DAY ANN' } });
  const [rest = '', http = ''] = app.resources
    .filter(({ type }) => type === 'AWS::ApiGatewayV2::Api')
    .sort((one, other) => (one.logicalId > other.logicalId ? -1 : 1))
    .map(({ physicalId }) => `${cloud.endpoint}/_aws/execute-api/${physicalId}`);
  expect(await (await fetch(`${rest}/greet/bob`)).text()).toBe('GOOD DAY BOB');
  const started = await fetch(`${http}/run`, { method: 'POST', body: '{"name":"eve"}' });
  const execution = (await started.json()) as { executionArn: string };
  expect(await outputOf(execution)).toMatchObject({ greeting: { text: 'GOOD DAY EVE' } });
});

test.each([
  ['cloudformation', CLOUDFORMATION_APP],
  ['serverless', SERVERLESS_APP],
  ['cdk', CDK_APP],
])('%s: what its tool leaves is deployed and runs', async (kind, files) => {
  const app = await deployOwnApp(cloud, { path: made(files).path });
  expect(app.kind).toBe(kind);
  expect(await run(app, { name: 'ann' })).toMatchObject({ greeting: { text: 'hi ann' } });
});

test('code and definitions that change are there within a second; what runs keeps its definition', async () => {
  const folder = made(SAM_APP);
  const options = { path: folder.path };
  const deployed = await deployOwnApp(cloud, options);
  const seen: (OwnApp | string)[] = [];
  const watch = watchOwnApp(cloud, {
    options,
    deployed,
    events: { onDeployed: (app) => seen.push(app), onRefused: (error) => seen.push(String(error)) },
  });
  const next = async () => eventually(() => seen.shift());
  folder.write('flow.asl.yaml', 'StartAt: W\nStates: { W: { Type: Wait, Seconds: 1, End: true } }');
  await next();
  const waiting = await call('StartExecution', {
    stateMachineArn: idOf(deployed, 'AWS::StepFunctions::StateMachine'),
  });
  folder.write('src/app.js', "exports.handler = async () => ({ text: 'changed' });");
  folder.write('flow.asl.yaml', SAM_APP['flow.asl.yaml']);
  await next();
  expect(await run(deployed, {})).toEqual({ greeting: { text: 'changed' } });
  expect(await outputOf(waiting)).toEqual({});
  folder.write('flow.asl.yaml', 'StartAt: Nowhere\nStates: { A: { Type: Pass, End: true } }');
  expect(await next()).toContain('Nowhere');
  expect(await run(deployed, {})).toEqual({ greeting: { text: 'changed' } });
  await watch.close();
}, 30_000);

const TOPIC = { Topic: { Type: 'AWS::Cognito::UserPool' } };
const template = (resources: object, more: object = {}) =>
  made({ 'template.json': { Resources: resources, ...more } }).path;

test('what cannot be made is refused by name, with what can be done about it', async () => {
  expect(await refusalFor(template(TOPIC))).toMatch(
    /Unrecognized resource types: \[AWS::Cognito::UserPool\]\n {2}mend: .*--leave-out 'AWS::Cognito::UserPool'/,
  );
  expect(await refusalFor(made({ 'serverless.yml': '' }).path)).toContain('run serverless package');
  expect(await refusalFor(made({ 'cdk.json': '' }).path)).toContain('run cdk synth');
  expect(await refusalFor(made({}).path)).toContain('there is no template in it');
  expect(await refusalFor(`${made({}).path}/missing`)).toContain('no such file or folder');
  expect(
    await refusalFor(template({ Q: { Type: 'AWS::SQS::Queue' } }), { parameters: { Stage: 'a' } }),
  ).toContain('--parameter Stage: no template has it');
  const role = CLOUDFORMATION_APP['template.json'].Resources.FlowRole;
  const publishes = {
    StartAt: 'A',
    States: { A: { Type: 'Task', Resource: 'arn:aws:states:::sns:publish', Parameters: {}, End: true } },
  };
  const machine = {
    Type: 'AWS::StepFunctions::StateMachine',
    Properties: { RoleArn: { 'Fn::GetAtt': ['Role', 'Arn'] }, Definition: publishes },
  };
  expect(await refusalFor(template({ Role: role, Machine: machine }))).toMatch(
    /Machine \(AWS::StepFunctions::StateMachine\): .*'sns:publish'/,
  );
});

test('an application goes without what it is told to, and names it', async () => {
  const queue = {
    Type: 'AWS::SQS::Queue',
    DependsOn: 'Topic',
    Properties: { Tags: [{ Key: 'topic', Value: { Ref: 'Topic' } }] },
  };
  const path = template(
    { ...TOPIC, Queue: queue },
    { Outputs: { A: { Value: { 'Fn::Sub': `${'$'}{Topic.Arn}` } } } },
  );
  const app = await deployOwnApp(cloud, { path, leaveOut: ['AWS::Cognito::*'] });
  expect(app.leftOut).toEqual(['Topic (AWS::Cognito::UserPool)']);
  expect(app.resources.map(({ logicalId }) => logicalId)).toEqual(['Queue']);
  expect(app.outputs).toEqual([{ name: 'A', value: 'arn:aws:left-out:::Topic.Arn' }]);
});
