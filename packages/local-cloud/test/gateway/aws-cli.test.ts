import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { deployCode } from '../lambda/deploy-code.ts';
import { eventually, openTestCloud, type TestCloud } from './test-cloud.ts';

/** The system's own, if there is one: it is the older and the stricter test. */
const AWS = ['/usr/bin', ...(process.env['PATH'] ?? '').split(':')]
  .map((directory) => join(directory, 'aws'))
  .find((command) => existsSync(command));
if (AWS === undefined) console.warn('the aws command is not installed: its tests are skipped');

/** Twenty commands that start Python, on a machine that may be busy: only a hang takes as long. */
const LONGEST_MS = 240_000;

const run = promisify(execFile);
let opened: TestCloud;
let directory: string;
let flows: Record<keyof typeof FLOWS, Promise<unknown>>;

/** The command takes most of a second to start, so the flows run side by side. */
const FLOWS = {
  objects: async () => {
    await aws('s3 mb s3://cli');
    await aws('s3 sync tree s3://cli/tree --no-progress');
    const listed = await aws('s3 ls s3://cli/tree/');
    await aws('s3 cp s3://cli/tree/large back --no-progress');
    const length = await aws(
      's3api head-object --bucket cli --query ContentLength --key',
      'tree/deep/ü +.txt',
    );
    await aws('s3 rm s3://cli --recursive');
    await aws('s3 rb s3://cli');
    return { listed, length };
  },
  functions: async () => {
    // as a file of bytes, both generations of the command send it as it is
    writeFileSync(join(directory, 'event.json'), '{"name":"cli"}');
    await aws('lambda invoke --function-name greet out.json --payload fileb://event.json');
    return {
      answer: readFileSync(join(directory, 'out.json'), 'utf8'),
      lines: await aws(
        'logs filter-log-events --log-group-name /aws/lambda/greet --filter-pattern "REPORT" --query length(events)',
      ),
    };
  },
  machines: async () => {
    const waits = {
      Type: 'Task',
      Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
      Parameters: { FunctionName: 'ask', Payload: { 'token.$': '$$.Task.Token' } },
      End: true,
    };
    const machine = await aws(
      'stepfunctions create-state-machine --name cli --role-arn arn:aws:iam::000000000000:role/cli --query stateMachineArn --definition',
      JSON.stringify({ StartAt: 'Ask', States: { Ask: waits } }),
    );
    const execution = await aws(
      'stepfunctions start-execution --query executionArn --state-machine-arn',
      machine,
    );
    await aws(
      'stepfunctions send-task-success --task-output {"answer":42} --task-token',
      await eventually(askedToken),
    );
    const described = await aws(
      'stepfunctions describe-execution --query [status,output] --execution-arn',
      execution,
    );
    const listed = await aws(
      'stepfunctions list-executions --query executions[].status --state-machine-arn',
      machine,
    );
    return {
      described,
      listed,
      history: await aws(
        'stepfunctions get-execution-history --query events[].type --execution-arn',
        execution,
      ),
    };
  },
  records: async () => {
    await aws(
      'dynamodb create-table --table-name cli --billing-mode PAY_PER_REQUEST --key-schema AttributeName=id,KeyType=HASH --attribute-definitions AttributeName=id,AttributeType=S',
    );
    await aws('dynamodb put-item --table-name cli --item {"id":{"S":"one"}}');
    const item = await aws('dynamodb get-item --table-name cli --query Item.id.S --key {"id":{"S":"one"}}');
    const failed = await aws(
      'events put-events --query FailedEntryCount --entries [{"Source":"cli","DetailType":"t","Detail":"{}"}]',
    );
    return { item, failed };
  },
};

beforeAll(async () => {
  opened = await openTestCloud();
  directory = mkdtempSync(join(tmpdir(), 'aws-cli-'));
  mkdirSync(join(directory, 'tree/deep'), { recursive: true });
  writeFileSync(join(directory, 'tree/deep/ü +.txt'), 'small');
  writeFileSync(join(directory, 'tree/large'), Buffer.alloc(9 * 1024 * 1024, 'large'));
  await deployCode(opened.cloud, 'greet', 'async ({ name }) => ({ greeting: "hello, " + name })');
  await deployCode(opened.cloud, 'ask', 'async ({ token }) => { process.stdout.write("token " + token); }');
  if (AWS === undefined) return;
  flows = {
    objects: FLOWS.objects(),
    functions: FLOWS.functions(),
    machines: FLOWS.machines(),
    records: FLOWS.records(),
  };
  await Promise.allSettled(Object.values(flows));
}, LONGEST_MS);

afterAll(async () => {
  await opened.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Runs one command of words without spaces, and perhaps a last argument with any. */
async function aws(command: string, ...last: string[]): Promise<string> {
  const environment = {
    PATH: process.env['PATH'],
    HOME: directory,
    AWS_PAGER: '',
    ...opened.cloud.environment,
  };
  const args = ['--endpoint-url', opened.cloud.endpoint, '--output', 'text', ...command.split(' '), ...last];
  const { stdout } = await run(AWS ?? 'aws', args, { env: environment, cwd: directory });
  return stdout.trim();
}

function askedToken(): string | undefined {
  const [line] = opened.cloud.logs.filter({
    group: '/aws/lambda/ask',
    contains: ['token '],
    startTime: 0,
    endTime: Number.MAX_SAFE_INTEGER,
    afterId: 0,
    limit: 1,
  });
  return line?.message.slice('token '.length);
}

(AWS === undefined ? describe.skip : describe)('the aws command', () => {
  test('works on buckets and objects, large ones in parts', async () => {
    expect(await flows.objects).toEqual({
      listed: expect.stringMatching(/PRE deep\/\n.* 9437184 large$/),
      length: '5',
    });
    expect(readFileSync(join(directory, 'back')).equals(readFileSync(join(directory, 'tree/large')))).toBe(
      true,
    );
  });

  test('invokes functions and reads their logs', async () => {
    expect(await flows.functions).toEqual({ answer: '{"greeting":"hello, cli"}', lines: '1' });
  });

  test('creates a state machine, runs it and answers its task', async () => {
    expect(await flows.machines).toEqual({
      described: 'SUCCEEDED\t{"answer":42}',
      listed: 'SUCCEEDED',
      history: expect.stringMatching(/^ExecutionStarted\tTaskStateEntered\t.*ExecutionSucceeded$/),
    });
  });

  test('puts items and events', async () => {
    expect(await flows.records).toEqual({ item: 'one', failed: '0' });
  });
});
