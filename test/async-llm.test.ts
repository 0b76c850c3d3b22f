import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { DeployedTestApp, statesEntered, transform } from './deployed-app.ts';

let app: DeployedTestApp;
beforeAll(async () => {
  app = await DeployedTestApp.open({ parameters: { mockMode: 'false' } });
}, 120_000);
afterAll(() => app.close());

const slow = (id: string) => ({ id, type: 'llm_chat', output_key: id, config: { prompt: 'Think long about {{ topic }}.', async: true } });

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
    expect(statesEntered(await app.history(run.executionArn)).filter((name) => /Async/.test(name))).toEqual(['WaitForAsyncLLM', 'MergeAsyncResult']);
  });

  test('ends as FAILED with the reason when the provider is not configured', async () => {
    const asks = { ...slow('thought'), config: { ...slow('thought').config, provider: 'nobody' } };
    const run = await app.run({ name: 'unconfigured', initial_state: { topic: 'rivers' }, nodes: [asks] });
    expect([run.status, run.error]).toEqual(['FAILED', 'Llm.Unconfigured']);
  });
});
