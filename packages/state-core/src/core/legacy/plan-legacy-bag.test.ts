import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import { CONTEXT, frozen, textOf } from '../../../test/build.ts';
import { decompressPayload } from './compressed-payload.ts';
import { planLegacyBag, planLegacyState } from './plan-legacy-bag.ts';

const plan = (bag: JsonObject, maxKb = 200) => planLegacyBag(frozen(bag), maxKb, CONTEXT);

describe('a first-generation bag', () => {
  test.each(['branch_id', 'branch_index', 'branches', 'request', 'error_info'])(
    'keeps its %s, which the machine reads, however large it is',
    (name) => {
      const bag = { [name]: textOf(40_000) };
      expect(plan(bag)).toEqual({ bag, writes: [] });
    },
  );

  test.each([
    ['PARALLEL_GROUP', true],
    ['SEQUENTIAL_BRANCH', true],
    ['CONTINUE', false],
  ])('in front of branches, as %s says, has no config of its own: %s', (status, leaves) => {
    const bag = { status, workflow_config: { a: 1 } };
    expect(plan(bag).bag).toEqual(
      leaves ? { status, workflow_config: expect.objectContaining({ type: 's3_reference' }) } : bag,
    );
  });

  test.each([
    ['MAP_REDUCE', true],
    ['BATCHED', true],
    ['CONTINUE', false],
  ])(
    'too large for anything but text, with status %s, shows a map its state as a pointer: %s',
    (status, shows) => {
      const bag = {
        status,
        current_state: { items: [1, 2] },
        state_history: Array.from({ length: 50 }, (_, index) => ({ note: textOf(100, index) })),
      };
      const planned = plan(bag, 1);
      expect(planned.writes).toHaveLength(shows ? 1 : 0);
      expect(planned.bag).toMatchObject({ status, compressed_data: expect.any(String) });
      expect(planned.bag['current_state']).toEqual(
        shows ? expect.objectContaining({ __s3_path: planned.writes[0]?.uri, encoding: 'json' }) : undefined,
      );
    },
  );

  test('in front of a map is no text where its state alone was too large', () => {
    const { bag, writes } = plan({ status: 'BATCHED', current_state: { items: textOf(5_000) } }, 2);
    expect(bag).toMatchObject({
      status: 'BATCHED',
      current_state: { __s3_path: writes[0]?.uri },
      state_s3_path: writes[0]?.uri,
    });
    expect(bag).not.toHaveProperty('compressed_data');
  });

  test.each<[string, Json]>([
    ['no object', 'text'],
    ['a pointer', { __s3_offloaded: true, __s3_path: 's3://b/x' }],
  ])('in front of a map leaves a state alone that is %s', (_what, current_state) => {
    const planned = plan({ status: 'MAP_REDUCE', current_state, mine: textOf(5_000) }, 1);
    expect(planned.writes).toEqual([]);
    expect(decompressPayload(planned.bag)).toMatchObject({ current_state });
  });
});

describe('a first-generation state', () => {
  const planState = (state: JsonObject) =>
    planLegacyState(frozen({ kept: textOf(40_000), current_state: state }), CONTEXT);

  test('that is small stays as it is, and so does the bag around it', () => {
    expect(planState({ a: 1 })).toEqual({
      bag: { kept: textOf(40_000), current_state: { a: 1 } },
      writes: [],
    });
  });

  test('loses its large fields, as plain JSON', () => {
    const { bag, writes } = planState({ large: textOf(40_000), small: 1 });
    expect(bag['current_state']).toEqual({
      large: expect.objectContaining({ s3_path: writes[0]?.uri, encoding: 'json' }),
      small: 1,
    });
    expect(writes).toHaveLength(1);
  });

  test('of many small fields leaves whole', () => {
    const { bag, writes } = planState(
      Object.fromEntries(Array.from({ length: 5 }, (_, index) => [`f${index}`, textOf(25_000, index)])),
    );
    expect(bag['current_state']).toMatchObject({
      __s3_offloaded: true,
      __s3_path: writes[0]?.uri,
      encoding: 'json',
    });
    expect(writes).toHaveLength(1);
  });
});
