import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import { CONTEXT, frozen, storedText, textOf } from '../../test/build.ts';
import { byteSizeOf } from './canonical-json.ts';
import { escapedOnce, isMovable, largestFirst, movedBytes, packOut, type SizedField, sizedFields, smallestFirst, totalBytes } from './plan-fields.ts';
import { fieldPointer, planWrite } from './planned-write.ts';

const pointer = fieldPointer(planWrite('value', 'blobs', CONTEXT), CONTEXT.now);
const field = (name: string, bytes: number): SizedField => ({ name, value: null, bytes });

/** The one field of a state, so large that it takes exactly so many bytes. */
function fieldOf(name: string, bytes: number): SizedField[] {
  return sizedFields({ [name]: 'v'.repeat(bytes - byteSizeOf({ [name]: '' }) + 1) });
}

describe('the size of fields', () => {
  test.each<JsonObject>([{}, { a: 1 }, { a: 'é', 'ö"': [1, { b: null }], c: {} }])('of %j adds up to what JSON takes', (state) => {
    expect(totalBytes(sizedFields(state))).toBe(byteSizeOf(state));
  });

  test.each([
    ['b', 'o', 'e', 'f'],
    ['a-long-bucket', 'o', 'e', 'name "with" marks'],
    ['b', 'a-long-owner', 'e', 'ö'],
    ['b', 'o', 'a-long-execution', 'f'],
  ])('that move is known before they are moved: bucket %s, owner %s, run %s, field %s', (bucket, owner_id, execution_id, name) => {
    const context = { ...CONTEXT, location: { bucket, owner_id, execution_id } as typeof CONTEXT.location };
    const write = planWrite(textOf(9_000), 'blobs', context);
    const widest = fieldPointer(write, CONTEXT.now, { name, size: 99_999_999_999 });
    expect(widest.encoding).toBe('json+zstd');
    expect(movedBytes(name, context)).toBe(byteSizeOf(name) + byteSizeOf(widest) + 2 + 1);
  });

  test('decides which may move: those larger than their pointer, and no pointer', () => {
    const limit = movedBytes('f', CONTEXT);
    const movable = [...fieldOf('f', limit), ...fieldOf('f', limit + 1)].map((one) => isMovable(one, CONTEXT));
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

describe('a pack', () => {
  const values: JsonObject = { a: textOf(2_000), b: { __escaped: { __deleted: true, text: textOf(2_000, 1) } }, kept: 1 };
  const plan = frozen({ fields: values, bytes: byteSizeOf(values), writes: [] });
  const members = sizedFields(values).slice(0, 2);

  test('holds its members without our escape, and every member knows its name and size', () => {
    const { fields, writes, bytes } = packOut(plan, members, CONTEXT);
    expect(writes.map((write) => JSON.parse(storedText(write)))).toEqual([{ a: values['a'], b: { __deleted: true, text: textOf(2_000, 1) } }]);
    expect(writes[0]?.uri).toContain('/run-1/blobs/');
    expect(fields).toMatchObject({
      a: { pack_key: 'a', size_bytes: 2_002, s3_path: writes[0]?.uri },
      b: { pack_key: 'b', size_bytes: byteSizeOf({ __deleted: true, text: textOf(2_000, 1) }), s3_path: writes[0]?.uri },
      kept: 1,
    });
    expect(bytes).toBe(byteSizeOf(fields));
  });

  test('of one field is that field by itself; of none, nothing', () => {
    const { fields, writes } = packOut(plan, members.slice(1), CONTEXT);
    expect(fields['b']).not.toHaveProperty('pack_key');
    expect(writes.map((write) => JSON.parse(storedText(write)))).toEqual([{ __deleted: true, text: textOf(2_000, 1) }]);
    expect(packOut(plan, [], CONTEXT)).toBe(plan);
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
