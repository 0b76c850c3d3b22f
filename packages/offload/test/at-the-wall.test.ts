import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import middy from '@middy/core';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';
import { hydrate, offload, s3Store } from '../src/index.ts';

const BUCKET = 'my-app-payloads';
const PAGES = Array.from({ length: 40 }, (_, page) => ({ page, text: `page ${page} `.repeat(500) }));

/** As somebody wrote it who never thought of 256 KB: each state adds to what the next one gets. */
const invoke = (name: string, more: object) => ({
  Type: 'Task',
  Resource: 'arn:aws:states:::lambda:invoke',
  Parameters: {
    FunctionName: name,
    Payload: { 'execution_id.$': '$$.Execution.Name', 'document.$': '$.document' },
  },
  ResultSelector: { 'result.$': '$.Payload' },
  Catch: [{ ErrorEquals: ['States.TaskFailed'], Next: 'Excuse' }],
  ...more,
});
const DEFINITION = {
  StartAt: 'Read',
  States: {
    Read: invoke('read', { ResultPath: '$.document', Next: 'Review' }),
    Review: invoke('review', { ResultPath: '$.review', Next: 'Summarise' }),
    Summarise: invoke('summarise', { ResultPath: '$.summary', OutputPath: '$.summary.result', End: true }),
    Excuse: { Type: 'Pass', Result: 'sorry', End: true },
  },
};

interface Document {
  readonly document: { readonly result: { readonly pages: typeof PAGES } };
}
const HANDLERS = {
  read: () => ({ status: 'read', pages: PAGES }),
  review: ({ document }: Document) => ({
    status: 'reviewed',
    remarks: document.result.pages.map(({ page, text }) => ({ page, remark: text.toUpperCase() })),
  }),
  summarise: ({ document }: Document) => ({ status: 'done', pages: document.result.pages.length }),
} as const;

let cloud: LocalCloud;
let s3: S3Client;
let sfn: SFNClient;
let withOffload = false;
const dataDir = mkdtempSync(join(tmpdir(), 'statebag-wall-'));

/** The functions as Lambda would call them; the first line of what changes is the import. */
async function callFunction(name: keyof typeof HANDLERS, event: unknown): Promise<unknown> {
  const handler = middy<unknown>().handler(async (given: unknown) => HANDLERS[name](given as Document)); // its caller says so
  // the second line
  if (withOffload)
    handler.use(offload({ bucket: BUCKET, reserve: 'event+invoke', budget: 100_000, store: s3Store(s3) }));
  return handler(event, {} as never); // no member of Lambda's context is used
}

beforeAll(async () => {
  const taskFunctions = {
    async invoke({ functionName, payload }: { functionName: string; payload: string }) {
      const reply = await callFunction(functionName as keyof typeof HANDLERS, JSON.parse(payload)); // named in DEFINITION
      return { statusCode: 200, requestId: 'r', executedVersion: '$LATEST', payload: JSON.stringify(reply) };
    },
  };
  cloud = await startLocalCloud({ dataDir, ...THROWN_AWAY, taskFunctions: taskFunctions as never });
  s3 = new S3Client({ ...cloud.clientOptions, forcePathStyle: true });
  sfn = new SFNClient({ ...cloud.clientOptions, disableHostPrefix: true });
  await s3.send(new CreateBucketCommand({ Bucket: BUCKET }));
});

afterAll(async () => {
  s3.destroy();
  sfn.destroy();
  await cloud.close();
  rmSync(dataDir, { recursive: true });
});

async function run(name: string) {
  const { stateMachineArn } = await sfn.send(
    new CreateStateMachineCommand({
      name,
      roleArn: 'arn:aws:iam::000000000000:role/any',
      definition: JSON.stringify(DEFINITION),
    }),
  );
  const { executionArn } = await sfn.send(
    new StartExecutionCommand({ stateMachineArn, name, input: '{"document":{}}' }),
  );
  for (;;) {
    const described = await sfn.send(new DescribeExecutionCommand({ executionArn }));
    if (described.status !== 'RUNNING') return described;
  }
}

test('a machine that dies at 256 KB, past its own Catch, goes through with two lines changed', async () => {
  const before = await run('before');
  expect(before).toMatchObject({ status: 'FAILED', error: 'States.DataLimitExceeded' });

  withOffload = true;
  const after = await run('after');
  expect({ error: after.error, cause: after.cause, status: after.status }).toEqual({ status: 'SUCCEEDED' });
  expect(JSON.parse(after.output ?? '')).toEqual({ status: 'done', pages: 40 });

  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET }));
  expect(Contents.map(({ Key }) => Key)).toEqual(
    Contents.map(() => expect.stringMatching(/^offload\/after\/[0-9a-f]{64}\.json$/)),
  );
  expect(Contents.length).toBe(2);
});

test('values come back from S3 as they were, by ranges of one object', async () => {
  const place = { bucket: BUCKET, prefix: 'offload/by-hand/', store: s3Store(s3) };
  const reply = await offload(
    { status: 'read', pages: PAGES },
    { ...place, budget: 20_000, keep: ['pages[*].page'] },
  );
  expect(Buffer.byteLength(JSON.stringify(reply))).toBeLessThanOrEqual(20_000);
  expect(await hydrate(reply, place)).toEqual({ status: 'read', pages: PAGES });
  const lost = JSON.parse(JSON.stringify(reply).replace(/[0-9a-f]{64}\.json/g, `${'0'.repeat(64)}.json`));
  await expect(hydrate(lost, place)).rejects.toMatchObject({ name: 'Offload.ObjectMissing' });
});
