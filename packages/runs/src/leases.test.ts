import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { ExecutionId, OwnerId } from '@statebag/contracts/ids';
import { openTestTable, type TestTable } from '../test/runs-table.ts';

let opened: TestTable;
beforeAll(async () => {
  opened = await openTestTable();
});
afterAll(() => opened.close());

const RUN = 'run-1' as ExecutionId;
const claim = (holder: string, now: number) => ({ holder, now, ttl_ms: 1_000 });

test('of 20 workers one holds the lease, and the others learn who, and until when', async () => {
  const outcomes = await Promise.all(
    Array.from({ length: 20 }, (_, n) => opened.runs.acquireLease(RUN, 'race', claim(`w${n}`, 5_000))),
  );
  const holder = `w${outcomes.findIndex(({ held }) => held)}`;
  expect(outcomes.filter(({ held }) => held)).toHaveLength(1);
  expect(outcomes.filter(({ held }) => !held)).toEqual(
    Array(19).fill({ held: false, holder, expires_at: 6_000 }),
  );
});

test('a lease that ran out is anybody’s, and its holder learns that it is lost', async () => {
  const { runs } = opened;
  await runs.acquireLease(RUN, 'late', claim('first', 0));
  expect(await runs.acquireLease(RUN, 'late', claim('second', 999))).toMatchObject({
    held: false,
    holder: 'first',
  });
  expect(await runs.acquireLease(RUN, 'late', claim('second', 1_000))).toEqual({ held: true });
  expect(await runs.renewLease(RUN, 'late', claim('first', 1_001))).toBe(false);
});

test('a renewed lease lasts from the renewal, and its holder may acquire it again', async () => {
  const { runs } = opened;
  await runs.acquireLease(RUN, 'kept', claim('first', 0));
  expect(await runs.renewLease(RUN, 'kept', claim('first', 900))).toBe(true);
  expect(await runs.acquireLease(RUN, 'kept', claim('second', 1_500))).toEqual({
    held: false,
    holder: 'first',
    expires_at: 1_900,
  });
  expect(await runs.acquireLease(RUN, 'kept', claim('first', 1_500))).toEqual({ held: true });
});

test('a lease is given back by its holder only, and is free then', async () => {
  const { runs } = opened;
  await runs.acquireLease(RUN, 'back', claim('first', 0));
  await runs.releaseLease(RUN, 'back', { holder: 'second' });
  expect(await runs.acquireLease(RUN, 'back', claim('second', 1))).toMatchObject({ held: false });
  await runs.releaseLease(RUN, 'back', { holder: 'first' });
  expect(await runs.renewLease(RUN, 'back', claim('first', 1))).toBe(false);
  expect(await runs.acquireLease(RUN, 'back', claim('second', 1))).toEqual({ held: true });
});

test('leases of different work or different runs do not know each other', async () => {
  const { runs } = opened;
  await runs.acquireLease(RUN, 'a', claim('first', 0));
  expect(await runs.acquireLease(RUN, 'b', claim('second', 0))).toEqual({ held: true });
  expect(await runs.acquireLease('run-2' as ExecutionId, 'a', claim('second', 0))).toEqual({ held: true });
});

describe('what a run spends', () => {
  const account = { execution_id: 'run-money' as ExecutionId, account: '' };
  const amount = (nano_usd: number, tokens: number) => ({ nano_usd, tokens });
  const most = amount(1_000, 10_000);

  test('never comes to more than its limit, however many functions reserve at once', async () => {
    const { book } = opened.runs;
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, () => book.reserve(account, amount(150, 10), most)),
    );
    expect(outcomes.filter((outcome) => outcome === 'reserved')).toHaveLength(6);
    expect(outcomes.find((outcome) => outcome !== 'reserved')).toEqual(amount(900, 60));
  });

  test('has room again where a call took less than was set aside', async () => {
    const { book } = opened.runs;
    await book.correct(account, amount(-300, -20));
    expect(await book.reserve(account, amount(400, 1), most)).toBe('reserved');
    expect(await book.reserve(account, amount(1, 1), most)).toEqual(amount(1_000, 41));
  });

  test('is counted together for runs of an owner that share a budget', async () => {
    const { book } = opened.runs;
    const shared = { owner_id: 'ann' as OwnerId, account: 'budget#trial' } as const;
    expect(await book.reserve(shared, most, most)).toBe('reserved');
    expect(await book.reserve(shared, amount(1, 1), most)).toEqual(most);
    expect(await book.reserve({ ...shared, owner_id: 'bob' as OwnerId }, amount(1, 1), most)).toBe(
      'reserved',
    );
  });

  test('is counted apart for each account', async () => {
    const { book } = opened.runs;
    expect(await book.reserve({ ...account, account: 'draft' }, most, most)).toBe('reserved');
    expect(await book.reserve({ ...account, account: 'dear' }, amount(1_001, 1), most)).toEqual(amount(0, 0));
  });
});
