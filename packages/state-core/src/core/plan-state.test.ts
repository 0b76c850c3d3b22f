import { describe, expect, test } from '@jest/globals';
import { isFieldPointer, isStatePointer, type JsonObject } from '@statebag/contracts';
import { CONTEXT, frozen, textOf } from '../../test/build.ts';
import { byteSizeOf } from './canonical-json.ts';
import { planState } from './plan-state.ts';

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
    expect(plan(state)).toEqual({ state, writes: [], bytes: byteSizeOf(state) });
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
    const fields = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`f${index}`, textOf(1_000 + index * 100, index)]));
    const { state, writes } = plan({ ...fields, kept: textOf(1_400) });
    expect(movedOf(state)).toEqual(['f0', 'f1', 'f2']);
    expect(writes).toHaveLength(1);
    expect(
      Object.values(state)
        .filter(isFieldPointer)
        .map(({ pack_key, s3_path }) => [pack_key, s3_path]),
    ).toEqual(['f0', 'f1', 'f2'].map((name) => [name, writes[0]?.uri]));
  });

  test('does not pack a field that was just written while cold ones are enough', () => {
    const fields = Object.fromEntries(Array.from({ length: 9 }, (_, index) => [`f${index}`, textOf(1_000 + index * 100, index)]));
    expect(movedOf(plan({ ...fields, kept: textOf(1_400) }, ['f0', 'f1']).state)).toEqual(['f2', 'f3']);
  });

  test('keeps inline a field that is smaller than its own pointer', () => {
    const fields = Object.fromEntries(Array.from({ length: 20 }, (_, index) => [`f${index}`, textOf(300, index)]));
    expect(movedOf(plan({ ...fields, large: textOf(8_000) }).state)).toEqual(['large']);
  });

  test('puts everything behind an index when pointers alone are too much', () => {
    const fields = Object.fromEntries(Array.from({ length: 60 }, (_, index) => [`f${index}`, textOf(index % 2 ? 300 : 5_000, index)]));
    const { state, writes } = plan(fields);
    expect(isStatePointer(state) && state.__original_size_kb).toBeGreaterThan(9);
    expect(writes).toHaveLength(31);
  });

  test('never leaves more inline than the limit', () => {
    for (let count = 1; count < 70; count += 1) {
      const fields = Object.fromEntries(Array.from({ length: count }, (_, index) => [`field-${index}`, textOf((index * 977) % 6_000, index)]));
      expect(byteSizeOf(plan(fields).state)).toBeLessThanOrEqual(LIMIT);
    }
  });

  test('moves a field over the field limit even where there is room for it', () => {
    const thresholds = { ...CONTEXT.thresholds, inlineState: 100_000, wholeState: 200_000 };
    const { state } = planState({ large: textOf(30_721), fits: textOf(30_700) }, { ...CONTEXT, thresholds, written: new Set(), facts: FACTS });
    expect(movedOf(state)).toEqual(['large']);
  });

  test.each([
    [4_093, 'json', '.json'],
    [4_094, 'json+zstd', '.json.zst'],
  ])('writes a text of %i characters and two quotes as %s', (length, encoding, ending) => {
    const thresholds = { ...CONTEXT.thresholds, inlineState: 1_000, packField: 100 };
    const { state } = planState({ text: 'a'.repeat(length) }, { ...CONTEXT, thresholds, written: new Set(), facts: FACTS });
    expect(state).toMatchObject({ text: { encoding, s3_path: expect.stringMatching(new RegExp(`/[0-9a-f]{64}\\${ending}$`)), size_bytes: length + 2 } });
  });
});
