import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DeployedTestApp, statesEntered, transform } from './deployed-app.ts';
import { upload } from './map-runs.ts';

let app: DeployedTestApp;
beforeAll(async () => {
  app = await DeployedTestApp.open({ parameters: { mockMode: 'false' } });
}, 120_000);
afterAll(() => app.close());

const slow = (id: string) => ({
  id,
  type: 'llm_chat',
  output_key: id,
  config: { prompt: 'Think long about {{ topic }}.', async: true },
});

describe('a run with an asynchronous model call', () => {
  test('waits for its worker and goes on with the answer', async () => {
    const run = await app.run({
      name: 'slow',
      initial_state: { topic: 'rivers' },
      nodes: [slow('thought'), transform('length', '{% $length(thought) %}')],
      edges: [{ from: 'thought', to: 'length' }],
    });
    expect([run.status, run.cause]).toEqual(['SUCCEEDED', '']);
    const { thought, length } = await app.state(run);
    expect([String(thought).length, typeof length]).toEqual([length, 'number']);
    expect(run.envelope?.state_data.usage).toMatchObject({ llm_calls: 1 });
    expect(statesEntered(await app.history(run.executionArn)).filter((name) => /Async/.test(name))).toEqual([
      'WaitForAsyncLLM',
      'MergeAsyncResult',
    ]);
  });

  test('sends a file of its owner, as every function does that asks a model', async () => {
    await upload(app, 'scans/a.pdf', '%PDF-1.4');
    const asks = (id: string, more: object) => ({
      id,
      type: 'llm_chat',
      output_key: id,
      config: { prompt: 'What is it?', files: [{ file_from: 'scan' }], ...more },
    });
    const each = {
      id: 'each',
      type: 'for_each',
      output_key: 'each',
      config: { items: '{% [1] %}', distributed: 'map_reduce', body: { nodes: [asks('one', {})] } },
    };
    const run = await app.run({
      name: 'looks',
      initial_state: { scan: 'scans/a.pdf' },
      nodes: [asks('here', {}), asks('worker', { async: true }), each],
    });
    expect([run.status, run.cause]).toEqual(['SUCCEEDED', '']);
    const { here, worker, each: all } = await app.state(run);
    expect([here, worker, all]).toEqual([expect.any(String), here, [here]]);
  });

  test('ends as FAILED with the reason when the provider is not configured', async () => {
    const asks = { ...slow('thought'), config: { ...slow('thought').config, provider: 'google' } };
    const run = await app.run({ name: 'unconfigured', initial_state: { topic: 'rivers' }, nodes: [asks] });
    expect([run.status, run.error]).toEqual(['FAILED', 'Llm.Unconfigured']);
  });
});
