import { expect, test } from '@jest/globals';
import type { Item } from './runs-table.ts';
import { mergedPages, type Pages, shardOf } from './spread.ts';

/** A partition of numbers, as pages of which some are empty. */
function partition(numbers: readonly number[], size: number): Pages {
  return async (after) => {
    const at = after === undefined ? 0 : Number(after['at']);
    const empty = after === undefined || after['full'] === true;
    const end = empty ? at : at + size;
    const last = end < numbers.length ? { at: end, full: !empty } : undefined;
    return { items: numbers.slice(at, end).map((number) => ({ number })), last };
  };
}

const isBefore = (a: Item, b: Item) => Number(a['number']) > Number(b['number']);

test.each([1, 2, 7])(
  'partitions read in pages of %d are one list, in order and cut at the limit',
  async (size) => {
    const all = Array.from({ length: 40 }, (_, number) => number);
    for (const shards of [1, 3, 8]) {
      const parts = Array.from({ length: shards + 1 }, (_, shard) =>
        all.filter((number) => shardOf(`run-${number}`, shards) === shard).reverse(),
      );
      const pages = parts.map((numbers) => partition(numbers, size));
      const newest = all.toReversed().map((number) => ({ number }));
      for (const limit of [0, 1, 13, 40, 99])
        expect(await mergedPages(pages, { limit, isBefore })).toEqual(newest.slice(0, limit));
    }
  },
);

test('a page is asked for when its items are needed, and not before', async () => {
  let asked = 0;
  const counting: Pages = (after) => {
    asked += 1;
    return partition([9, 8, 7, 6, 5], 2)(after);
  };
  const other = partition([3, 2, 1], 2);
  await mergedPages([counting, other], { limit: 1, isBefore });
  const forOne = asked;
  await mergedPages([counting, other], { limit: 5, isBefore });
  expect(forOne).toBe(2);
  expect(asked - forOne).toBeGreaterThan(2);
});

test('ids are spread over the shards, each always to the same one', () => {
  const counts = new Map<number, number>();
  for (let run = 0; run < 8_000; run += 1) {
    const shard = shardOf(`run-${run}`, 8);
    expect(shardOf(`run-${run}`, 8)).toBe(shard);
    counts.set(shard, (counts.get(shard) ?? 0) + 1);
  }
  expect(counts.size).toBe(8);
  expect(Math.max(...counts.values())).toBeLessThan(1_100);
});
