import { describe, expect, test } from '@jest/globals';
import type { Json } from '@statebag/contracts';
import { childResults, isWriterOutput, listedResults, resultFileKeys } from './map-outcome.ts';

describe('what a map returned', () => {
  test.each<[Json, Json[]]>([
    [
      [{ chunk_id: 'a' }, 7],
      [{ chunk_id: 'a' }, { output: { raw_result: 7 } }],
    ],
    [{ chunk_results: [{ chunk_id: 'a' }, 7] }, [{ chunk_id: 'a' }, { output: { raw_result: 7 } }]],
    [{ results: [{ chunk_id: 'b' }] }, [{ chunk_id: 'b' }]],
    [{ chunk_results: [], results: [{ chunk_id: 'b' }] }, []],
    [{ results: 'none' }, [{ results: 'none' }]],
    ['text', [{ output: { raw_result: 'text' } }]],
    [null, []],
    [[], []],
  ])('%j is the results %j', (value, results) => expect(listedResults(value)).toEqual(results));

  test.each<[Json, boolean]>([
    [{ ResultWriterDetails: { Bucket: 'b', Key: 'k' } }, true],
    [{ ResultWriterDetails: null }, false],
    [{ ResultWriterDetails: 'k' }, false],
    [{}, false],
    [null, false],
  ])('%j is the place of results: %s', (value, is) => expect(isWriterOutput(value)).toBe(is));
});

describe('the manifest of a map run', () => {
  test('names its files in one order, whatever order it has them in', () => {
    const ResultFiles = {
      PENDING: [{ Key: 'p' }],
      FAILED: [{ Key: 'f' }, { Key: 7 }, 'x'],
      SUCCEEDED: [{ Key: 's1' }, { Key: 's2' }],
      OTHER: [{ Key: 'o' }],
    };
    expect(resultFileKeys({ ResultFiles }, 's3://b/m')).toEqual(['s1', 's2', 'f', 'p']);
    expect(resultFileKeys({ ResultFiles: { SUCCEEDED: 'none' } }, 's3://b/m')).toEqual([]);
  });

  test.each<Json>([{}, { ResultFiles: [] }, null, 'text'])('is not %j', (manifest) => {
    expect(() => resultFileKeys(manifest, 's3://b/m')).toThrow(
      expect.objectContaining({
        name: 'Store.ObjectCorrupt',
        message: 's3://b/m is not the manifest of a map run',
      }),
    );
  });
});

describe('an entry of a result file', () => {
  const failed = (changes: object) => ({
    Status: 'FAILED',
    Name: 'child',
    Error: 'E',
    Cause: 'why',
    Input: '{"Items":[{"index":4},{"index":5}]}',
    ...changes,
  });
  const result = (changes: object) => ({
    chunk_id: 'child',
    status: 'FAILED',
    error: { error: 'E', message: 'why' },
    execution_order: 4,
    ...changes,
  });

  test.each<[Json, Json[]]>([
    [[{ chunk_id: 'a' }], [{ chunk_id: 'a' }]],
    [{ chunk_id: 'a', Status: 7 }, [{ chunk_id: 'a', Status: 7 }]],
    ['text', [{ output: { raw_result: 'text' } }]],
    [{ Status: 'SUCCEEDED', Output: '{"results":[{"chunk_id":"a"}]}' }, [{ chunk_id: 'a' }]],
    [{ Status: 'SUCCEEDED' }, []],
  ])('%j is the results %j', (child, results) => expect(childResults(child)).toEqual(results));

  test.each<[string, object, object]>([
    ['fails with its name, its reason and the place of its first item', {}, {}],
    [
      'says the inner reason',
      { Cause: '{"errorMessage":"inner"}' },
      { error: { error: 'E', message: 'inner' } },
    ],
    [
      'says a short reason',
      { Cause: 'c'.repeat(2_000) },
      { error: { error: 'E', message: `${'c'.repeat(1_021)}…` } },
    ],
    ['may have no reason', { Cause: '' }, { error: { error: 'E' } }],
    ['may have a reason that is none', { Cause: 7 }, { error: { error: 'E' } }],
    [
      'may never have run',
      { Status: 'PENDING', Error: undefined, Cause: undefined },
      { status: 'PENDING', error: { error: 'not run' } },
    ],
    ['may have no name', { Name: undefined }, { chunk_id: '' }],
    ['may have no input', { Input: undefined }, { execution_order: null }],
    ['may have an input of its own', { Input: '{"items":1}' }, { execution_order: null }],
    ['may have an input that is no object', { Input: '[1]' }, { execution_order: null }],
    ['may have items that are no list', { Input: '{"Items":{"0":{"index":4}}}' }, { execution_order: null }],
    ['may have no items', { Input: '{"Items":[]}' }, { execution_order: null }],
    ['may have items without a place', { Input: '{"Items":[{"index":"4"}]}' }, { execution_order: null }],
  ])('that did not succeed %s', (_what, changes, expected) => {
    expect(childResults(failed(changes) as Json)).toStrictEqual([result(expected)]);
  });
});
