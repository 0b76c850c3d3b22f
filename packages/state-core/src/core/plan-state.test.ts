import { describe, expect, test } from '@jest/globals';
import type { Json, JsonObject } from '@statebag/contracts';
import { isFieldPointer, isStatePointer } from '@statebag/contracts/pointers';
import { CONTEXT, frozen, textOf } from '../../test/build.ts';
import { byteSizeOf } from './canonical-json.ts';
import { movedBytes, sizedFields, totalBytes } from './plan-fields.ts';
import { planState, statePointer } from './plan-state.ts';
import { fieldPointer, planWrite } from './planned-write.ts';

const LIMIT = CONTEXT.thresholds.inlineState;
const FACTS = { guardrail_verified: false, batch_count_actual: 1 };

function plan(state: JsonObject, written: readonly string[] = []) {
  return planState(frozen(state), { ...CONTEXT, written: new Set(written), facts: FACTS });
}

function movedOf(state: object): string[] {
  return Object.entries(state)
    .filter(([, value]) => isFieldPointer(value))
    .map(([name]) => name);
}

/** A field's value that makes it take exactly so many bytes, its name, colon and comma included. */
function valueTaking(name: string, bytes: number): string {
  return 'v'.repeat(bytes - byteSizeOf({ [name]: '' }) + 1);
}

/** The values in each object that is stored. */
function storedOf({ writes }: ReturnType<typeof plan>): Json[][] {
  return writes.map(({ values }) => values.map(({ text }): Json => JSON.parse(String(text))));
}

/** A state of one field that takes exactly so many bytes. */
function stateOf(bytes: number): JsonObject {
  return { field: textOf(bytes - '{"field":""}'.length) };
}

describe('planning what leaves a state', () => {
  test.each([
    [-1, []],
    [0, []],
    [1, ['field']],
  ])('at the limit %i byte: what leaves is %j', (over, moved) => {
    const { state } = plan(stateOf(LIMIT + over));
    expect(movedOf(state)).toEqual(moved);
  });

  test('leaves a state that fits as it is, the very same object', () => {
    const state = { a: [1], b: textOf(5_000) };
    expect(plan(state)).toEqual({
      state,
      state_s3_path: null,
      writes: [],
      bytes: byteSizeOf(state),
    });
    expect(plan(state).state).toBe(state);
  });

  test('moves the largest field and no more than that', () => {
    const { state, writes } = plan({ small: textOf(500), large: textOf(9_000), middle: textOf(6_000) });
    expect(movedOf(state)).toEqual(['large']);
    expect(writes).toHaveLength(1);
  });

  test('moves equal sizes in name order', () => {
    expect(movedOf(plan({ b: textOf(6_500), a: textOf(6_500) }).state)).toEqual(['a']);
  });

  test('packs small cold fields together, smallest first', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`f${index}`, textOf(1_000 + index * 100, index)]),
    );
    const { state, writes } = plan({ ...fields, kept: textOf(1_400) });
    expect(movedOf(state)).toEqual(['f0', 'f1', 'f2']);
    expect(writes).toHaveLength(1);
    expect(
      Object.values(state)
        .filter(isFieldPointer)
        .map(({ offset, s3_path }) => [offset, s3_path]),
    ).toEqual([0, 1_002, 2_104].map((offset) => [offset, writes[0]?.uri]));
  });

  test('does not pack a field that was just written while cold ones are enough', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`f${index}`, textOf(1_000 + index * 100, index)]),
    );
    expect(movedOf(plan({ ...fields, kept: textOf(1_400) }, ['f0', 'f1']).state)).toEqual(['f2', 'f3', 'f4']);
  });

  test('keeps inline a field that is smaller than its own pointer', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 20 }, (_, index) => [`f${index}`, textOf(300, index)]),
    );
    expect(movedOf(plan({ ...fields, large: textOf(8_000) }).state)).toEqual(['large']);
  });

  test('puts everything behind an index when pointers alone are too much', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`f${index}`, textOf(index % 2 ? 300 : 5_000, index)]),
    );
    const { state, writes } = plan(fields);
    expect(isStatePointer(state) && state.__original_size_kb).toBeGreaterThan(9);
    expect(writes).toHaveLength(1);
  });

  test('an index keeps the small fields as values, and says what the whole state took', () => {
    const small = Object.fromEntries(
      Array.from({ length: 60 }, (_, index) => [`f${index}`, textOf(500, index)]),
    );
    const { state, writes } = plan({ ...small, large: textOf(5_000) });
    expect(writes).toHaveLength(1);
    // it is an index of fields
    const index = storedOf(plan({ ...small, large: textOf(5_000) }))[0]?.[1] as JsonObject;
    expect(index).toMatchObject(small);
    expect(movedOf(index)).toEqual(['large']);
    expect(isStatePointer(state) && state).toMatchObject({
      __s3_path: writes[0]?.uri,
      __original_size_kb: Math.ceil(byteSizeOf(index) / 1_024),
      offset: expect.any(Number),
      length: expect.any(Number),
    });
  });

  test.each([
    [0, false],
    [1, true],
  ])('what cannot leave takes %i byte too much: an index %s', (over, isIndex) => {
    const fixed = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`f${index}`, textOf(index < 39 ? 291 : 10, index)]),
    );
    const room = LIMIT - totalBytes(sizedFields(fixed)) - movedBytes('large', CONTEXT) + over;
    const { state } = plan({ ...fixed, filler: valueTaking('filler', room), large: textOf(5_000) });
    expect(room).toBeLessThan(movedBytes('filler', CONTEXT));
    expect(isStatePointer(state)).toBe(isIndex);
  });

  test.each([
    [0, ['large']],
    [1, ['large', 'middle']],
  ])('moves a second large field where the first leaves %i byte too much: %j', (over, moved) => {
    const alone = byteSizeOf(plan({ large: textOf(20_000) }).state);
    expect(
      movedOf(plan({ large: textOf(20_000), middle: valueTaking('middle', LIMIT - alone + over) }).state),
    ).toEqual(moved);
  });

  test.each([
    [0, []],
    [1, ['small']],
  ])('packs a small field where the large one leaves %i byte too much: %j', (over, moved) => {
    const alone = byteSizeOf(plan({ large: textOf(20_000) }).state);
    const half = Math.floor((LIMIT - alone) / 4);
    const rest = LIMIT - alone - 3 * half + over;
    const fields = {
      a: valueTaking('a', half + 10),
      b: valueTaking('b', half + 10),
      c: valueTaking('c', half + 10),
      small: valueTaking('small', rest - 30),
    };
    expect(movedOf(plan({ large: textOf(20_000), ...fields }).state)).toEqual(['large', ...moved]);
  });

  test.each([
    [0, ['a']],
    [1, ['b']],
  ])('a field %i byte over the limit of small ones leaves before they do: %j', (over, moved) => {
    const { packField } = CONTEXT.thresholds;
    const fields = { b: valueTaking('b', packField + over), a: valueTaking('a', 3_000) };
    const filler = Object.fromEntries(
      Array.from({ length: 22 }, (_, index) => [`f${index}`, textOf(290, index)]),
    );
    expect(movedOf(plan({ ...fields, ...filler }).state)).toEqual(moved);
  });

  test.each([
    [6, false],
    [7, true],
  ])('%i pointers travel behind an index: %s', (count, isIndex) => {
    const fields = Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`f${index}`, textOf(31_000, index)]),
    );
    const { state, writes } = plan(fields);
    expect([isStatePointer(state), writes.length]).toEqual([isIndex, 1]);
  });

  test('packs no more than what frees enough, to the byte', () => {
    const fields = Object.fromEntries(['a', 'b', 'c', 'd'].map((name) => [name, valueTaking(name, 2_900)]));
    const freed = 2_900 - movedBytes('a', CONTEXT);
    const filler = (over: number) => ({
      ...fields,
      filler: valueTaking('filler', LIMIT - 11_601 + freed + over),
    });
    expect(movedOf(plan(filler(0)).state)).toEqual(['a']);
    expect(movedOf(plan(filler(1)).state)).toEqual(['a', 'b']);
  });

  test('packs what was written just now last, and of that the largest first', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`f${index}`, textOf(1_500 + index * 100, index)]),
    );
    expect(movedOf(plan(fields, Object.keys(fields)).state)).toEqual(['f6', 'f7', 'f8']);
    const [cold, hot] = [['f3'], Object.keys(fields).filter((name) => name !== 'f3')];
    expect(movedOf(plan(fields, hot).state)).toEqual([...cold, 'f7', 'f8']);
  });

  test('packs nothing a second time, neither what left by itself nor what left cold', () => {
    const fields = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`f${index}`, textOf(1_500 + index * 100, index)]),
    );
    const large = { ...fields, large: textOf(20_000) };
    const sizesOf = (planned: ReturnType<typeof plan>) =>
      storedOf(planned).map((values) => values.map((value) => String(value).length));
    expect(sizesOf(plan(large, Object.keys(large)))).toEqual([[20_000, 2_300, 2_200, 2_100]]);
    expect(sizesOf(plan(fields, Object.keys(fields).slice(0, 8)))).toEqual([[2_300, 2_200, 2_100]]);
  });

  test('packs neither pointers nor what is smaller than one, in any order they come', () => {
    const pointer = fieldPointer(planWrite('stored', 'blobs', CONTEXT), CONTEXT.now);
    const fields = Object.fromEntries(
      Array.from({ length: 9 }, (_, index) => [`f${index}`, textOf(2_200 - index * 100, index)]),
    );
    const { state, writes } = plan({ pointer, tiny: 'x', ...fields });
    expect(state).toMatchObject({ pointer, tiny: 'x' });
    expect(movedOf(state)).toEqual(['pointer', 'f5', 'f6', 'f7', 'f8']);
    expect(writes.map(({ values }) => values.length)).toEqual([4]);
  });

  test('never leaves more inline than the limit', () => {
    for (let count = 1; count < 70; count += 1) {
      const fields = Object.fromEntries(
        Array.from({ length: count }, (_, index) => [`field-${index}`, textOf((index * 977) % 6_000, index)]),
      );
      expect(byteSizeOf(plan(fields).state)).toBeLessThanOrEqual(LIMIT);
    }
  });

  test('moves a field over the field limit even where there is room for it', () => {
    const thresholds = { ...CONTEXT.thresholds, inlineState: 100_000, wholeState: 200_000 };
    const { state } = planState(
      { large: textOf(30_721), fits: textOf(30_700) },
      { ...CONTEXT, thresholds, written: new Set(), facts: FACTS },
    );
    expect(movedOf(state)).toEqual(['large']);
  });

  test.each([
    [0, []],
    [1, ['f']],
  ])('a field %i byte over the field limit: what leaves is %j', (over, moved) => {
    const thresholds = { ...CONTEXT.thresholds, inlineState: 100_000, wholeState: 200_000 };
    const state = { kept: 1, f: valueTaking('f', thresholds.field + over) };
    expect(
      movedOf(planState(state, { ...CONTEXT, thresholds, written: new Set(), facts: FACTS }).state),
    ).toEqual(moved);
  });

  test('a pointer to a whole state carries the facts that readers of old look for', () => {
    const scheduling_summary = { total_batches: 1, priority: null, total_items: 2 } as never;
    const index = planWrite({ f: 1 }, 'blobs', CONTEXT);
    const facts = { guardrail_verified: true, batch_count_actual: 7 };
    expect(
      statePointer(fieldPointer(index, CONTEXT.now), {
        bytes: 1_025,
        facts: { ...facts, scheduling_summary },
      }),
    ).toEqual({
      __s3_offloaded: true,
      __s3_path: index.uri,
      __original_size_kb: 2,
      sha256: index.sha256,
      encoding: 'json',
      ...facts,
      scheduling_summary,
    });
    expect(statePointer(fieldPointer(index, CONTEXT.now), { bytes: 1, facts }).scheduling_summary).toBeNull();
  });

  test.each([
    [4_093, 'json', '.json'],
    [4_094, 'json+zstd', '.json.zst'],
  ])('writes a text of %i characters and two quotes as %s', (length, encoding, ending) => {
    const thresholds = { ...CONTEXT.thresholds, inlineState: 1_000, packField: 100 };
    const { state } = planState(
      { text: 'a'.repeat(length) },
      { ...CONTEXT, thresholds, written: new Set(), facts: FACTS },
    );
    expect(state).toMatchObject({
      text: {
        encoding,
        s3_path: expect.stringMatching(new RegExp(`/[0-9a-f]{64}\\${ending}$`)),
        size_bytes: length + 2,
      },
    });
  });
});
