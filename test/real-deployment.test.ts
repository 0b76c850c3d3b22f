import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CloudFormationClient,
  DescribeStacksCommand,
  ListStackResourcesCommand,
} from '@aws-sdk/client-cloudformation';
import { GetFunctionCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { overlay } from '@statebag/deployment/package';
import { runServerless } from '@statebag/deployment/serverless';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';

const ROOT = join(import.meta.dirname, '..');
const REGION = 'eu-west-1';
const STACK = 'statebag-state-data-manager-dev';
const BUCKET = `statebag-state-dev-111122223333-${REGION}`;
const LIMIT_MS = 240_000;

let cloud: LocalCloud;
let stacks: CloudFormationClient;
let dataDir: string;
/** The key of a role that may what docs/deploy-policy.json says. */
let deployer: Readonly<Record<string, string>>;

/** An account in which an earlier deployment has left its bucket. `npm run laws -- deployment` deploys everything. */
beforeAll(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'statebag-real-'));
  cloud = await startLocalCloud({ dataDir, account: '111122223333', region: REGION, ...THROWN_AWAY });
  stacks = new CloudFormationClient(cloud.clientOptions);
  await cloud.s3.createBucket(BUCKET);
  deployer = await keyOfDeployer();
});

async function keyOfDeployer(): Promise<Readonly<Record<string, string>>> {
  const PolicyDocument = JSON.parse(readFileSync(join(ROOT, 'docs', 'deploy-policy.json'), 'utf8'));
  cloud.kept.put('AWS::IAM::Role', 'statebag-deploy', {
    AssumeRolePolicyDocument: {
      Statement: [{ Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '111122223333' } }],
    },
    Policies: [{ PolicyName: 'statebag-deploy', PolicyDocument }],
  });
  const sts = new STSClient(cloud.clientOptions);
  const { Credentials: key } = await sts.send(
    new AssumeRoleCommand({
      RoleArn: 'arn:aws:iam::111122223333:role/statebag-deploy',
      RoleSessionName: 'pipeline',
    }),
  );
  sts.destroy();
  return {
    AWS_ACCESS_KEY_ID: key?.AccessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: key?.SecretAccessKey ?? '',
    AWS_SESSION_TOKEN: key?.SessionToken ?? '',
  };
}

afterAll(async () => {
  stacks.destroy();
  await cloud.close();
  await rm(dataDir, { recursive: true, force: true });
});

/** `serverless deploy` in a folder of the app, under the role of a pipeline. */
async function deploy(folder: string, choices: Readonly<Record<string, string>> = {}) {
  const { path, remove } = overlay(ROOT, folder);
  const environment = {
    ...{ ...cloud.environment, ...deployer, SLS_AWS_MONITORING_FREQUENCY: '100' },
    STATEBAG_RESERVED_CONCURRENCY: '{"recordStatusChange": 20}',
    ...choices,
  };
  const ended = await runServerless({ cwd: path, args: ['deploy', '--stage', 'dev'], environment }, LIMIT_MS);
  remove();
  return { code: ended.code, text: `${ended.stdout}\n${ended.stderr}` };
}

test(
  'a stack whose others are not there is refused, and says which to deploy first',
  async () => {
    const { code, text } = await deploy('stepfunctions');
    expect(code).toBe(1);
    expect(text).toContain('not deployed yet: ');
    expect(text).toContain('ExecuteSegmentLambdaFunctionQualifiedArn of statebag-segment-runner-dev');
    expect(await cloud.states['ListStateMachines']?.({})).toEqual({ stateMachines: [] });
  },
  LIMIT_MS,
);

test(
  'the first stack is deployed by the real tool, into the region of the environment, around what is there',
  async () => {
    const { code, text } = await deploy('services/state-data-manager');
    expect({ code, text: code === 0 ? '' : text }).toEqual({ code: 0, text: '' });
    expect(text).toContain(`StateBucket: ${BUCKET} is there already and stays as it is`);
    const { Stacks } = await stacks.send(new DescribeStacksCommand({ StackName: STACK }));
    const outputs = Object.fromEntries(
      (Stacks?.[0]?.Outputs ?? []).map((each) => [each.OutputKey, each.OutputValue]),
    );
    expect(outputs).toMatchObject({
      StateBucketName: BUCKET,
      StateDataManagerLambdaFunctionQualifiedArn: `arn:aws:lambda:${REGION}:111122223333:function:${STACK}-stateDataManager:1`,
    });
    const { StackResourceSummaries = [] } = await stacks.send(
      new ListStackResourcesCommand({ StackName: STACK }),
    );
    const ids = StackResourceSummaries.map(({ LogicalResourceId }) => LogicalResourceId);
    expect(ids).toEqual(expect.arrayContaining(['RunsTable', 'StateBucketPolicy', 'LostEvents']));
    expect(ids).not.toContain('StateBucket');
  },
  LIMIT_MS,
);

test('a deployed function answers with its own code', async () => {
  const functionName = `${STACK}-stateDataManager`;
  const reply = await cloud.functions.invoke({
    functionName,
    invocationType: 'RequestResponse',
    payload: '{}',
  });
  expect(reply.payload).toContain('Contract.EventRejected');
});

test('a deployed function knows what the account lets a run have at work, and another has places of its own', async () => {
  const lambda = new LambdaClient(cloud.clientOptions);
  const of = (key: string) => lambda.send(new GetFunctionCommand({ FunctionName: `${STACK}-${key}` }));
  const [init, recorder] = await Promise.all(['initializeStateData', 'recordStatusChange'].map(of));
  lambda.destroy();
  expect(init?.Configuration?.Environment?.Variables).toMatchObject({ FUNCTIONS_AT_ONCE: '100' });
  expect([init?.Concurrency, recorder?.Concurrency?.ReservedConcurrentExecutions]).toEqual([undefined, 20]);
});

test(
  'a deployment that changes nothing is skipped',
  async () => {
    const { code, text } = await deploy('services/state-data-manager');
    expect({ code, text: code === 0 ? '' : text }).toEqual({ code: 0, text: '' });
    expect(text).toContain('No changes to deploy. Deployment skipped.');
  },
  LIMIT_MS,
);

/** A command of an operator, under the role of a pipeline. */
function npm(script: string, ...args: readonly string[]): Promise<{ code: number; text: string }> {
  const env = { ...process.env, ...cloud.environment, ...deployer };
  return new Promise((resolve) => {
    execFile('npm', ['run', script, '--', ...args], { cwd: ROOT, env }, (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : 1, text: `${stdout}\n${stderr}` }),
    );
  });
}

test(
  'remove takes away what is there of a stage whose other stacks were never made, and leaves what is kept',
  async () => {
    const { code, text } = await npm('remove', '--stage', 'dev', '--yes');
    expect({ code, text: code === 0 ? '' : text }).toEqual({ code: 0, text: '' });
    expect(text).toContain('statebag-workflow-api-dev is not there');
    expect(await stackNames()).not.toContain(STACK);
    expect(cloud.s3.hasBucket(BUCKET)).toBe(true);
    expect(await cloud.items.call('ListTables', {})).toEqual({ TableNames: ['statebag-runs-dev'] });
  },
  LIMIT_MS,
);

test(
  'with its data a stage is removed, also where its stacks are gone already, and a second time',
  async () => {
    await cloud.s3.put(BUCKET, 'runs/one/state.json', Buffer.from('{}'), 'application/json');
    const { code, text } = await npm('remove', '--stage', 'dev', '--yes', '--with-data');
    expect({ code, text: code === 0 ? '' : text }).toEqual({ code: 0, text: '' });
    expect(text).toContain(`1 objects and the bucket ${BUCKET} removed`);
    expect(cloud.s3.hasBucket(BUCKET)).toBe(false);
    expect(await cloud.items.call('ListTables', {})).toEqual({ TableNames: [] });
    const again = await npm('remove', '--stage', 'dev', '--yes', '--with-data');
    expect(again).toMatchObject({ code: 0, text: expect.stringContaining(`bucket ${BUCKET} was not there`) });
  },
  LIMIT_MS,
);

test(
  'a stage that protects its data keeps versions of its objects, and loses nothing to remove --with-data',
  async () => {
    const choices = { STATEBAG_BUCKET_VERSIONING: 'true', STATEBAG_DELETION_PROTECTION: 'true' };
    const deployed = await deploy('services/state-data-manager', choices);
    expect({ code: deployed.code, text: deployed.code === 0 ? '' : deployed.text }).toEqual({
      code: 0,
      text: '',
    });
    const { properties } = cloud.kept.find('AWS::S3::Bucket', BUCKET) ?? {};
    expect(properties).toMatchObject({ VersioningConfiguration: { Status: 'Enabled' } });
    const { code, text } = await npm('remove', '--stage', 'dev', '--yes', '--with-data');
    expect(code).toBe(1);
    expect(text).toContain('protected against deletion');
    expect(cloud.s3.hasBucket(BUCKET)).toBe(true);
    expect(await cloud.items.call('ListTables', {})).toEqual({ TableNames: ['statebag-runs-dev'] });
  },
  LIMIT_MS,
);

async function stackNames(): Promise<(string | undefined)[]> {
  const { Stacks = [] } = await stacks.send(new DescribeStacksCommand({}));
  return Stacks.map(({ StackName }) => StackName);
}
