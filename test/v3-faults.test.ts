import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { virtualClock } from '@statebag/local-cloud/testing';
import { type AppOptions, DeployedTestApp, type EndedRun } from './deployed-app.ts';
import { FAULT_WORKFLOW } from './fault-workflow.ts';

type Between = NonNullable<AppOptions['between']>;
type Reply = Awaited<ReturnType<Between>>;

describe('a single Lambda call that fails', () => {
  let app: DeployedTestApp;
  let calls = 0;
  let failing = { call: -1, error: '' };
  const between: Between = async (invocation, invoke) => {
    const call = calls++;
    return call === failing.call ? failure(failing.error) : invoke(invocation);
  };
  let undisturbed: EndedRun;
  let state: JsonObject;
  let total = 0;
  beforeAll(async () => {
    app = await DeployedTestApp.open({ between, clock: virtualClock() });
    undisturbed = await runWith(-1, '');
    total = calls;
    state = await app.state(undisturbed);
  }, 60_000);
  afterAll(() => app.close());

  async function runWith(call: number, error: string): Promise<EndedRun> {
    calls = 0;
    failing = { call, error };
    return app.run(FAULT_WORKFLOW);
  }

  test('with an error that may pass: the run ends as it would have', async () => {
    expect(undisturbed).toMatchObject({ status: 'SUCCEEDED' });
    expect(total).toBeGreaterThan(10);
    for (let call = 0; call < total; call += 1) {
      const run = await runWith(call, 'Store.Unavailable');
      expect({ call, status: run.status, cause: run.cause, state: await app.state(run) }).toEqual({ call, status: 'SUCCEEDED', cause: '', state });
    }
  }, 120_000);

  test('for good: the run fails with that error, and nothing is missing from a run that succeeds', async () => {
    for (let call = 0; call < total; call += 1) {
      const { status, error } = await runWith(call, 'Store.AccessDenied');
      expect({ call, status, error }).toEqual({ call, status: 'FAILED', error: 'Store.AccessDenied' });
    }
  }, 120_000);
});

function failure(errorType: string): Reply {
  const payload = JSON.stringify({ errorType, errorMessage: 'injected', trace: [] });
  return { statusCode: 200, requestId: 'test', executedVersion: '1', payload, functionError: 'Unhandled' };
}
