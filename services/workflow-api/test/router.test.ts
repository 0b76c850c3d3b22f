import { setTimeout as pause } from 'node:timers/promises';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { workflowId } from '@statebag/contracts/ids';
import type { ApiError, HistoryPage, RunView } from '@statebag/contracts/schemas/api';
import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import { ApiTestApp, chain, transform } from './api-app.ts';

let app: ApiTestApp;
let ssm: SSMClient;
beforeAll(async () => {
  app = await ApiTestApp.open();
  ssm = new SSMClient(app.cloud.clientOptions);
});
afterAll(async () => {
  ssm.destroy();
  await app.close();
});

const NAME = '/statebag/local/rollout';
const HELLO = chain('hello', [transform('greeting', "'Hello ' & name")]);
const SETTINGS: RolloutSettings = {
  v3: 100,
  sticky: 'workflow',
  overrides: {},
  shadow: { on: false, share: 10 },
  kill_switch: false,
};
const WITHIN_MS = 5_000;

const put = (value: string) =>
  ssm.send(new PutParameterCommand({ Name: NAME, Value: value, Overwrite: true }));
const say = (changes: Partial<RolloutSettings>) => put(JSON.stringify({ ...SETTINGS, ...changes }));
const start = (more: object = {}, headers = {}) =>
  app.call<RunView>('POST', '/runs', {
    body: { workflow_id: 'hello', workflow: HELLO, input: { name: 'Ada' }, ...more },
    headers,
  });

/** Starts until one begins as wanted, and says how long after the change that start was asked for. */
async function until(generation: string): Promise<number> {
  const began = performance.now();
  for (;;) {
    const asked = performance.now() - began;
    if ((await start()).body.generation === generation) return asked;
    if (asked > 2 * WITHIN_MS) throw new Error(`still not ${generation} after ${asked} ms`);
    await pause(100);
  }
}

test('a change of the weight takes effect at the next start within 5 s; what has begun stays where it is', async () => {
  expect((await start()).body.generation).toBe('v3');
  const key = { 'idempotency-key': 'before-the-rollback' };
  const { body: before } = await start({}, key);
  await say({ v3: 0 });
  expect(await until('legacy')).toBeLessThan(WITHIN_MS);
  const { status, body: again } = await start({}, key);
  expect([status, again.execution_id, again.generation]).toEqual([200, before.execution_id, 'v3']);
  expect((await app.end(before.execution_id)).status).toBe('SUCCEEDED');
});

describe('a run on the first generation', () => {
  test('has output and history as one on v3, and does not resume', async () => {
    const { body: run } = await start({ generation: 'legacy' });
    expect(run.generation).toBe('legacy');
    const ended = await app.end(run.execution_id);
    expect(ended).toMatchObject({
      status: 'SUCCEEDED',
      generation: 'legacy',
      output: { name: 'Ada', greeting: 'Hello Ada' },
    });
    const history = (await app.call<HistoryPage>('GET', `/runs/${run.execution_id}/history`)).body;
    expect(history.entries).toMatchObject([{ node_id: 'greeting', status: 'SUCCEEDED' }]);
    const resumed = await app.call<ApiError>('POST', `/runs/${run.execution_id}/resume`, { body: {} });
    expect([resumed.status, resumed.body.error.code]).toEqual([409, 'Run.NotResumable']);
  });

  test('is the same run when it is started again, also from the definition that its record names', async () => {
    const key = { 'idempotency-key': 'legacy-1' };
    const [first, second] = [
      await start({ generation: 'legacy' }, key),
      await start({ generation: 'v3' }, key),
    ];
    expect([second.status, second.body.execution_id, second.body.generation]).toEqual([
      200,
      first.body.execution_id,
      'legacy',
    ]);
    const { definition_id } = first.body;
    const { body: run } = await start({ workflow: undefined, definition_id, generation: 'legacy' });
    expect(await app.end(run.execution_id)).toMatchObject({
      status: 'SUCCEEDED',
      output: { greeting: 'Hello Ada' },
    });
  });
});

test('an override goes before the weight, the kill switch before all, and settings nobody can read start nothing', async () => {
  await say({ v3: 0, overrides: { [workflowId('hello')]: 'v3' } });
  expect(await until('v3')).toBeLessThan(WITHIN_MS);
  await say({ v3: 100, kill_switch: true });
  expect(await until('legacy')).toBeLessThan(WITHIN_MS);
  expect((await start({ generation: 'v3' })).body.generation).toBe('legacy');
  await put('{"v3":200}');
  const began = performance.now();
  for (;;) {
    const { status, body } = await app.call<ApiError>('POST', '/runs', {
      body: { workflow_id: 'hello', workflow: HELLO },
    });
    if (status === 500) {
      expect(body.error.code).toBe('Rollout.Unreadable');
      break;
    }
    expect(performance.now() - began).toBeLessThan(2 * WITHIN_MS);
    await pause(100);
  }
  await say({});
});
