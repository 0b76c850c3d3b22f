import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import {
  CreateStateMachineAliasCommand,
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { executionId, ownerId, workflowId } from '@statebag/contracts/ids';
import { API_LIMITS } from '@statebag/contracts/limits';
import { uploadUri } from '@statebag/contracts/object-keys';
import { type LocalCloud, startLocalCloud } from '@statebag/local-cloud';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import { type CompiledWorkflow, compileWorkflow, readWorkflow } from '@statebag/workflow';
import { type Start, type StartPlace, sdkStarts, startRun } from './start-run.ts';

const dataDir = mkdtempSync(join(tmpdir(), 'statebag-start-'));
const BUCKET = 'start-test';
let cloud: LocalCloud;
let sfn: SFNClient;
let s3: S3Client;
let store: ObjectStore;
let alias: string;
let version: string;
beforeAll(async () => {
  cloud = await startLocalCloud({ dataDir });
  sfn = new SFNClient(cloud.clientOptions);
  s3 = new S3Client({ ...cloud.clientOptions, forcePathStyle: true });
  store = s3ObjectStore(s3);
  await cloud.s3.createBucket(BUCKET);
  const definition = { StartAt: 'Done', States: { Done: { Type: 'Pass', End: true } } };
  const { stateMachineVersionArn = '' } = await sfn.send(
    new CreateStateMachineCommand({
      name: 'start',
      definition: JSON.stringify(definition),
      roleArn: 'arn:aws:iam::000000000000:role/start',
      publish: true,
    }),
  );
  version = stateMachineVersionArn;
  const routingConfiguration = [{ stateMachineVersionArn: version, weight: 100 }];
  const made = await sfn.send(new CreateStateMachineAliasCommand({ name: 'live', routingConfiguration }));
  alias = made.stateMachineAliasArn ?? '';
});
afterAll(async () => {
  sfn.destroy();
  s3.destroy();
  await cloud.close();
  rmSync(dataDir, { recursive: true });
});

const place = (): StartPlace => ({ starts: sdkStarts(sfn), store, bucket: BUCKET, now: () => 0 });

function compiled(before: readonly JsonObject[] = [], edges: readonly JsonObject[] = []): CompiledWorkflow {
  const node = { id: 'a', type: 'data_transform', output_key: 'a', config: { transform: '{% 1 %}' } };
  const { workflow } = readWorkflow(
    JSON.stringify({ name: 'one', version: '1', nodes: [...before, node], edges }),
    {
      file: 'one.json',
    },
  );
  if (!workflow) throw new Error('the workflow of this test is invalid');
  return compileWorkflow(workflow);
}

/** Starts a run, and gives what its machine was started with. */
async function begun(id: string, more: Partial<Start>): Promise<JsonObject> {
  const { execution_arn } = await startRun(place(), {
    owner_id: ownerId('ada'),
    workflow_id: workflowId('one'),
    execution_id: executionId(id),
    generation: 'v3',
    machine_arn: alias,
    definition: compiled(),
    given: { input: {} },
    ...more,
  });
  const { input = '' } = await sfn.send(new DescribeExecutionCommand({ executionArn: execution_arn }));
  return JSON.parse(input);
}

test('a v3 machine is told its version, the definition and the input', async () => {
  expect(await begun('v3', { given: { input: { x: 1 } }, idempotency_key: 'k' })).toEqual({
    schema_version: 3,
    owner_id: 'ada',
    workflow_id: 'one',
    definition_id: compiled().definition_id,
    execution_id: 'v3',
    machine_arn: version,
    idempotency_key: 'k',
    input: { x: 1 },
  });
});

test('a machine of the first generation is told its own definition, and no key', async () => {
  const event = await begun('legacy', { generation: 'legacy', idempotency_key: 'k' });
  expect(Object.keys(event).sort()).toEqual([
    'definition_id',
    'execution_id',
    'input',
    'owner_id',
    'workflow_id',
  ]);
  expect(event['definition_id']).not.toBe(compiled().definition_id);
});

test('an input travels in the event up to the limit, and as an upload above it', async () => {
  const of = (bytes: number) => ({ x: 'y'.repeat(bytes - '{"x":""}'.length) });
  const most = API_LIMITS.inlineInputBytes;
  expect(await begun('small', { given: { input: of(most) } })).toMatchObject({ input: of(most) });
  const event = await begun('large', { given: { input: of(most + 1) } });
  expect(event).toMatchObject({ input_s3_path: `s3://${BUCKET}/uploads/ada/large/input.json` });
  expect(event).not.toHaveProperty('input');
  const { body } = await store.get(uploadUri(BUCKET, ownerId('ada'), 'large/input.json'));
  expect(JSON.parse(Buffer.from(body).toString('utf8'))).toEqual(of(most + 1));
});

test('an input without what the workflow requires is refused before anything is written', async () => {
  const config = { fields: ['topic'] };
  const definition = compiled([{ id: 'in', type: 'input', config }], [{ from: 'in', to: 'a' }]);
  const refused = (more: Partial<Start>) =>
    expect(begun('refused', { definition, ...more })).rejects.toMatchObject({
      name: 'Run.InputInvalid',
      message: expect.stringMatching(/\$\.topic: the workflow needs "topic"/),
      details: { fields: ['$.topic'] },
    });
  await refused({ given: { input: { other: 1 } } });
  const upload = (name: string, input: JsonObject) =>
    store.put(uploadUri(BUCKET, ownerId('ada'), name), {
      body: Buffer.from(JSON.stringify(input)),
      encoding: 'json',
    });
  await upload('without.json', {});
  await refused({ given: { upload: 'without.json' } });
  await expect(begun('unpublished', { definition: definition.definition_id })).rejects.toThrow();
  await begun('taken', { definition, given: { input: { topic: 1 } } });
  await refused({ definition: definition.definition_id });
  await upload('with.json', { topic: 2 });
  expect(await begun('uploaded', { definition, given: { upload: 'with.json' } })).toMatchObject({
    input_s3_path: expect.stringMatching(/with\.json$/),
  });
});

test('a start that is repeated is the same run', async () => {
  await begun('again', {});
  expect(await begun('again', {})).toMatchObject({ execution_id: 'again' });
});
