import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DeleteObjectCommand, ListObjectsV2Command, S3Client } from '@aws-sdk/client-s3';
import { ListExecutionsCommand, SFNClient } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import type { RunView } from '@statebag/contracts/schemas/api';
import type { RunRecord } from '@statebag/runs';
import { transform } from './deployed-app.ts';
import { RolloutTestApp } from './rollout-app.ts';

const TC_1: JsonObject = JSON.parse(
  readFileSync(join(import.meta.dirname, 'fixtures', 'test_legacy_workflow.json'), 'utf8'),
);
const BUCKET = 'statebag-state-local';

let app: RolloutTestApp;
let s3: S3Client;
let sfn: SFNClient;
beforeAll(async () => {
  app = await RolloutTestApp.open({ mockMode: 'true', rolloutAtFirst: '0' });
  s3 = new S3Client({ ...app.cloud.clientOptions, forcePathStyle: true });
  sfn = new SFNClient(app.cloud.clientOptions);
}, 120_000);
afterAll(async () => {
  s3.destroy();
  sfn.destroy();
  await app.close();
});

async function started(
  workflow: JsonObject,
  given: { readonly input?: JsonObject; readonly upload?: string },
): Promise<string> {
  const run = await app.call<RunView>('POST', '/runs', { workflow_id: 'shadowed', workflow, ...given });
  if (run.generation !== 'legacy') throw new Error(`not on legacy: ${JSON.stringify(run)}`);
  return run.execution_id;
}

const hasEnded = ({ status }: RunRecord) => status !== 'RUNNING';
const isCompared = ({ divergence }: RunRecord) => divergence !== undefined;

/** The event by which the service says that a run ended, once more. */
function endOf(run: RunRecord): object {
  const executionArn = run.execution_arns.at(-1) ?? '';
  return { detail: { executionArn, name: executionArn.split(':').at(-1) } };
}

async function forget(run: RunRecord): Promise<number> {
  const Prefix = `runs/${run.owner_id}/${run.execution_id}/ledger/`;
  const { Contents = [] } = await s3.send(new ListObjectsV2Command({ Bucket: BUCKET, Prefix }));
  for (const { Key } of Contents) await s3.send(new DeleteObjectCommand({ Bucket: BUCKET, Key }));
  return Contents.length;
}

const ASKING: JsonObject = {
  name: 'asking',
  nodes: [
    {
      id: 'draft',
      type: 'llm_chat',
      output_key: 'draft',
      config: { provider: 'mock', model: 'mock', prompt: 'Write about {{ topic }}' },
    },
    { id: 'ask', type: 'human_approval', output_key: 'decision', config: { message: 'Send?' } },
    { id: 'rest', type: 'wait', config: { until: '{% $fromMillis($millis() + 20) %}' } },
    transform('sent', '{% decision.choice & $string($millis()) %}'),
  ],
  edges: [
    { from: 'draft', to: 'ask' },
    { from: 'ask', to: 'rest' },
    { from: 'rest', to: 'sent' },
  ],
};

describe('a finished legacy run', () => {
  test('whose calls are not on record diverges by a miss, and nothing is called', async () => {
    const id = await started(ASKING, { input: { topic: 'tea' } });
    await app.until(id, () => true);
    for (let open = 0; open === 0; )
      open = (await app.runs.listApprovals((await app.until(id, () => true)).execution_id)).length;
    await app.call('POST', `/runs/${id}/approve`);
    const run = await app.until(id, hasEnded);
    expect(run.status).toBe('SUCCEEDED');
    expect(await forget(run)).toBeGreaterThan(0);
    await app.json('shadow', 'on', '--share', '100');
    const event = endOf(run);
    const compared = await app.until(id, (seen) => {
      if (!isCompared(seen)) void app.invoke('shadow-local-beginShadow', event).catch(() => {});
      return isCompared(seen);
    });
    expect(compared.divergence).toEqual({
      same: false,
      where: expect.stringMatching(/^outcome: SUCCEEDED \| FAILED \(Ledger\.ShadowMiss: .*draft/),
    });
  });

  test('that began with an upload is run again with it', async () => {
    const upload = 'tickets.json';
    await app.call('POST', '/uploads', {
      name: upload,
      content: JSON.stringify({ tickets: ['T-1 cannot log in', 'T-2 invoice wrong'] }),
    });
    const id = await started(TC_1, { upload });
    expect((await app.until(id, isCompared)).divergence).toEqual({ same: true });
  });

  test.each<[string, JsonObject, JsonObject]>([
    [
      'with clocks, chance and a group',
      {
        name: 'group',
        nodes: [
          {
            id: 'group',
            type: 'parallel_group',
            config: {
              branches: ['l', 'r'].map((id) => ({
                id,
                nodes: [transform(`x${id}`, '{% $string($random()) & $uuid() & $string($millis()) %}')],
              })),
            },
          },
        ],
      },
      {},
    ],
  ])('%s is run again in the background, and comes to the same', async (_what, workflow, input) => {
    const id = await started(workflow, { input });
    expect((await app.until(id, isCompared)).divergence).toEqual({ same: true });
  });

  test('that a person answered is answered the same again, and waits for nothing', async () => {
    const id = await started(ASKING, { input: { topic: 'rain' } });
    for (let open = 0; open === 0; )
      open = (await app.runs.listApprovals((await app.until(id, () => true)).execution_id)).length;
    await app.call('POST', `/runs/${id}/approve`, { comment: 'good', data: { long: 'x'.repeat(40_000) } });
    expect((await app.until(id, isCompared)).divergence).toEqual({ same: true });
  });
});

test('shadows are nobody’s runs, tell nobody, and count at the legacy side', async () => {
  const { legacy, v3 } = await app.json<{
    legacy: { compared: number; diverged: number; runs: number };
    v3: { runs: number };
  }>('status');
  expect([legacy.runs, legacy.compared, legacy.diverged, v3.runs]).toEqual([4, 4, 1, 0]);
  const stateMachineArn = 'arn:aws:states:us-east-1:000000000000:stateMachine:statebag-shadow-local';
  const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn }));
  expect(executions.length).toBeGreaterThanOrEqual(4);
});
