import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import { inlineState } from '@statebag/contracts/pointers';
import type { FieldPointer } from '@statebag/contracts/schemas/pointers';
import type { Delta } from '@statebag/contracts/schemas/segment-result';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { CONTEXT, frozen, set } from '../../test/build.ts';
import { byteSizeOf } from './canonical-json.ts';
import {
  applyOperations,
  changeFields,
  changeOverlay,
  foldOverlay,
  inlineFields,
  needsFold,
  pointersToReduce,
} from './merge-state.ts';
import { fieldPointer, planWrite } from './planned-write.ts';

const pointerTo = (value: Json): FieldPointer =>
  fieldPointer(planWrite(value, 'blobs', CONTEXT), CONTEXT.now);
const append = (field: string, value: Json): Delta[number] => ({
  op: 'reduce',
  field,
  reducer: 'append',
  value,
});
const whole = (overlay?: JsonObject) =>
  ({
    __s3_offloaded: true,
    __s3_path: 's3://state/x',
    ...(overlay && { overlay }),
  }) as unknown as StateBag['current_state'];

const kept = (overlay?: JsonObject) => ({
  current_state: whole(overlay),
  state_s3_path: 's3://state/x',
});

/** What operations leave of a state, the values behind pointers given by hand. */
function applied(state: JsonObject, delta: Delta, stored: readonly (readonly [FieldPointer, Json])[] = []) {
  const values = new Map<unknown, Json>(stored);
  return Object.fromEntries(
    applyOperations(delta, {
      standing: (field) => state[field],
      fetched: (pointer) => values.get(pointer) ?? 'not fetched',
    }),
  );
}

const nothing = () => undefined;
const fetched = () => 'x'.repeat(998);

describe('applying operations', () => {
  const [old, fresh] = [pointerTo([1]), pointerTo([2])];

  test.each<[string, object, object]>([
    ['sets a value', applied({}, [set('a', 1)]), { a: 1 }],
    ['sets a pointer', applied({}, [{ op: 'set', field: 'a', pointer: old }]), { a: old }],
    ['deletes', applied({ a: 1 }, [{ op: 'delete', field: 'a' }]), { a: undefined }],
    ['reduces what stands inline', applied({ a: [1] }, [append('a', 2)]), { a: [1, 2] }],
    ['reduces what is not there', applied({}, [append('a', 2)]), { a: [2] }],
    ['reduces what lies in the store', applied({ a: old }, [append('a', 2)], [[old, [1]]]), { a: [1, 2] }],
    [
      'reduces by what lies in the store',
      applied({ a: [1] }, [{ op: 'reduce', field: 'a', reducer: 'append', pointer: fresh }], [[fresh, [2]]]),
      { a: [1, 2] },
    ],
    ['reduces what the same delta set', applied({ a: [9] }, [set('a', [1]), append('a', 2)]), { a: [1, 2] }],
    [
      'reduces what the same delta deleted',
      applied({ a: [9] }, [{ op: 'delete', field: 'a' }, append('a', 2)]),
      { a: [2] },
    ],
    [
      'escapes a look-alike once',
      applied({}, [set('a', { __deleted: true }), set('b', { __escaped: 1 })]),
      { a: { __escaped: { __deleted: true } }, b: { __escaped: 1 } },
    ],
  ])('%s', (_law, changes, expected) => expect(changes).toEqual(expected));

  test.each(['__proto__', 'constructor', 'prototype'])('refuses to write %s and names it', (field) => {
    expect(() => applied({}, [set(field, 1)])).toThrow(
      expect.objectContaining({
        name: 'Contract.EventRejected',
        message: `a delta may not write the field "${field}"`,
      }),
    );
  });

  test('asks only for pointers that a reduce meets', () => {
    const delta: Delta = [
      append('a', 1),
      { op: 'reduce', field: 'b', reducer: 'append', pointer: fresh },
      { op: 'set', field: 'c', pointer: fresh },
      set('a', 1),
    ];
    const state: JsonObject = { a: old, b: [1], c: old, d: old };
    expect(pointersToReduce(delta, (field) => state[field])).toEqual([old, fresh]);
    expect(
      pointersToReduce([set('a', 1), { op: 'set', field: 'b', pointer: fresh }], (field) => state[field]),
    ).toEqual([]);
  });
});

describe('changing a state', () => {
  test('without changes it is the very same', () => {
    const [fields, pointer] = [frozen({ a: 1 }), whole({ a: 1 }) as never];
    expect(changeFields(fields, new Map())).toBe(fields);
    expect(changeOverlay(pointer, new Map())).toBe(pointer);
  });

  test('an overlay takes values, null among them, and marks what is deleted', () => {
    const changes = new Map<string, Json | undefined>([
      ['a', null],
      ['b', undefined],
      ['c', 3],
    ]);
    expect(changeOverlay(whole({ c: 1, d: 1 }) as never, changes)).toMatchObject({
      overlay: { a: null, b: { __deleted: true }, c: 3, d: 1 },
    });
    expect(foldOverlay({ a: 1, b: 1, e: 1 }, { a: null, b: { __deleted: true } })).toEqual({ a: null, e: 1 });
  });

  test('only the overlay of an index is known without reading', () => {
    expect(inlineFields(inlineState({ a: 1 }))).toEqual({ a: 1 });
    expect(inlineFields(kept({ a: 1, b: { __deleted: true } }))).toEqual({ a: 1 });
    expect(inlineFields(kept())).toEqual({});
  });

  test('folds as soon as overlay and delta are over the limit, and only where there is an index', () => {
    const [overlay, delta] = [{ a: 'x' }, [set('b', 'y')]];
    const together = byteSizeOf(overlay) + byteSizeOf(delta);
    expect(needsFold(kept(overlay), delta, { limit: together, standing: nothing, fetched })).toBe(false);
    expect(needsFold(kept(overlay), delta, { limit: together - 1, standing: nothing, fetched })).toBe(true);
    expect(needsFold(inlineState({ a: 'x' }), delta, { limit: 0, standing: nothing, fetched })).toBe(false);
  });

  test.each<[string, Json | undefined, number]>([
    ['is not there', undefined, 0],
    ['stands as a value', 'x'.repeat(998), 1_000],
    ['lies behind a pointer', { type: 's3_reference', s3_path: 's3://b/x', size_bytes: 1_000 }, 1_000],
    [
      'lies behind a pointer that says another size',
      { type: 's3_reference', s3_path: 's3://b/x', size_bytes: 1 },
      1_000,
    ],
    ['lies behind a pointer that says no size', { type: 's3_reference', s3_path: 's3://b/x' }, 1_000],
  ])('counts a field that is reduced as the value it becomes: one that %s', (_what, value, bytes) => {
    const delta: Delta = [{ op: 'reduce', field: 'log', reducer: 'append', value: [] }];
    const together = byteSizeOf({}) + byteSizeOf(delta) + bytes;
    expect(needsFold(kept(), delta, { limit: together, standing: () => value, fetched })).toBe(false);
    expect(needsFold(kept(), delta, { limit: together - 1, standing: () => value, fetched })).toBe(true);
  });
});
