import { PutItemCommand } from '@aws-sdk/client-dynamodb';
import { marshall } from '@aws-sdk/util-dynamodb';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Timestamp } from '@statebag/contracts';
import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import { readQuotas } from '@statebag/local-cloud';
import { virtualClock } from '@statebag/local-cloud/testing';
import { openTestTable, type TestTable } from '../test/runs-table.ts';
import type { EndedRun } from './ended-runs.ts';

let table: TestTable;
beforeAll(async () => {
  table = await openTestTable();
});
afterAll(() => table.close());

const minute = (n: number) => new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString() as Timestamp;

function ended(n: number, more: Partial<EndedRun> = {}): EndedRun {
  const ids = { execution_id: `run-${n}`, owner_id: 'acme', workflow_id: 'w', definition_id: 'd' } as Pick<
    EndedRun,
    'execution_id' | 'owner_id' | 'workflow_id' | 'definition_id'
  >;
  return {
    ...ids,
    execution_arn: `arn:${n}`,
    generation: 'legacy',
    status: 'SUCCEEDED',
    started_at: minute(n),
    ended_at: minute(n + 1),
    ...more,
  };
}

test('ends are kept once and listed by generation, newest first, with what a shadow run came to', async () => {
  const { runs } = table;
  for (const n of [1, 2, 3]) await runs.recordEnd(ended(n));
  await runs.recordEnd(ended(4, { generation: 'v3' }));
  await runs.recordDivergence(ended(2), { same: false, where: 'field total' });
  await runs.recordEnd(ended(2));
  expect(await runs.listEnds('v3', { since: minute(0), limit: 10 })).toEqual([
    ended(4, { generation: 'v3' }),
  ]);
  const legacy = await runs.listEnds('legacy', { since: minute(3), limit: 10 });
  expect(legacy).toEqual([ended(3), { ...ended(2), divergence: { same: false, where: 'field total' } }]);
  expect(await runs.listEnds('legacy', { since: minute(0), limit: 1 })).toEqual([ended(3)]);
});

test('ends that were put before there were shards are listed with the others, and changed', async () => {
  const { runs, client, table: TableName } = table;
  const old = ended(200, { generation: 'v3' });
  const Item = marshall({ pk: 'ended#v3', sk: `${old.ended_at}#${old.execution_id}`, ...old });
  await client.send(new PutItemCommand({ TableName, Item }));
  await runs.recordEnd(ended(201, { generation: 'v3' }));
  expect(await runs.recordDivergence(old, { same: true })).toBe(true);
  expect(await runs.listEnds('v3', { since: minute(200), limit: 5 })).toEqual([
    ended(201, { generation: 'v3' }),
    { ...old, divergence: { same: true } },
  ]);
});

test('five times as many ends as a partition takes are recorded at once, and listed in their order', async () => {
  const quotas = readQuotas('us-east-1');
  const tenth = { bucket: 100, per_second: 100 };
  const rates = { ...quotas.rates, 'dynamodb.partition_writes': tenth };
  const busy = await openTestTable({ clock: virtualClock(), quotas: { ...quotas, rates } });
  try {
    const ends = Array.from({ length: 500 }, (_, n) => ended(n));
    await Promise.all(ends.map((end) => busy.runs.recordEnd(end)));
    const listed = await busy.runs.listEnds('legacy', { since: minute(0), limit: 400 });
    expect(listed).toEqual(ends.toReversed().slice(0, 400));
  } finally {
    await busy.close();
  }
});

test('of two changes of the rollout at once one is made; one that was given back or broke off makes room', async () => {
  const { runs } = table;
  const settings: RolloutSettings = {
    v3: 1,
    sticky: 'workflow',
    overrides: {},
    shadow: { on: false, share: 0 },
    kill_switch: false,
  };
  const change = (revision: number, n: number) => ({
    revision,
    by: 'ada',
    at: minute(n),
    what: 'set',
    from: settings,
    to: { ...settings, v3: n },
  });
  expect(await Promise.all([runs.planChange(change(1, 0)), runs.planChange(change(1, 0))])).toEqual(
    expect.arrayContaining([true, false]),
  );
  expect(await runs.listChanges(5)).toEqual([]);
  await runs.dropChange({ revision: 1, at: minute(0) });
  expect(await runs.planChange(change(1, 1))).toBe(true);
  await runs.markInForce({ revision: 1 });
  expect(await runs.planChange(change(1, 60))).toBe(false);
  expect(await runs.planChange(change(2, 2))).toBe(true);
  expect(await runs.planChange(change(2, 60))).toBe(true);
  await runs.markInForce({ revision: 2 });
  expect(await runs.listChanges(5)).toMatchObject([
    { revision: 2, by: 'ada', to: { v3: 60 }, state: 'IN_FORCE' },
    { revision: 1, to: { v3: 1 } },
  ]);
});
