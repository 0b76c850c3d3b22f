import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { ExecutionId, OwnerId } from '@statebag/contracts/ids';
import { openTestTable, type TestTable } from '../../test/runs-table.ts';
import type { StartBook } from './start-book.ts';

let opened: TestTable;
let book: StartBook;
beforeAll(async () => {
  opened = await openTestTable();
  book = opened.runs.starts;
});
afterAll(() => opened.close());

let owners = 0;
const anOwner = () => `owner-${++owners}` as OwnerId;
const run = (id: string) => id as ExecutionId;
const standing = async (owner_id: OwnerId) =>
  (await book.waitingOwners()).find((owner) => owner.owner_id === owner_id);

test('of 20 runs that join at once as many do as may wait', async () => {
  const owner = anOwner();
  const answers = await Promise.all(Array.from({ length: 20 }, () => book.join(owner, { now: 1, most: 5 })));
  const joined = answers.flatMap((answer) => (answer.joined ? [answer.waiting] : []));
  expect(joined.sort()).toEqual([1, 2, 3, 4, 5]);
  expect(await standing(owner)).toEqual({
    owner_id: owner,
    waiting: 5,
    turn: 1,
    joined_at: 1,
    taken_at: 0,
    open: [],
  });
});

test('an owner keeps its turn while it waits, and begins anew once nothing of it did', async () => {
  const owner = anOwner();
  const join = (now: number) => book.join(owner, { now, most: 9 });
  await join(1);
  await join(2);
  expect(await standing(owner)).toMatchObject({ turn: 1, joined_at: 2 });
  await book.served(owner, { count: 1, turn: 50 });
  expect(await standing(owner)).toMatchObject({ turn: 50, waiting: 1 });
  await book.served(owner, { count: 1, turn: 51 });
  expect(await standing(owner)).toBeUndefined();
  await join(99);
  expect(await standing(owner)).toMatchObject({ turn: 99, waiting: 1 });
});

test('of 20 runs that take a place at once as many do as there are, and the same one takes one', async () => {
  const owner = anOwner();
  const take = (n: number) => book.take(owner, run(`r${n % 10}`), { limit: 3 });
  const taken = await Promise.all(Array.from({ length: 20 }, (_, n) => take(n)));
  const holders = new Set(taken.flatMap((took, n) => (took ? [n % 10] : [])));
  expect(holders.size).toBe(3);
  const [first = 0] = holders;
  expect(await take(first)).toBe(true);
  await book.give(owner, run(`r${first}`));
  await book.give(owner, run(`r${first}`));
  expect(await book.take(owner, run('next'), { limit: 3 })).toBe(true);
  expect(await book.take(owner, run('one more'), { limit: 3 })).toBe(false);
});

test('a run that does not wait takes no place before those that do', async () => {
  const owner = anOwner();
  expect(await book.takeAhead(owner, run('first'), { now: 7, limit: 2 })).toBe(true);
  await book.join(owner, { now: 8, most: 9 });
  expect(await book.takeAhead(owner, run('second'), { now: 9, limit: 2 })).toBe(false);
  expect(await standing(owner)).toMatchObject({ open: ['first'], taken_at: 7 });
  expect(await book.give(owner, run('first'))).toBe(1);
});

test('a count is corrected unless a run joined since', async () => {
  const owner = anOwner();
  await book.join(owner, { now: 1, most: 9 });
  const seen = await standing(owner);
  if (!seen) throw new Error('nothing waits');
  await book.join(owner, { now: 2, most: 9 });
  await book.correct(seen, 0);
  expect(await standing(owner)).toMatchObject({ waiting: 2 });
  await book.correct({ ...seen, joined_at: 2, waiting: 2 }, 0);
  expect(await standing(owner)).toBeUndefined();
});
