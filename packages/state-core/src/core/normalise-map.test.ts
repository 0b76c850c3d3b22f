import { describe, expect, test } from '@jest/globals';
import type { ChunkResult } from '@statebag/contracts/schemas/answer';
import type { FailedSegment } from '@statebag/contracts/schemas/history';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { aBag, anEntry, aRun, frozen, set } from '../../test/build.ts';
import { answeredResult } from './answered-result.ts';
import { type MapTaken, mapFailures, mapStatus, normaliseMap, reasonOf } from './normalise-map.ts';
import { NO_USAGE } from './usage.ts';

const aMap = async (changes: object = {}) =>
  // members of a bag, by sight
  frozen({
    ...(await aBag({}, aRun())),
    segment_id: 's1',
    segment_to_run: 's2',
    loop_counter: 4,
    next_action: 'BATCHED',
    ...changes,
  } as unknown as StateBag);
const ID = { execution_id: 'run-1', branch_path: '', loop_counter: 3, segment_id: 's1' };
const ORDERED: readonly ChunkResult[] = [{ chunk_id: 'a' }, { chunk_id: 'b', status: 'FAILED' }];
const failure = (error: string, message: string): FailedSegment =>
  // good ids by sight
  ({ segment_id: 's1', branch_path: '', status: 'FAILED', error, message, node_id: null }) as FailedSegment;

describe('what a join or an answer answers', () => {
  test('is the pause or group the bag is in', async () => {
    expect(answeredResult(await aMap(), ['MAP_REDUCE', 'BATCHED'])).toEqual(ID);
    expect(answeredResult(await aMap({ next_action: 'MAP_REDUCE' }), ['MAP_REDUCE', 'BATCHED'])).toEqual(ID);
  });

  test.each([{ next_action: 'CONTINUE' }, { segment_id: null }])(
    'is nothing in a bag with %j',
    async (changes) => {
      const bag = await aMap(changes);
      const message = `the bag of run-1 waits for ${bag.next_action}, not for MAP_REDUCE or BATCHED`;
      expect(() => answeredResult(bag, ['MAP_REDUCE', 'BATCHED'])).toThrow(
        expect.objectContaining({ name: 'Result.OutOfOrder', message }),
      );
    },
  );
});

describe('the results of a map, as the core merges them', () => {
  const taken = async (changes: Partial<MapTaken> = {}) =>
    normaliseMap({ bag: await aMap(), ordered: ORDERED, status: 'CONTINUE', failures: [], ...changes });

  test('are counted, and go on where the map stood', async () => {
    expect(await taken()).toEqual({
      action: 'aggregate_distributed',
      result_id: ID,
      status: 'CONTINUE',
      failures: [],
      delta: [],
      history: [],
      usage: NO_USAGE,
      writes: [],
      next_segment_to_run: 's2',
      control: { batch_count_actual: 2 },
      lists: {
        distributed_chunk_summary: expect.objectContaining({ total: 2, succeeded: 1, failed: 1 }),
        chunk_count: 2,
      },
      events: 12,
    });
  });

  test('take what a caller adds', async () => {
    const added = {
      delta: [set('a', 1)],
      history: [anEntry('h')],
      usage: { ...NO_USAGE, llm_calls: 1 },
      writes: [],
    };
    const changes = {
      control: { distributed_strategy: 'x' } as never,
      lists: { distributed_outputs: [] },
      counts: { total: 9, succeeded: 8, failed: 1 },
    };
    expect(await taken({ ...added, ...changes, failures: [failure('E', 'm')] })).toMatchObject({
      ...added,
      failures: [failure('E', 'm')],
      control: { batch_count_actual: 2, distributed_strategy: 'x' },
      lists: {
        distributed_outputs: [],
        distributed_chunk_summary: { total: 9, succeeded: 8, failed: 1 },
        chunk_count: 2,
      },
    });
  });

  test('of nothing count as one batch', async () =>
    expect((await taken({ ordered: [] })).control).toEqual({ batch_count_actual: 1 }));

  test('are refused where the bag waits for no map', async () => {
    expect((await taken({ bag: await aMap({ next_action: 'MAP_REDUCE' }) })).result_id).toEqual(ID);
    await expect(taken({ bag: await aMap({ next_action: 'PARALLEL_GROUP' }) })).rejects.toMatchObject({
      name: 'Result.OutOfOrder',
    });
  });
});

describe('how a map ends', () => {
  test.each([
    [false, 0, 0, 0, 'COMPLETE'],
    [true, 0, 0, 100, 'FAILED'],
    [false, 4, 4, 100, 'FAILED'],
    [false, 4, 0, 0, 'CONTINUE'],
    [false, 4, 1, 25, 'CONTINUE'],
    [false, 4, 1, 24, 'FAILED'],
    [false, 4, 3, 75, 'CONTINUE'],
  ])(
    'an error of its own %s, of %i items %i failed, %i %% may: %s',
    (hasError, total, failed, toleratedPercentage, status) => {
      expect(mapStatus({ error: hasError ? { Error: 'E' } : null, total, failed, toleratedPercentage })).toBe(
        status,
      );
    },
  );

  test('its own failure comes first, then those of its results', async () => {
    const [bag, results] = [
      await aMap(),
      [{ chunk_id: 'a' }, { status: 'FAILED' }, { chunk_id: 'c', error: 'why' }],
    ];
    const items = [failure('Node.Failed', 'item 0: FAILED'), failure('Node.Failed', 'item c: why')];
    expect(mapFailures(bag, results, { error: null, status: 'CONTINUE' })).toEqual(items);
    expect(mapFailures(bag, results, { error: { Error: 'E', Cause: 'cause' }, status: 'FAILED' })).toEqual([
      failure('E', 'cause'),
      ...items,
    ]);
    expect(mapFailures(bag, [], { error: { Error: 'E' }, status: 'FAILED' })).toEqual([
      failure('E', 'the map failed'),
    ]);
  });

  test('a failure of its own does not make up for one of its results', async () => {
    const failures = mapFailures(await aMap(), [{ chunk_id: 'a', error: 'why' }], {
      error: { Error: 'E', Cause: 'cause' },
      status: 'FAILED',
    });
    expect(failures).toEqual([failure('E', 'cause'), failure('Node.Failed', 'item a: why')]);
  });

  test('one that failed has a failure, one that did not needs none', async () => {
    expect(mapFailures(await aMap(), [], { error: null, status: 'FAILED' })).toEqual([
      failure('Node.Failed', 'the map failed'),
    ]);
    expect(mapFailures(await aMap(), [], { error: null, status: 'COMPLETE' })).toEqual([]);
  });

  test.each<[ChunkResult, string]>([
    [{ status: 'TIMED_OUT' }, 'TIMED_OUT'],
    [{ error: 'text' }, 'text'],
    [{ error: { error: 'E', message: 'm' } }, 'E: m'],
    [{ error: { error: 'E' } }, 'E'],
    [{ error: { error: 'E', message: 7 } }, 'E'],
    [{ error: { error: 7 } }, '{"error":7}'],
    [{ error: ['x'] as never }, '["x"]'],
  ])('%j failed because %s', (result, reason) => expect(reasonOf(result)).toBe(reason));
});
