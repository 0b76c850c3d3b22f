import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import { SEGMENT_STATUSES } from '@statebag/contracts/statuses';
import { frozen } from '../../../test/build.ts';
import { applyLegacyTurn } from './apply-legacy-turn.ts';
import { compressPayload } from './compressed-payload.ts';
import { openLegacyBag } from './open-legacy-bag.ts';

const BAG = frozen({
  segment_id: 0,
  segment_to_run: 1,
  loop_counter: 3,
  current_state: { a: 1, gone: 1 },
  state_history: [],
  branches: [{ branch_id: 'old' }],
  error_info: { error: 'Old' },
  inner_partition_map: [1],
  request: { kind: 'wait' },
  cursor: { node_id: 'n', item: 1 },
  wait_until: '2026-01-01T00:00:00.000Z',
});
const applied = (result: JsonObject, changes: JsonObject = {}) =>
  applyLegacyTurn(frozen({ ...BAG, ...changes }), frozen(result));

describe('a turn of the first generation', () => {
  test('replaces the state, counts itself, steers on and takes away what the last turn said of itself', () => {
    expect(applied({ status: 'CONTINUE', final_state: { a: 2 }, next_segment_to_run: 2 })).toStrictEqual({
      segment_id: 1,
      segment_to_run: 2,
      loop_counter: 4,
      current_state: { a: 2 },
      state_history: [],
      status: 'CONTINUE',
      cursor: null,
      wait_until: null,
    });
  });

  test('keeps the state where it gives none, and says of itself what it says', () => {
    const own = {
      branches: [{ branch_id: 'new' }],
      request: { kind: 'approval' },
      cursor: { node_id: 'm', item: 0 },
      wait_until: '2027',
    };
    expect(applied({ status: 'PAUSE', ...own })).toMatchObject({
      status: 'PAUSED_FOR_HITP',
      current_state: BAG['current_state'],
      segment_to_run: 1,
      ...own,
    });
  });

  test('begins to count at nothing', () =>
    expect(applied({ status: 'COMPLETE' }, { loop_counter: null })).toMatchObject({ loop_counter: 1 }));

  test.each<[Json, JsonObject, Json]>([
    ['normal', {}, 1],
    ['aggregator', {}, 0],
    ['normal', { segment_to_run: null }, null],
    ['aggregator', { segment_id: null }, null],
  ])('of the type %j in a bag with %j ran at %j', (segment_type, changes, place) => {
    expect(applied({ status: 'COMPLETE', segment_type }, changes)).toMatchObject({ segment_id: place });
  });

  test.each<[string, Json, object]>([
    [
      'FAILED',
      { error: 'E', message: 'm', node_id: 'n', more: 1 },
      { error: 'E', message: 'm', node_id: 'n', more: 1 },
    ],
    [
      'FAILED',
      { error: 'E', message: '{"errorMessage":"inner"}' },
      { error: 'E', message: 'inner', node_id: null },
    ],
    ['FAILED', 'why', { error: 'Node.Failed', message: 'why', node_id: null }],
    [
      'FAILED',
      null,
      { error: 'Node.Failed', message: 'the segment after 0 ended FAILED and gave no reason', node_id: null },
    ],
    [
      'LOOP_LIMIT_EXCEEDED',
      { error: 7 },
      {
        error: 'Node.Failed',
        message: 'the segment after 0 ended LOOP_LIMIT_EXCEEDED and gave no reason',
        node_id: null,
      },
    ],
  ])('that ends %s for %j says why', (status, error_info, said) =>
    expect(applied({ status, error_info })['error_info']).toEqual(said),
  );

  test('that failed in a bag without a segment says so', () => {
    const { segment_id: _none, ...rest } = BAG;
    expect(applyLegacyTurn(rest, { status: 'FAILED' })['error_info']).toMatchObject({
      message: 'the segment after null ended FAILED and gave no reason',
    });
  });

  test('that did not fail gives no reason', () =>
    expect(applied({ status: 'COMPLETE' })).not.toHaveProperty('error_info'));

  test.each(SEGMENT_STATUSES)('may end %s', (status) =>
    expect(applied({ status })).toMatchObject({ status }),
  );

  test.each<[JsonObject, JsonObject, string]>([
    [{ status: 'DONE' }, {}, 'the status "DONE" is not of the contract'],
    [
      { status: 'CONTINUE', next_segment_to_run: null },
      {},
      'a result says CONTINUE and names no next segment',
    ],
    [{ status: 'CONTINUE' }, { segment_to_run: null }, 'a result says CONTINUE and names no next segment'],
  ])('%j in a bag with %j leads nowhere', (result, changes, message) => {
    expect(() => applied(result, changes)).toThrow(
      expect.objectContaining({ name: 'Result.Unroutable', message }),
    );
  });

  test('that goes on at segment 0 names a segment', () =>
    expect(applied({ status: 'CONTINUE', next_segment_to_run: 0 })).toMatchObject({ segment_to_run: 0 }));
});

describe('a bag that became text', () => {
  test('is opened; what stands beside the text is newer', () => {
    const bag = { a: 1, b: { c: 2 } };
    expect(openLegacyBag({ ...compressPayload(bag), a: 2 })).toStrictEqual({ a: 2, b: { c: 2 } });
  });

  test.each<JsonObject>([{ a: 1 }, { a: 1, compressed_data: null }])('was never text: %j', (bag) =>
    expect(openLegacyBag(bag)).toBe(bag),
  );

  test('is refused where the text holds no bag', () => {
    expect(() => openLegacyBag({ ...compressPayload([1]) })).toThrow(
      expect.objectContaining({ name: 'Payload.Undecodable', message: 'compressed_data is no bag' }),
    );
  });
});
