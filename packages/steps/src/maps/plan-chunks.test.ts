import { expect, test } from '@jest/globals';
import type { S3Uri } from '@statebag/contracts/object-keys';
import { planChunks } from './plan-chunks.ts';

const URI = 's3://state/runs/acme/run-1/map/m/items.jsonl' as S3Uri; // a good address by sight

/** A list of items of ten bytes each, worked on four at once. */
function planned(count: number, settings: { batch?: number; millis?: number } = {}) {
  const lines = Array.from({ length: Math.min(count, 200) }, (_, index) => ({ index: index * 2, bytes: 10 }));
  return planChunks(
    { count, lines },
    { batch: settings.batch, width: 4, expectedMillisPerItem: settings.millis ?? 10 },
    URI,
  );
}

test.each([
  ['nothing', 0, {}, 'empty', 1, 0],
  ['one item', 1, {}, 'inline', 800, 1],
  ['200 quick items: one worker, not forty that hardly begin', 200, {}, 'inline', 800, 1],
  ['200 slow items: forty workers', 200, { millis: 10_000 }, 'inline', 5, 40],
  [
    '200 items that take minutes: still forty workers, who come back',
    200,
    { millis: 300_000 },
    'inline',
    5,
    40,
  ],
  ['201 items', 201, { millis: 10_000 }, 'distributed', 3, 0],
  ['ten thousand quick items', 10_000, {}, 'distributed', 800, 0],
  ['ten thousand slow items: a minute each worker', 10_000, { millis: 10_000 }, 'distributed', 24, 0],
  ['batches of five, forty of them', 200, { batch: 5 }, 'inline', 5, 40],
  ['batches of four, fifty of them', 200, { batch: 4 }, 'distributed', 4, 0],
])('%s', (_what, count, settings, mode, perBatch, chunks) => {
  const plan = planned(count, settings);
  expect([plan.mode, plan.max_items_per_batch, plan.chunks.length]).toEqual([mode, perBatch, chunks]);
});

test('chunks have every line once, in order, and are called by their first item', () => {
  const { chunks } = planned(12, { batch: 5 });
  expect(chunks).toEqual([
    { execution_order: 0, count: 5, s3_path: URI, offset: 0, bytes: 50 },
    { execution_order: 10, count: 5, s3_path: URI, offset: 50, bytes: 50 },
    { execution_order: 20, count: 2, s3_path: URI, offset: 100, bytes: 20 },
  ]);
});
