import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import { ACTIONS, type Action } from '@statebag/contracts/actions';
import { validateEnvelope } from '@statebag/contracts/validators';
import { deployApp } from '@statebag/deployment/stack';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { canonicalJson } from '@statebag/state-core';

const SERVICE = join(import.meta.dirname, '..');
const ROOT = join(SERVICE, '..', '..');
const STAGE = 'dev';
const BUCKET = 'statebag-state-dev-account-region';
const LONGEST_MS = 120_000;

/** What tells that the action did its work, by action. */
const EXPECTED: Readonly<Record<string, JsonObject>> = {
  init: {
    next_action: 'STARTED',
    state_data: { segment_to_run: 's01-classify', current_state: { customer: 'Blue Heron Ltd', log: [] } },
  },
  sync: {
    next_action: 'CONTINUE',
    state_data: {
      loop_counter: 1,
      segment_to_run: 's02-answer',
      current_state: { log: ['classified 2 tickets'] },
    },
  },
  sync_branch: {
    next_action: 'COMPLETE',
    branch_pointer: { branch_id: 'high-urgency', branch_index: 0, status: 'COMPLETE' },
  },
  aggregate_branches: {
    next_action: 'CONTINUE',
    state_data: {
      current_state: { high: ['T-1'], low: ['T-2'], log: ['first branch', 'second branch'] },
      pending_branches: [],
    },
  },
  merge_callback: {
    next_action: 'CONTINUE',
    state_data: {
      current_state: { decision: { choice: 'approve' } },
      last_hitp_response: { choice: 'approve' },
    },
  },
  merge_async: {
    next_action: 'CONTINUE',
    state_data: { current_state: { summary: 'Two tickets, one of them urgent.' }, usage: { llm_calls: 1 } },
  },
  aggregate_distributed: {
    next_action: 'CONTINUE',
    state_data: {
      current_state: { answers: [{ item: 0 }, { item: 1 }, { item: 10 }] },
      distributed_chunk_summary: { total: 4, succeeded: 3, failed: 1 },
    },
  },
  create_snapshot: {
    next_action: 'CONTINUE',
    state_data: { pre_snapshot_s3_path: expect.stringContaining('/snapshots/') as never },
  },
  restore: {
    next_action: 'CONTINUE',
    state_data: {
      resume_count: 1,
      loop_counter: 0,
      segment_to_run: 's01-classify',
      current_state: { customer: 'Blue Heron Ltd' },
    },
  },
  update_and_compress: {
    segment_to_run: 1,
    status: 'COMPLETE',
    current_state: { tickets: ['T-1'], classes: ['bug'] },
    state_history: [{ id: 'h-1' }, { id: 'h-2' }],
  },
  decompress: { current_state: { tickets: ['T-1'] } },
};

let cloud: LocalCloud;
let directory: string;

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), 'statebag-events-'));
  cloud = await startLocalCloud({ dataDir: join(directory, 'cloud') });
  await deployApp(cloud, { stage: STAGE, parameters: { stateBucket: BUCKET } });
  const client = new S3Client({ ...cloud.clientOptions, forcePathStyle: true });
  for (const [Key, value] of Object.entries(readEvent('stored-objects') as JsonObject))
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: canonicalJson(value) }));
  client.destroy();
}, LONGEST_MS);

afterAll(async () => {
  await cloud.close();
  rmSync(directory, { recursive: true });
});

test('a deployed function answers the sample event of every action', async () => {
  const client = new LambdaClient(cloud.clientOptions);
  const replies = await Promise.all(
    ACTIONS.map(async (action) => [action, await invokeDeployed(client, action)] as const),
  );
  client.destroy();
  expect(Object.fromEntries(replies)).toMatchObject(EXPECTED);
  for (const [action, { branch_pointer: _branch, snapshot_s3_path: _snapshot, ...envelope }] of replies) {
    if ('state_data' in envelope)
      expect({ action, errors: validateEnvelope(envelope) || validateEnvelope.errors }).toEqual({
        action,
        errors: true,
      });
  }
});

/** One action of each function: every command loads the framework anew, which takes longer than ten actions. */
test.each<Action>(['init', 'aggregate_branches'])(
  'sls invoke local answers the sample event of %s as well',
  async (action) => expect(await invokeLocal(action)).toMatchObject(expectedOf(action)),
  LONGEST_MS,
);

function expectedOf(action: Action): JsonObject {
  const expected = EXPECTED[action];
  if (expected === undefined) throw new Error(`no reply is expected of ${action}`);
  return expected;
}

const functionOf = (action: Action) => (action === 'init' ? 'initializeStateData' : 'stateDataManager');

async function invokeDeployed(client: LambdaClient, action: Action): Promise<JsonObject> {
  const { Payload, FunctionError } = await client.send(
    new InvokeCommand({
      FunctionName: `statebag-state-data-manager-${STAGE}-${functionOf(action)}`,
      Payload: JSON.stringify(readEvent(action)),
    }),
  );
  const text = Payload?.transformToString() ?? '';
  if (FunctionError !== undefined) throw new Error(`${action}: ${text}`);
  return JSON.parse(text) as JsonObject; // the reply of a function is JSON
}

async function invokeLocal(action: Action): Promise<JsonObject> {
  const event = ['--function', functionOf(action), '--path', `events/${action}.json`];
  const { stdout } = await promisify(execFile)(
    join(ROOT, 'node_modules/.bin/serverless'),
    ['invoke', 'local', ...event],
    { cwd: SERVICE, env: { ...process.env, ...cloud.environment } },
  );
  return JSON.parse(stdout) as JsonObject; // the reply of a function is JSON
}

function readEvent(name: string): Json {
  // JSON.parse gives JSON
  return JSON.parse(readFileSync(join(SERVICE, 'events', `${name}.json`), 'utf8')) as Json;
}
