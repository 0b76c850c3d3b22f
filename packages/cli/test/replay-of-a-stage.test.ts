import {
  CloudFormationClient,
  CreateStackCommand,
  waitUntilStackCreateComplete,
} from '@aws-sdk/client-cloudformation';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Dev, resultOf, start, startDev, statebag, workFolder } from './statebag.ts';

const REGION = 'us-east-1';
const ACCOUNT = '000000000000';
/** Processes of the command on a machine that does other things, too. */
const LONG_MS = 180_000;

const folder = workFolder();
const dataDir = `${folder.path}/data`;
let dev: Dev;
beforeAll(async () => {
  dev = await startDev(dataDir);
}, LONG_MS);
afterAll(async () => {
  await dev.stop();
  folder.remove();
});

/** What docs/replay.md says that a replay needs. */
const READS = [
  {
    Effect: 'Allow',
    Action: ['states:DescribeExecution', 'states:GetExecutionHistory', 'states:ListExecutions'],
    Resource: '*',
  },
  {
    Effect: 'Allow',
    Action: 'lambda:GetFunctionConfiguration',
    Resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:statebag-segment-runner-local-executeSegment`,
  },
  {
    Effect: 'Allow',
    Action: 's3:GetObject',
    Resource: ['definitions', 'uploads', 'runs'].map((prefix) => `arn:aws:s3:::*/${prefix}/*`),
  },
  {
    Effect: 'Allow',
    Action: 's3:ListBucket',
    Resource: 'arn:aws:s3:::*',
    Condition: { StringLike: { 's3:prefix': ['definitions/*', 'uploads/*', 'runs/*'] } },
  },
];

/** Keys of a role of the account that may do this and nothing else. */
async function keysOf(name: string, statements: readonly object[]) {
  const config = { endpoint: dev.endpoint, region: REGION, credentials: dev.credentials };
  const stacks = new CloudFormationClient(config);
  const trust = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: ACCOUNT } };
  const role = {
    Type: 'AWS::IAM::Role',
    Properties: {
      RoleName: name,
      AssumeRolePolicyDocument: { Statement: [trust] },
      Policies: [{ PolicyName: 'reads', PolicyDocument: { Statement: statements } }],
    },
  };
  await stacks.send(
    new CreateStackCommand({
      StackName: name,
      TemplateBody: JSON.stringify({ Resources: { Role: role } }),
      Capabilities: ['CAPABILITY_NAMED_IAM'],
    }),
  );
  await waitUntilStackCreateComplete(
    { client: stacks, maxWaitTime: 120, minDelay: 1, maxDelay: 1 },
    { StackName: name },
  );
  stacks.destroy();
  const sts = new STSClient(config);
  const { Credentials: keys } = await sts.send(
    new AssumeRoleCommand({ RoleArn: `arn:aws:iam::${ACCOUNT}:role/${name}`, RoleSessionName: 'test' }),
  );
  sts.destroy();
  return {
    AWS_ENDPOINT_URL: dev.endpoint,
    AWS_ACCESS_KEY_ID: keys?.AccessKeyId ?? '',
    AWS_SECRET_ACCESS_KEY: keys?.SecretAccessKey ?? '',
    AWS_SESSION_TOKEN: keys?.SessionToken ?? '',
  };
}

test(
  'a run of a stage is replayed and recorded by the read rights that its page names, and not without those to objects',
  async () => {
    const list = {
      name: 'list',
      nodes: [
        {
          id: 'each',
          type: 'for_each',
          output_key: 'all',
          config: {
            items: '{% [1..4] %}',
            distributed: 'batched',
            batch_size: 2,
            body: {
              nodes: [
                { id: 'one', type: 'llm_chat', output_key: 'one', config: { prompt: 'about {{ $item }}' } },
              ],
            },
          },
        },
      ],
    };
    const file = folder.file('list.json', list);
    const { execution_id: run } = resultOf(await statebag('run', file, '--json', '--data-dir', dataDir));
    const reader = await keysOf('reader', READS);
    const replay = (environment: Readonly<Record<string, string>>, ...more: string[]) =>
      start(['replay', run, '--stage', 'local', '--region', REGION, ...more], environment).finished;
    const { code, stdout, stderr } = await replay(reader);
    expect({ code, stdout, stderr }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/reproduced: (\d+) of \1 segments, equal .* 4 calls from the ledger/),
    });
    const recorded = await replay(reader, '--record', `${folder.path}/recorded`);
    expect(recorded.stdout).toContain('recorded.json: 4 calls, 0 decisions');
    const blind = await replay(await keysOf('blind', READS.slice(0, 2)));
    expect(blind.code).not.toBe(0);
    expect(blind.stderr + blind.stdout).toMatch(/AccessDenied|not authorized/);
  },
  LONG_MS,
);
