import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import { runServerless } from '@statebag/deployment/serverless';
import { deployApp } from '@statebag/deployment/stack';
import { deployables } from '@statebag/deployment/stacks';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { THROWN_AWAY } from '@statebag/local-cloud/testing';
import { canonicalJson } from '@statebag/state-core';
import { parse } from 'yaml';

const ROOT = join(import.meta.dirname, '..');
const STAGE = 'dev';
const BUCKET = 'statebag-state-dev-account-region';
const LIMIT_MS = 240_000;
const POLL_MS = 20;

/** Samples of a service in an order that works: function, file, and what its reply holds. */
type Samples = readonly (readonly [fn: string, file: string, reply: unknown])[];

const ok = (statusCode: number) => ({ statusCode });

const SAMPLES: Readonly<Record<string, Samples>> = {
  'state-data-manager': [
    ['initializeStateData', 'init', { next_action: 'STARTED' }],
    ['stateDataManager', 'sync', { next_action: 'CONTINUE' }],
    ['storeTaskToken', 'store-task-token', {}],
    ['beatApprovals', 'beat-approvals', expect.anything()],
    ['dispatchStarts', 'dispatch-starts', { begun: 0, refused: 0 }],
    ['recordStatusChange', 'record-status-change', null],
    ['saveLatestState', 'save-latest-state', {}],
    ['loadLatestState', 'load-latest-state', { execution_id: 'run-0003' }],
    ['mergeCallback', 'first-generation-merge-callback', { current_state: {} }],
  ],
  'segment-runner': [
    ['executeSegment', 'execute-segment', { next_action: 'BATCHED' }],
    ['prepareDistributedExecution', 'prepare-distributed-execution', { mode: 'inline', total: 7 }],
    ['processSegmentChunk', 'process-segment-chunk', { status: 'COMPLETE', counts: { succeeded: 5 } }],
  ],
  'async-llm': [
    ['asyncLlmHandler', 'async-llm-handler', expect.anything()],
    ['answerFailedCall', 'answer-failed-call', { error: 'Llm.Unavailable', delivery: 'gone' }],
  ],
  aggregator: [
    ['aggregateDistributedResults', 'aggregate-distributed-results', { next_action: 'COMPLETE' }],
    ['aggregateResults', 'aggregate-results', {}],
  ],
  shadow: [
    ['beginShadow', 'begin-shadow', null],
    ['replaySegment', 'replay-segment', { next_action: 'BATCHED' }],
    ['recordShadow', 'record-shadow', null],
  ],
  'workflow-api': [
    ['startRun', 'start-run', ok(201)],
    ['listRuns', 'list-runs', ok(200)],
    ['getRun', 'get-run', ok(200)],
    ['runDefinition', 'run-definition', ok(200)],
    ['runTrace', 'run-trace', ok(200)],
    ['runApprovals', 'run-approvals', ok(200)],
    ['listApprovals', 'list-approvals', ok(200)],
    ['approveRun', 'approve-run', ok(200)],
    ['runState', 'run-state', ok(200)],
    ['runHistory', 'run-history', ok(200)],
    ['runCalls', 'run-calls', ok(200)],
    ['rejectRun', 'reject-run', ok(200)],
    ['resumeRun', 'resume-run', ok(202)],
    ['cancelRun', 'cancel-run', ok(202)],
    ['forkRun', 'fork-run', ok(201)],
    ['createUpload', 'create-upload', ok(200)],
  ],
};

/** They end a task by its token, which no file can hold: one of their own machines, changed, gives them one. */
const WITH_TOKEN: readonly (readonly [fn: string, file: string, machine: string, ended: object])[] = [
  ['asyncLlmHandler', 'async-llm-handler', 'v3', { status: 'SUCCEEDED' }],
  ['answerReplay', 'answer-replay', 'shadow', { status: 'SUCCEEDED' }],
  ['refuseReplay', 'refuse-replay', 'shadow', { status: 'FAILED', error: 'Ledger.ShadowMiss' }],
];

let cloud: LocalCloud;
let lambda: LambdaClient;
const dataDir = mkdtempSync(join(tmpdir(), 'statebag-samples-'));

beforeAll(async () => {
  cloud = await startLocalCloud({ dataDir, ...THROWN_AWAY });
  await deployApp(cloud, { stage: STAGE, parameters: { stateBucket: BUCKET, mockMode: 'true' } });
  lambda = new LambdaClient(cloud.clientOptions);
  const s3 = new S3Client({ ...cloud.clientOptions, forcePathStyle: true });
  for (const service of ['state-data-manager', 'segment-runner', 'aggregator', 'shadow'])
    for (const [Key, value] of Object.entries(sample(service, 'stored-objects')))
      await s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: canonicalJson(value as Json) }));
  s3.destroy();
}, LIMIT_MS);

afterAll(async () => {
  lambda.destroy();
  await cloud.close();
  rmSync(dataDir, { recursive: true });
});

function sample(service: string, file: string): JsonObject {
  return JSON.parse(readFileSync(join(ROOT, 'services', service, 'events', `${file}.json`), 'utf8'));
}

const nameOf = (service: string, fn: string) => `statebag-${service}-${STAGE}-${fn}`;

async function reply(service: string, fn: string, event: JsonObject): Promise<unknown> {
  const { Payload, FunctionError } = await lambda.send(
    new InvokeCommand({ FunctionName: nameOf(service, fn), Payload: JSON.stringify(event) }),
  );
  const text = Payload?.transformToString() ?? '';
  if (FunctionError !== undefined) throw new Error(`${fn}: ${text}`);
  return text === '' ? null : JSON.parse(text);
}

describe.each(Object.entries(SAMPLES))('%s', (service, samples) => {
  test.each(samples)('%s answers its sample %s.json', async (fn, file, expected) => {
    const event = sample(service, file);
    // what the API has begun goes on by itself: the next sample may come before it is there
    const isThere = (answer: unknown) => ![404, 409].includes(Number(Object(answer).statusCode));
    let answer = await reply(service, fn, event);
    for (let tries = 0; tries < 250 && !isThere(answer); tries++) {
      await pause(POLL_MS);
      answer = await reply(service, fn, event);
    }
    if (typeof expected === 'object' && expected !== null) expect(answer).toMatchObject(expected);
    else expect(answer).toEqual(expected);
  });
});

describe('a function that ends a task', () => {
  test.each(WITH_TOKEN)(
    '%s answers its sample %s.json with the token of a task',
    async (fn, file, machine, wanted) => {
      const service = Object.entries(functionsOf()).find(([, all]) => all.includes(fn))?.[0] ?? '';
      const { task_token: _, ...event } = sample(service, file);
      const Ask = {
        Type: 'Task',
        Resource: 'arn:aws:states:::lambda:invoke.waitForTaskToken',
        TimeoutSeconds: 60,
        Parameters: {
          FunctionName: `${nameOf(service, fn)}:1`,
          Payload: { ...event, 'task_token.$': '$$.Task.Token' },
        },
        End: true,
      };
      const stateMachineArn = `arn:aws:states:us-east-1:000000000000:stateMachine:statebag-${machine}-${STAGE}`;
      const definition = JSON.stringify({ StartAt: 'Ask', States: { Ask } });
      await call('UpdateStateMachine', { stateMachineArn, definition });
      const { executionArn } = await call('StartExecution', { stateMachineArn });
      let ended = await call('DescribeExecution', { executionArn });
      while (ended['status'] === 'RUNNING') {
        await pause(POLL_MS);
        ended = await call('DescribeExecution', { executionArn });
      }
      expect(ended).toMatchObject(wanted);
    },
  );
});

async function call(action: string, input: Record<string, unknown>): Promise<Record<string, unknown>> {
  return { ...(await cloud.states[action]?.(input)) };
}

function functionsOf(): Readonly<Record<string, readonly string[]>> {
  const folders = deployables(ROOT).filter((folder) => folder.startsWith('services/'));
  return Object.fromEntries(
    folders.map((folder) => {
      const { functions } = parse(readFileSync(join(ROOT, folder, 'serverless.yml'), 'utf8'));
      return [folder.replace('services/', ''), Object.keys(functions)];
    }),
  );
}

test('every function that is deployed has a sample', () => {
  const sampled = new Set([...Object.values(SAMPLES), WITH_TOKEN].flat().map(([fn]) => fn));
  const all = Object.values(functionsOf()).flat();
  expect(all.filter((fn) => !sampled.has(fn))).toEqual([]);
});

/** Each command loads the framework anew: one for each service stands for the others. */
test.each([
  ['segment-runner', 'processSegmentChunk', 'process-segment-chunk', '"status":"COMPLETE"'],
  ['aggregator', 'aggregateDistributedResults', 'aggregate-distributed-results', '"next_action":"COMPLETE"'],
  ['async-llm', 'answerFailedCall', 'answer-failed-call', '"delivery":"gone"'],
  ['shadow', 'replaySegment', 'replay-segment', '"next_action":"BATCHED"'],
  ['workflow-api', 'listRuns', 'list-runs', '"statusCode":200'],
])(
  'sls invoke local in services/%s answers as well: %s',
  async (service, fn, file, expected) => {
    const { code, stdout, stderr } = await runServerless(
      {
        cwd: join(ROOT, 'services', service),
        args: ['invoke', 'local', '--function', fn, '--path', `events/${file}.json`],
        environment: cloud.environment,
      },
      LIMIT_MS,
    );
    expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.replaceAll(/\s/g, '')).toContain(expected);
  },
  LIMIT_MS,
);
