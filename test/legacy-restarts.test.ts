import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { ApprovalsApp } from './approvals-app.ts';
import { type AppOptions, type DeployedTestApp, statesEntered, transform } from './deployed-app.ts';
import { endedKey, endLegacy, legacyStart, legacyState, runLegacy, startLegacy } from './legacy-app.ts';

let people: ApprovalsApp;
let app: DeployedTestApp;
/** Workers of maps that are lost, one after the other. */
let lost = 0;

const between: AppOptions['between'] = async (invocation, invoke) => {
  if (!invocation.functionName.includes('processSegmentChunk') || lost === 0) return invoke(invocation);
  lost -= 1;
  const payload = JSON.stringify({ errorType: 'Node.Failed', errorMessage: 'lost on purpose', trace: [] });
  return { statusCode: 200, requestId: 'lost', executedVersion: '1', payload, functionError: 'Unhandled' };
};

beforeAll(async () => {
  people = await ApprovalsApp.open({ between });
  app = people.app;
}, 120_000);
afterAll(() => people.close());

const ask = (config: JsonObject = {}): JsonObject => ({
  id: 'ask',
  type: 'human_approval',
  output_key: 'decision',
  config: { message: 'Go on?', ...config },
});
const said = transform('said', "{% decision.choice & '!' %}");

describe('a first-generation run that is started again under its key', () => {
  test('after a stop runs the branches of the group it was in once more, as executions of their own', async () => {
    const branches = [
      { nodes: [ask(), said] },
      {
        nodes: [
          { id: 'past', type: 'wait', config: { until: '2020-01-01T00:00:00Z' } },
          transform('other', '{% 1 + 1 %}'),
        ],
      },
    ];
    const document = {
      name: 'group',
      nodes: [
        { id: 'both', type: 'parallel_group', config: { branches } },
        transform('sum', "{% said & ' ' & other %}"),
      ],
    };
    const start = await legacyStart(app, document as JsonObject, {
      execution_id: 'branches-1',
      idempotency_key: 'branches',
    });
    const first = await startLegacy(app, start);
    await people.open('branches-1');
    await app.sfn.send(new StopExecutionCommand({ executionArn: first }));
    await endedKey(app, 'branches', 'FAILED');

    const second = await startLegacy(app, start);
    await people.open('branches-1');
    await people.decide('branches-1');
    const ended = await endLegacy(app, second);
    expect([ended.status, ended.error, ended.cause]).toEqual(['SUCCEEDED', '', '']);
    expect(await legacyState(app, ended.bag)).toMatchObject({ sum: 'approve! 2' });
  }, 60_000);

  test('after its map failed works through the map once more', async () => {
    const each = {
      id: 'each',
      type: 'for_each',
      output_key: 'squares',
      config: {
        items: '{% [1..30] %}',
        distributed: 'map_reduce',
        body: { nodes: [transform('square', '{% $item * $item %}')] },
      },
    };
    const document = {
      name: 'map',
      nodes: [transform('before', '{% 1 %}'), each, transform('sum', '{% $sum(squares) %}')],
    };
    const start = await legacyStart(app, document as JsonObject, { idempotency_key: 'map' });
    lost = 1;
    const failed = await runLegacy(app, start);
    expect(failed.status).toBe('FAILED');
    const again = await runLegacy(app, start);
    expect([again.status, again.error, again.cause]).toEqual(['SUCCEEDED', '', '']);
    expect(await legacyState(app, again.bag)).toMatchObject({ sum: 9_455 });
    expect(
      statesEntered(await app.history(again.executionArn)).filter((name) => name === 'RunDistributedMap'),
    ).toHaveLength(1);
  }, 60_000);

  test('after somebody’s no failed it asks again, and goes by the new answer', async () => {
    const start = await legacyStart(
      app,
      { name: 'no', nodes: [ask({ on_reject: 'fail' }), said] },
      { execution_id: 'no-1', idempotency_key: 'no' },
    );
    const first = await startLegacy(app, start);
    await people.open('no-1');
    await people.decide('no-1', { choice: 'reject' });
    expect(await endLegacy(app, first)).toMatchObject({ status: 'FAILED', error: 'Node.Failed' });
    await endedKey(app, 'no', 'FAILED');

    const second = await startLegacy(app, start);
    await people.open('no-1');
    await people.decide('no-1');
    const ended = await endLegacy(app, second);
    expect([ended.status, ended.error, ended.cause]).toEqual(['SUCCEEDED', '', '']);
    expect(await legacyState(app, ended.bag)).toMatchObject({ said: 'approve!' });
  }, 60_000);
});
