import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { openTestTable, type TestTable } from '../test/runs-table.ts';

let opened: TestTable;
beforeAll(async () => {
  opened = await openTestTable();
});
afterAll(() => opened.close());

const take = (provider: string, most: number, ttl_ms = 60_000) =>
  opened.runs.calls.take(provider, { most, ttl_ms });

test('of 12 calls at once three have a place where three may, and a place that is given back is taken again', async () => {
  const places = await Promise.all(Array.from({ length: 12 }, () => take('openai', 3)));
  const held = places.flatMap((place) => (place ? [place] : []));
  expect(held).toHaveLength(3);
  await held[0]?.release();
  expect([await take('openai', 3), await take('openai', 3)].map((place) => place !== undefined)).toEqual([
    true,
    false,
  ]);
});

test('a place whose holder died is free when its time is over', async () => {
  expect(await take('google', 1, -1)).toBeDefined();
  expect(await take('google', 1)).toBeDefined();
  expect(await take('google', 1)).toBeUndefined();
});

test('places of one provider are none of another', async () => {
  expect(await take('anthropic', 1)).toBeDefined();
  expect(await take('bedrock', 1)).toBeDefined();
});
