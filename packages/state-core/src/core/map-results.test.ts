import { describe, expect, test } from '@jest/globals';
import type { Json } from '@statebag/contracts';
import type { ChunkResult } from '@statebag/contracts/schemas/answer';
import { CONTEXT, frozen, textOf } from '../../test/build.ts';
import { asChunkResult, chunkSummary, hasFailed, inExecutionOrder } from './map-results.ts';
import { isLongSchedule, planScheduling } from './plan-scheduling.ts';
import { shortened } from './shortened.ts';

describe('results of a map', () => {
  test('go by number, then chunk, then arrival; those without an order last', () => {
    const results = [
      { output: 'last-1' },
      { execution_order: 10, output: 'd' },
      { execution_order: 2, chunk_id: 'b', output: 'c' },
      { execution_order: 2, chunk_id: 'a', output: 'b' },
      { execution_order: null, output: 'last-2' },
      { execution_order: '1' as never, output: 'a' },
      { execution_order: 10, output: 'e' },
      { execution_order: '' as never, output: 'last-3' },
      { execution_order: 'x' as never, output: 'last-4' },
      { execution_order: 3, chunk_id: 'same', output: 'c1' },
      { execution_order: 3, chunk_id: 'same', output: 'c2' },
      { execution_order: 4, chunk_id: 'A', output: 'c4' },
      { execution_order: 4, output: 'c3' },
      { execution_order: 4, chunk_id: 'B', output: 'c5' },
    ];
    const [placed, last] = [
      ['a', 'b', 'c', 'c1', 'c2', 'c3', 'c4', 'c5', 'd', 'e'],
      ['last-1', 'last-2', 'last-3', 'last-4'],
    ];
    expect(inExecutionOrder(frozen(results)).map(({ output }) => output)).toEqual([...placed, ...last]);
    expect(results[0]).toEqual({ output: 'last-1' });
  });

  test.each<[ChunkResult, boolean]>([
    [{}, false],
    [{ error: null }, false],
    [{ error: 'E' }, true],
    [{ status: 'COMPLETE', error: 'tolerated' }, false],
    [{ status: 'failed' }, true],
    [{ status: 'TIMED_OUT' }, true],
    [{ status: 'ABORTED' }, true],
    [{ status: 'CANCELLED' }, true],
    [{ status: 'ERROR' }, true],
    [{ status: 'FAILURE' }, true],
  ])('%j has failed: %s', (result, failed) => expect(hasFailed(result)).toBe(failed));

  test.each<[Json, ChunkResult]>([
    [{ chunk_id: 'a' }, { chunk_id: 'a' }],
    [7, { output: { raw_result: 7 } }],
    [[1], { output: { raw_result: [1] } }],
    [null, { output: { raw_result: null } }],
  ])('%j counts as %j', (value, result) => expect(asChunkResult(value)).toEqual(result));

  test('a summary has the counts and the first ten, in short texts', () => {
    const results = Array.from({ length: 12 }, (_, index) => ({
      status: index === 0 ? 'FAILED' : 'COMPLETE',
      execution_order: index,
    }));
    const { chunk_results, ...counts } = chunkSummary([
      { chunk_id: textOf(999), s3_path: textOf(9_999), status: textOf(99) },
      {},
      ...results,
    ]);
    expect(counts).toEqual({ total: 14, succeeded: 13, failed: 1 });
    expect(chunk_results).toHaveLength(10);
    expect(chunk_results[0]).toEqual({
      chunk_id: shortened(textOf(999), 128),
      status: shortened(textOf(99), 64),
      s3_path: shortened(textOf(9_999), 512),
      execution_order: null,
    });
    expect(chunk_results.slice(1, 3)).toEqual([
      { chunk_id: '1', status: 'COMPLETE', s3_path: null, execution_order: null },
      { chunk_id: '2', status: 'FAILED', s3_path: null, execution_order: 0 },
    ]);
  });
});

describe('a schedule', () => {
  test.each([
    [5, false],
    [6, true],
  ])('of %i batches is long: %s', (count, long) => {
    expect(isLongSchedule({ batch_details: Array.from({ length: count }, () => 0) })).toBe(long);
  });

  test.each<[Json, object]>([
    [
      { total_batches: 3, total_items: 9, priority: 'high', batch_details: [1] },
      { total_batches: 3, total_items: 9, priority: 'high' },
    ],
    [
      { batch_details: [1, 2], priority: 7 },
      { total_batches: 2, total_items: 0, priority: 7 },
    ],
    [
      { total_batches: -1, total_items: 1.5, priority: { deep: [] } },
      { total_batches: 0, total_items: 0, priority: null },
    ],
    [
      { total_batches: 0, batch_details: [1] },
      { total_batches: 0, total_items: 0, priority: null },
    ],
    ['text', { total_batches: 0, total_items: 0, priority: null }],
    [
      { priority: 'p'.repeat(99) },
      { total_batches: 0, total_items: 0, priority: shortened('p'.repeat(99), 64) },
    ],
  ])('%j leaves its figures and its pointer', (metadata, figures) => {
    const { summary, writes } = planScheduling(metadata, CONTEXT);
    expect(summary).toEqual({ ...figures, pointer: expect.objectContaining({ s3_path: writes[0]?.uri }) });
    expect(writes).toHaveLength(1);
    expect(writes[0]?.uri).toContain('/run-1/blobs/');
  });
});

describe('a shortened text', () => {
  test.each([
    ['abc', 3, 'abc'],
    ['abcd', 6, 'abcd'],
    ['abcdefgh', 6, 'abc…'],
    ['éééé', 7, 'éé…'],
    ['éééé', 6, 'é…'],
    ['💡💡', 7, '💡…'],
    ['💡💡', 6, '…'],
    ['a\u0000\u001b\n\t', 20, 'a\ufffd\ufffd\n\t'],
    ['\ud800', 20, '\ufffd'],
  ])('%s in %i bytes is %s', (text, limit, short) => {
    expect(shortened(text, limit)).toBe(short);
    expect(Buffer.byteLength(short)).toBeLessThanOrEqual(limit);
  });
});
