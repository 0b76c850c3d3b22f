import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { ACTIONS, type Json, type JsonObject } from '@statebag/contracts';
import { validateEnvelope } from '@statebag/contracts/validators';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import { canonicalJson, eachBounded } from '@statebag/state-core';

const SERVICE = join(import.meta.dirname, '..');
const ROOT = join(SERVICE, '..', '..');
const BUCKET = 'statebag-state-dev-account-region';
const AT_ONCE = 2;

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
  const services = Array.from({ length: AT_ONCE }, (_, index) => serviceCopy(index));
  const replies = await eachBounded(ACTIONS, AT_ONCE, async (action) => {
    const service = services.pop() ?? '';
    const reply = await invokeLocal(service, action);
    services.push(service);
    return [action, reply] as const;
  });
  expect(Object.fromEntries(replies)).toMatchObject(EXPECTED);
  for (const [action, { branch_pointer: _branch, snapshot_s3_path: _snapshot, ...envelope }] of replies) {
    if ('state_data' in envelope) expect({ action, errors: validateEnvelope(envelope) || validateEnvelope.errors }).toEqual({ action, errors: true });
  }
}, 120_000);

/** The service in a directory of its own: two builds in one directory would step on each other. */
function serviceCopy(index: number): string {
  const service = join(directory, String(index), 'services', 'state-data-manager');
  mkdirSync(service, { recursive: true });
  for (const name of ['esbuild.cjs', 'esbuild-lazy.cjs', 'esbuild-together.cjs', 'deployment']) cpSync(join(ROOT, name), join(directory, String(index), name), { recursive: true });
  symlinkSync(join(ROOT, 'stepfunctions'), join(directory, String(index), 'stepfunctions'));
  for (const name of ['serverless.yml', 'bucket.cjs', 'package.json', 'events']) cpSync(join(SERVICE, name), join(service, name), { recursive: true });
  for (const name of ['src', 'node_modules']) symlinkSync(join(SERVICE, name), join(service, name));
  return service;
}

async function invokeLocal(service: string, action: string): Promise<JsonObject> {
  const name = action === 'init' ? 'initializeStateData' : 'stateDataManager';
  const running = promisify(execFile)('sls', ['invoke', 'local', '--function', name, '--path', `events/${action}.json`], {
    cwd: service,
    timeout: 60_000,
    env: { ...process.env, ...cloud.environment, PATH: `${join(ROOT, 'node_modules', '.bin')}:${process.env['PATH']}` },
  });
  running.child.stdin?.end();
  return JSON.parse((await running).stdout) as JsonObject; // the reply of a function is JSON
}

function readEvent(name: string): Json {
  return JSON.parse(readFileSync(join(SERVICE, 'events', `${name}.json`), 'utf8')) as Json; // JSON.parse gives JSON
}
