import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ACTIONS, type Json, type JsonObject } from '@statebag/contracts';
import { validateEnvelope } from '@statebag/contracts/validators';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { canonicalJson } from '@statebag/state-core';
import { type ServerlessProcess, withProcesses } from '../../../scripts/package/serverless-process.ts';

const SERVICE = join(import.meta.dirname, '..');
const BUCKET = 'statebag-state-dev-account-region';
const AT_ONCE = 2;
const LONGEST_MS = 60_000;

/** What tells that the action did its work, by action. */
const EXPECTED: Record<(typeof ACTIONS)[number], JsonObject> = {
  init: { next_action: 'STARTED', state_data: { segment_to_run: 's01-classify', current_state: { customer: 'Blue Heron Ltd', log: [] } } },
  sync: { next_action: 'CONTINUE', state_data: { loop_counter: 1, segment_to_run: 's02-answer', current_state: { log: ['classified 2 tickets'] } } },
  sync_branch: { next_action: 'COMPLETE', branch_pointer: { branch_id: 'high-urgency', branch_index: 0, status: 'COMPLETE' } },
  aggregate_branches: {
    next_action: 'CONTINUE',
    state_data: { current_state: { high: ['T-1'], low: ['T-2'], log: ['first branch', 'second branch'] }, pending_branches: [] },
  },
  merge_callback: { next_action: 'CONTINUE', state_data: { current_state: { decision: { choice: 'approve' } }, last_hitp_response: { choice: 'approve' } } },
  merge_async: { next_action: 'CONTINUE', state_data: { current_state: { summary: 'Two tickets, one of them urgent.' }, usage: { llm_calls: 1 } } },
  aggregate_distributed: {
    next_action: 'CONTINUE',
    state_data: { current_state: { answers: [{ item: 0 }, { item: 1 }, { item: 10 }] }, distributed_chunk_summary: { total: 4, succeeded: 3, failed: 1 } },
  },
  create_snapshot: { next_action: 'CONTINUE', state_data: { pre_snapshot_s3_path: expect.stringContaining('/snapshots/') as never } },
  restore: {
    next_action: 'CONTINUE',
    state_data: { resume_count: 1, loop_counter: 0, segment_to_run: 's01-classify', current_state: { customer: 'Blue Heron Ltd' } },
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
  const client = new S3Client({
    endpoint: cloud.endpoint,
    region: 'us-east-1',
    credentials: { accessKeyId: 'local', secretAccessKey: 'local' },
    forcePathStyle: true,
  });
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }));
  for (const [Key, value] of Object.entries(readEvent('stored-objects') as JsonObject))
    await client.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: canonicalJson(value) }));
  client.destroy();
});

afterAll(async () => {
  await cloud.close();
  rmSync(directory, { recursive: true });
});

test('sls invoke local answers the sample event of every action', async () => {
  const environment = { ...process.env, ...cloud.environment };
  const replies = await withProcesses(ACTIONS, async (action, serverless) => [action, await invokeLocal(serverless, action)] as const, {
    atOnce: AT_ONCE,
    environment,
  });
  expect(Object.fromEntries(replies)).toMatchObject(EXPECTED);
  for (const [action, { branch_pointer: _branch, snapshot_s3_path: _snapshot, ...envelope }] of replies) {
    if ('state_data' in envelope) expect({ action, errors: validateEnvelope(envelope) || validateEnvelope.errors }).toEqual({ action, errors: true });
  }
}, 120_000);

async function invokeLocal(serverless: ServerlessProcess, action: string): Promise<JsonObject> {
  const name = action === 'init' ? 'initializeStateData' : 'stateDataManager';
  const { code, stdout, stderr } = await serverless.run(
    { cwd: SERVICE, args: ['invoke', 'local', '--function', name, '--path', `events/${action}.json`] },
    LONGEST_MS,
  );
  if (code !== 0) throw new Error(`${action}: ${stdout}${stderr}`);
  return JSON.parse(stdout) as JsonObject; // the reply of a function is JSON
}

function readEvent(name: string): Json {
  return JSON.parse(readFileSync(join(SERVICE, 'events', `${name}.json`), 'utf8')) as Json; // JSON.parse gives JSON
}
