import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Timestamp } from '@statebag/contracts';
import type { ExecutionId, OwnerId, WorkflowId } from '@statebag/contracts/ids';
import { readQuotas } from '@statebag/local-cloud';
import { virtualClock } from '@statebag/local-cloud/testing';
import { aRun } from '../test/an-approval.ts';
import { openTestTable, type TestTable } from '../test/runs-table.ts';
import { largeOwnersIn, openRuns, type Runs, runFilterOf } from './index.ts';

let table: TestTable;
let large: Runs;
const owner_id = 'acme' as OwnerId;
const largeOwners = largeOwnersIn({ LARGE_OWNERS: 'acme, other' });
beforeAll(async () => {
  table = await openTestTable();
  large = openRuns({ client: table.client, table: table.table, largeOwners });
});
afterAll(() => table.close());

const second = (n: number) => new Date(Date.UTC(2026, 2, 1, 8, 0, n)).toISOString() as Timestamp;
const nth = (n: number) => ({
  ...aRun({ owner_id, started_at: second(n >> 1), workflow_id: `w${n % 7}` as WorkflowId }),
  execution_id: `run-${String(n).padStart(3, '0')}` as ExecutionId,
});

/** Every page of a list, and the ids in them. */
async function pages(runs: Runs, limit: number, texts: object = {}): Promise<string[][]> {
  const found: string[][] = [];
  let next: string | undefined;
  do {
    const page = await runs.listRuns(owner_id, { limit, next, filter: runFilterOf(texts) });
    found.push(page.runs.map(({ execution_id }) => execution_id));
    next = page.next;
  } while (next !== undefined);
  return found;
}

test('the list of an owner that has become large is one list, whatever is asked for and however it is paged', async () => {
  const numbers = Array.from({ length: 120 }, (_, n) => n);
  for (const n of numbers) await (n < 40 ? table.runs : large).createRun(nth(n));
  const newest = numbers.toReversed().map(nth);
  const idsOf = (runs: typeof newest) => runs.map(({ execution_id }) => execution_id);
  for (const limit of [1, 7, 50, 100]) {
    const found = await pages(large, limit);
    expect(found.flat()).toEqual(idsOf(newest));
    expect(found.slice(0, Math.floor(120 / limit)).every(({ length }) => length === limit)).toBe(true);
  }
  expect((await pages(large, 5, { workflow_id: 'w3' })).flat()).toEqual(
    idsOf(newest.filter(({ workflow_id }) => workflow_id === 'w3')),
  );
  expect((await pages(large, 9, { since: second(10), until: second(50) })).flat()).toEqual(
    idsOf(newest.filter(({ started_at }) => started_at >= second(10) && started_at < second(50))),
  );
});

test('runs that begin between two pages change nothing of what the next one shows', async () => {
  const filter = runFilterOf({});
  const first = await large.listRuns(owner_id, { limit: 10, filter });
  for (const n of [200, 201, 202]) await large.createRun(nth(n));
  const behind = await large.listRuns(owner_id, { limit: 10, next: first.next, filter });
  expect(behind.runs.map(({ execution_id }) => execution_id)).toEqual(
    Array.from({ length: 10 }, (_, place) => `run-${String(109 - place).padStart(3, '0')}`),
  );
});

test('five times as many runs begin at once as one partition takes writes', async () => {
  const quotas = readQuotas('us-east-1');
  const rates = { ...quotas.rates, 'dynamodb.partition_writes': { bucket: 20, per_second: 20 } };
  const busy = await openTestTable({ clock: virtualClock(), quotas: { ...quotas, rates } });
  const place = { client: busy.client, table: busy.table };
  const begin = (runs: Runs, from: number) =>
    Promise.all(Array.from({ length: 100 }, (_, n) => runs.createRun(nth(from + n))));
  try {
    await begin(openRuns({ ...place, largeOwners }), 0);
    await expect(begin(openRuns(place), 1_000)).rejects.toMatchObject({ name: 'Store.Unavailable' });
  } finally {
    await busy.close();
  }
});

test('a name that is no owner stops the function', () => {
  expect(() => largeOwnersIn({ LARGE_OWNERS: 'acme,a b' })).toThrow('LARGE_OWNERS names "a b"');
  expect(largeOwnersIn({})).toEqual(new Set());
});
