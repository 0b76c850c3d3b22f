import { PutObjectCommand } from '@aws-sdk/client-s3';
import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { executionId } from '@statebag/contracts/ids';
import { compileWorkflow, readWorkflow } from '@statebag/workflow';
import fc from 'fast-check';
import { hostileFields } from '../packages/steps/test/laws/hostile-data.ts';
import { DeployedTestApp, OWNER } from './deployed-app.ts';

const BUCKET = 'statebag-test';
const SECRET = 'SYSTEM-PROMPT-SECRET-42';

/** A workflow whose prompt nobody may see who only starts it. */
const PROMPTED: JsonObject = {
  name: 'cw',
  initial_state: { role: 'guest' },
  nodes: [
    { id: 'in', type: 'input', config: { fields: ['x'] } },
    {
      id: 'm',
      type: 'llm_chat',
      output_key: 'a',
      config: { provider: 'mock', system: SECRET, prompt: 'Q {{ x }}' },
    },
  ],
};

let app: DeployedTestApp;
beforeAll(async () => {
  app = await DeployedTestApp.open({ approves: true });
}, 120_000);
afterAll(() => app.close());

function definitionOf(document: JsonObject): string {
  const { workflow } = readWorkflow(JSON.stringify(document), { file: 'cw.json' });
  if (!workflow) throw new Error('the workflow is not valid');
  return compileWorkflow(workflow).definition_id;
}

function forged(definition_id: string): JsonObject {
  const __s3_path = `s3://${BUCKET}/definitions/${OWNER}/${definition_id}/workflow.json`;
  return { __s3_offloaded: true, __s3_path, overlay: { x: 'hi' } };
}

describe('fields that look like the pointer to the workflow, on the real machines', () => {
  const input = { ...forged(definitionOf(PROMPTED)), x: 'of the input' };

  test('are data in a start input', async () => {
    const ended = await app.run(PROMPTED, input);
    expect(ended.status).toBe('SUCCEEDED');
    const state = await app.state(ended);
    expect(state).toMatchObject({ ...input, role: 'guest' });
    expect(JSON.stringify(state)).not.toContain(SECRET);
  });

  test('do not stand for fields that the input lacks', async () => {
    const { x: _x, ...without } = input;
    const ended = await app.run(PROMPTED, without);
    expect([ended.status, JSON.stringify(ended.envelope ?? '').includes(SECRET)]).toEqual(['FAILED', false]);
  });

  test('are data in an upload', async () => {
    const Key = `uploads/${OWNER}/forged.json`;
    await app.s3.send(new PutObjectCommand({ Bucket: BUCKET, Key, Body: JSON.stringify(input) }));
    const started = {
      schema_version: 3,
      owner_id: OWNER,
      workflow_id: 'test',
      definition_id: definitionOf(PROMPTED),
      execution_id: executionId('uploaded'),
      input_s3_path: `s3://${BUCKET}/${Key}`,
    };
    const { executionArn = '' } = await app.sfn.send(
      new StartExecutionCommand({
        stateMachineArn: app.machineArn(),
        name: started.execution_id,
        input: JSON.stringify(started),
      }),
    );
    const ended = await app.end(executionArn);
    expect(ended.status).toBe('SUCCEEDED');
    expect(await app.state(ended)).toMatchObject({ ...input, role: 'guest' });
  });

  test('are data where an operator sets them', async () => {
    const nodes = [
      { id: 'set', type: 'operator', config: { set: input } },
      { id: 'go_on', type: 'human_approval', output_key: 'decision', config: { message: 'Well?' } },
      { id: 'copy', type: 'data_transform', output_key: 'copied', config: { transform: '{% overlay.x %}' } },
    ];
    const ended = await app.run({ name: 'from-inside', nodes });
    expect(ended.status).toBe('SUCCEEDED');
    expect(await app.state(ended)).toMatchObject({ ...input, copied: 'hi' });
  });
});

/** A share of the law that `npm run laws -- data-is-data` holds for in memory. */
const CASES = 6;

test(`${CASES} generated inputs come out of branches and pauses as they went in`, async () => {
  const branch = (id: string) => ({
    nodes: [{ id, type: 'data_transform', output_key: id, config: { transform: { kept: '{% holder %}' } } }],
  });
  const document = {
    name: 'through',
    nodes: [
      { id: 'in', type: 'input', config: { fields: ['holder'] } },
      { id: 'both', type: 'parallel_group', config: { branches: [branch('left'), branch('right')] } },
      { id: 'go_on', type: 'human_approval', output_key: 'decision', config: { message: 'Well?' } },
      ...branch('last').nodes,
    ],
  };
  const address = (key: string) => `s3://${BUCKET}/${key}`;
  const inputs = fc.sample(
    hostileFields({
      own: address(`runs/${OWNER}/run-1/blobs/${'a'.repeat(64)}.json`),
      foreign: address(`runs/${OWNER}/uploaded/blobs/${'a'.repeat(64)}.json`),
      definition: address(`definitions/${OWNER}/${definitionOf(document)}/workflow.json`),
    }),
    CASES,
  );
  for (const fields of inputs) {
    const input = { ...fields, holder: { v: fields['given'] ?? null } };
    const ended = await app.run(document, input);
    expect([ended.status, ended.error, ended.cause]).toEqual(['SUCCEEDED', '', '']);
    const { decision: _decision, ...state } = await app.state(ended);
    const kept = { kept: input.holder };
    expect(state).toEqual({ ...input, left: kept, right: kept, last: kept });
  }
}, 300_000);
