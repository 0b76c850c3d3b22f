import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Timestamp } from '@statebag/contracts';
import { type DefinitionId, executionId, ownerId, workflowId } from '@statebag/contracts/ids';
import type { RunView } from '@statebag/contracts/schemas/api';
import type { RolloutSettings, StartSettings } from '@statebag/contracts/schemas/rollout';

import { type Generation, openRuns } from '@statebag/runs';
import { ApiTestApp, chain, transform } from './api-app.ts';

let app: ApiTestApp;
let ssm: SSMClient;
let dynamodb: DynamoDBClient;
beforeAll(async () => {
  app = await ApiTestApp.open(
    {},
    {
      quotas: {
        concurrency: 1_000,
        openExecutions: 1_000_000,
        rates: { 'states.StartExecution': { bucket: 3, per_second: 2 } },
      },
    },
  );
  ssm = new SSMClient(app.cloud.clientOptions);
  dynamodb = new DynamoDBClient(app.cloud.clientOptions);
});
afterAll(async () => {
  ssm.destroy();
  dynamodb.destroy();
  await app.close();
});

/** Longer than a process remembers the settings. */
const REMEMBERED_MS = 3_100;
const QUICK = chain('quick', [transform('a', '1')]);
const PAUSES = chain('pauses', [
  { id: 'ask', type: 'human_approval', output_key: 'said', config: { message: 'go on?' } },
]);

async function set(starts: StartSettings): Promise<void> {
  const settings: RolloutSettings = {
    v3: 100,
    sticky: 'workflow',
    overrides: {},
    shadow: { on: false, share: 10 },
    kill_switch: false,
    starts,
  };
  const Value = JSON.stringify(settings);
  await ssm.send(
    new PutParameterCommand({ Name: '/statebag/local/rollout', Value, Type: 'String', Overwrite: true }),
  );
}

test('a run over its owner’s limit waits until another has ended, and one that is cancelled never begins', async () => {
  await set({ open_runs: 2 });
  const start = () => app.start(PAUSES);
  const [first, second, third, fourth] = [await start(), await start(), await start(), await start()];
  const waits = [first, second, third, fourth].map(
    ({ status, queued_at }) => `${status} ${queued_at !== null}`,
  );
  expect(waits).toEqual(['RUNNING false', 'RUNNING false', 'RUNNING true', 'RUNNING true']);
  for (const what of ['', '/history', '/trace', '/state', '/calls', '/approvals', '/definition'])
    expect([what, (await app.call('GET', `/runs/${fourth.execution_id}${what}`)).status]).toEqual([
      what,
      200,
    ]);
  const cancel = ({ execution_id }: RunView) =>
    app.call('POST', `/runs/${execution_id}/cancel`, { body: {} });
  expect(await cancel(third)).toMatchObject({ status: 202, body: { status: 'CANCELLED', queued_at: null } });
  await cancel(first);
  const begun = await app.until(fourth.execution_id, ({ queued_at }) => queued_at === null);
  expect(begun).toMatchObject({ status: 'RUNNING' });
  for (const run of [second, fourth]) await cancel(run);
});

test('starts above the rate of the account are accepted, wait, and all end', async () => {
  await set({});
  for (const changed = performance.now(); performance.now() - changed < REMEMBERED_MS; )
    await app.end((await app.start(QUICK)).execution_id);
  const burst = () =>
    Promise.all(
      Array.from({ length: 10 }, (_, n) => app.start(QUICK, {}, {}, n % 3 === 0 ? 'legacy' : 'v3')),
    );
  const started = await burst();
  expect(started.some(({ status, queued_at }) => status === 'RUNNING' && queued_at !== null)).toBe(true);
  const ends = async (runs: readonly RunView[]) =>
    new Set(
      (await Promise.all(runs.map(({ execution_id }) => app.end(execution_id)))).map(
        ({ status, queued_at }) => `${status} ${queued_at}`,
      ),
    );
  expect(await ends(started)).toEqual(new Set(['SUCCEEDED null']));
  // the processes that saw a start throttled ask whether others still wait
  expect(await ends(await burst())).toEqual(new Set(['SUCCEEDED null']));
});

test('the minute’s call gives back places of runs that never began, and ends what never can', async () => {
  const runs = openRuns({ client: dynamodb, table: 'statebag-runs-local' });
  const at = new Date(Date.now() - 300_000).toISOString() as Timestamp; // the one form toISOString has
  const owner_id = ownerId('broken');
  const recorded = async (id: string, generation: Generation, version = '', waits = true) => {
    const machine_arn = `arn:aws:states:us-east-1:000000000000:stateMachine:statebag-${generation}-local`;
    const execution_arn = `${machine_arn.replace(':stateMachine:', ':execution:')}:${id}`;
    const run = {
      execution_id: executionId(id),
      owner_id,
      workflow_id: workflowId('test'),
      definition_id: 'd'.repeat(64) as DefinitionId,
      generation,
      machine_arn: `${machine_arn}${version}`,
      started_at: at,
      execution_arns: [execution_arn],
    };
    await runs.createRun({ ...run, ...(waits && { waiting: { queued_at: at, start_event: '{}' } }) });
    if (waits) await runs.starts.join(owner_id, { now: Date.now(), most: 99 });
    return { ...run, end: { execution_arn, status: 'ABORTED', ended_at: at } as const };
  };
  for (const generation of ['v3', 'legacy'] as const) {
    await recorded(`open-${generation}`, generation, '', false);
    await runs.starts.take(owner_id, executionId(`open-${generation}`), { limit: 2 });
    const { execution_id, end } = await recorded(`gone-${generation}`, generation);
    await runs.markCancelled(execution_id, { by: 'ada', at });
    await runs.finishRun(execution_id, { ...end, status: 'CANCELLED' });
  }
  await recorded('never', 'v3', ':99');
  expect(await app.invokeFunction('state-data-manager-local-dispatchStarts', SCHEDULED)).toMatchObject({
    gone: 2,
    refused: 1,
  });
  expect(await runs.getRun(executionId('never'))).toMatchObject({ status: 'FAILED', reported: true });
});

const SCHEDULED = { 'detail-type': 'Scheduled Event', time: '2026-03-01T08:00:00Z' };
