import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { KEPT_BUNDLES } from '../../src/cloudformation/providers/lambda-code.ts';
import { openTestCloud, type TestCloud } from '../gateway/test-cloud.ts';

let opened: TestCloud;
let folder: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'statebag-put-'));
  opened = await openTestCloud();
});

afterEach(async () => {
  await opened.close();
  rmSync(folder, { recursive: true });
});

const put = (Resources: object, adopts?: true) =>
  opened.cloud.formation.put({
    name: 'app',
    template: JSON.stringify({ Resources }),
    ...(adopts && { adopts }),
  });

/** A bundle that answers with a text, as a function of a template loads it. */
function greeter(text: string): object {
  const path = join(folder, `${text}.cjs`);
  const code = `exports.handler = async () => ${JSON.stringify(text)};`;
  writeFileSync(path, code);
  const sha256 = createHash('sha256').update(code).digest('hex');
  opened.cloud.functions.keep({ path, sha256, size: code.length, modifiedAt: statSync(path).mtimeMs });
  return {
    Role: {
      Type: 'AWS::IAM::Role',
      Properties: {
        AssumeRolePolicyDocument: {
          Statement: [
            { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service: 'lambda.amazonaws.com' } },
          ],
        },
      },
    },
    Greet: {
      Type: 'AWS::Lambda::Function',
      Properties: {
        FunctionName: 'greet',
        Handler: 'index.handler',
        Runtime: 'nodejs24.x',
        Role: { 'Fn::GetAtt': ['Role', 'Arn'] },
        Code: { S3Bucket: KEPT_BUNDLES, S3Key: sha256 },
      },
    },
    [`GreetVersion${sha256.slice(0, 8)}`]: {
      Type: 'AWS::Lambda::Version',
      DeletionPolicy: 'Retain',
      Properties: {
        FunctionName: { Ref: 'Greet' },
        CodeSha256: Buffer.from(sha256, 'hex').toString('base64'),
      },
    },
  };
}

async function greeting(functionName: string): Promise<unknown> {
  const invocationType = 'RequestResponse';
  const { payload } = await opened.cloud.functions.invoke({ functionName, invocationType, payload: '{}' });
  return JSON.parse(payload);
}

test('a function runs the bundle that its template names by its hash, and earlier versions keep theirs', async () => {
  await put(greeter('hello'));
  const made = await put(greeter('servus'));
  expect(await Promise.all(['greet', 'greet:1', 'greet:2'].map(greeting))).toEqual([
    'servus',
    'hello',
    'servus',
  ]);
  const [version] = opened.cloud.formation.resources(made).filter(({ type }) => type.endsWith(':Version'));
  expect(version?.physicalId).toMatch(/:function:greet:2$/);
});

const bucket = { Type: 'AWS::S3::Bucket', Properties: { BucketName: 'mine' } };
const parameter = (Value: string) => ({
  Type: 'AWS::SSM::Parameter',
  Properties: { Name: '/mine', Type: 'String', Value },
});

test('a stack that adopts takes what is there as its own; another one is refused', async () => {
  await opened.cloud.s3.createBucket('mine');
  await opened.cloud.s3.put('mine', 'key', Buffer.from('kept'), 'text/plain');
  await expect(put({ Mine: bucket })).rejects.toThrow(
    "Mine (AWS::S3::Bucket): Resource of type 'AWS::S3::Bucket' with identifier 'mine' already exists.",
  );
  const stack = await put({ Mine: bucket }, true);
  expect(stack.status).toBe('CREATE_COMPLETE');
  expect(Buffer.from((await opened.cloud.s3.get('mine', 'key')).body).toString()).toBe('kept');
  const other = {
    name: 'other',
    template: JSON.stringify({ Resources: { Mine: bucket } }),
    adopts: true,
  } as const;
  await expect(opened.cloud.formation.put(other)).rejects.toThrow(/already exists/);
});

const BROKEN = {
  Type: 'AWS::SQS::Queue',
  DependsOn: ['Mine', 'Value'],
  Properties: { QueueName: 'no name of a queue' },
};

test('what was adopted outlives a creation that fails, and the next try has it', async () => {
  await opened.cloud.s3.createBucket('mine');
  const resources = { Mine: bucket, Value: parameter('1') };
  await expect(put({ ...resources, Broken: BROKEN }, true)).rejects.toThrow(/^Broken \(AWS::SQS::Queue\): /);
  expect([opened.cloud.s3.hasBucket('mine'), opened.cloud.ssm.find('/mine')]).toEqual([true, undefined]);
  expect((await put(resources, true)).status).toBe('CREATE_COMPLETE');
});

test('what is put unchanged is left alone, and an update that fails leaves what was there', async () => {
  const stack = await put({ Mine: bucket, Value: parameter('1') });
  expect(await put({ Mine: bucket, Value: parameter('1') })).toEqual(stack);
  await expect(put({ Mine: bucket, Value: parameter('2'), Broken: BROKEN })).rejects.toThrow(/^Broken/);
  expect(opened.cloud.ssm.find('/mine')).toBe('1');
  await put({ Mine: bucket, Value: parameter('3') });
  expect(opened.cloud.ssm.find('/mine')).toBe('3');
});
