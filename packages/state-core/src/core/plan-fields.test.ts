import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import { CONTEXT, frozen, textOf } from '../../test/build.ts';
import { byteSizeOf } from './canonical-json.ts';
import {
  escapedOnce,
  isMovable,
  largestFirst,
  movedBytes,
  moveOut,
  placedFields,
  type SizedField,
  sizedFields,
  smallestFirst,
  totalBytes,
} from './plan-fields.ts';
import { fieldPointer, planWrite } from './planned-write.ts';

const pointer = fieldPointer(planWrite('value', 'blobs', CONTEXT), CONTEXT.now);
const field = (name: string, bytes: number): SizedField => ({ name, value: null, bytes });

/** The one field of a state, so large that it takes exactly so many bytes. */
function fieldOf(name: string, bytes: number): SizedField[] {
  return sizedFields({ [name]: 'v'.repeat(bytes - byteSizeOf({ [name]: '' }) + 1) });
}

describe('the size of fields', () => {
  test.each<JsonObject>([{}, { a: 1 }, { a: 'é', 'ö"': [1, { b: null }], c: {} }])(
    'of %j adds up to what JSON takes',
    (state) => {
      expect(totalBytes(sizedFields(state))).toBe(byteSizeOf(state));
    },
  );

  test.each([
    ['b', 'o', 'e', 'f'],
    ['a-long-bucket', 'o', 'e', 'name "with" marks'],
    ['b', 'a-long-owner', 'e', 'ö'],
    ['b', 'o', 'a-long-execution', 'f'],
  ])(
    'that move is known before they are moved: bucket %s, owner %s, run %s, field %s',
    (bucket, owner_id, execution_id, name) => {
      const context = { ...CONTEXT, location: { bucket, owner_id, execution_id } as typeof CONTEXT.location };
      const write = planWrite(textOf(9_000), 'blobs', context);
      const pointer = fieldPointer(write, CONTEXT.now);
      const most = { size_kb: 99_999_999, size_bytes: 99_999_999_999, offset: 99_999_999, length: 9_999_999 };
      expect(pointer.encoding).toBe('json+zstd');
      expect(movedBytes(name, context)).toBe(byteSizeOf(name) + byteSizeOf({ ...pointer, ...most }) + 3);
    },
  );

  test('decides which may move: those larger than their pointer, and no pointer', () => {
    const limit = movedBytes('f', CONTEXT);
    const movable = [...fieldOf('f', limit), ...fieldOf('f', limit + 1)].map((one) =>
      isMovable(one, CONTEXT),
    );
    expect(movable).toEqual([false, true]);
    expect(isMovable({ name: 'f', value: pointer, bytes: limit + 1 }, CONTEXT)).toBe(false);
  });

  test('orders them, equal ones by name, whatever order they come in', () => {
    const [small, equal, large] = [field('c', 1), field('b', 2), field('a', 2)];
    for (const fields of [
      [small, equal, large],
      [large, equal, small],
    ]) {
      expect([...fields].sort(smallestFirst).map(({ name }) => name)).toEqual(['c', 'a', 'b']);
      expect([...fields].sort(largestFirst).map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    }
  });
});

describe('a field that leaves', () => {
  const values: JsonObject = { a: { __escaped: { __deleted: true, text: textOf(2_000, 1) } }, kept: 1 };
  const plan = frozen({ fields: values, bytes: byteSizeOf(values), writes: [] });
  const [first] = sizedFields(values);
  const moved = first && moveOut(plan, first, CONTEXT);

  test('is stored without our escape, and its pointer knows its size', () => {
    const value = { __deleted: true, text: textOf(2_000, 1) };
    expect(moved?.writes.map((write) => write.values.map(({ text }) => JSON.parse(String(text))))).toEqual([
      [value],
    ]);
    expect(moved?.fields).toMatchObject({ a: { size_bytes: byteSizeOf(value) }, kept: 1 });
    expect(moved?.bytes).toBe(byteSizeOf(moved?.fields ?? null));
  });

  test('is found where its value was put, and nothing else is touched', () => {
    const data = { __escaped: pointer };
    const fields = { pointer, data, kept: 1 };
    expect(placedFields(fields, (one) => ({ ...one, offset: 7 }))).toEqual({
      pointer: { ...pointer, offset: 7 },
      data,
      kept: 1,
    });
  });
});

test.each<[Json, Json]>([
  [{ __escaped: 1 }, { __escaped: 1 }],
  [{ __escaped: 1, more: 2 }, { __escaped: { __escaped: 1, more: 2 } }],
  [{ one: 1 }, { one: 1 }],
  [{ __deleted: true }, { __escaped: { __deleted: true } }],
  ['text', 'text'],
  [null, null],
])('%j stands as %j', (value, standing) => expect(escapedOnce(value)).toEqual(standing));
