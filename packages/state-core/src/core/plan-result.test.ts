import { describe, expect, test } from '@jest/globals';
import { BUDGET, type Delta, isFieldPointer, type Json } from '@statebag/contracts';
import { aBag, aDraft, anEntry, aRun, CONTEXT, frozen, set, textOf } from '../../test/build.ts';
import { byteSizeOf } from './canonical-json.ts';
import { combineOperations, planResult, type SegmentDraft } from './plan-result.ts';

async function planned(delta: Delta, changes: Partial<SegmentDraft> = {}) {
  const bag = await aBag({}, aRun());
  return planResult(frozen(aDraft(bag, delta, changes)), CONTEXT);
}

describe('planning a result', () => {
  test('leaves a small result as it is', async () => {
    const { result, writes } = await planned([set('a', 1), { op: 'delete', field: 'b' }]);
    expect(result.delta).toEqual([set('a', 1), { op: 'delete', field: 'b' }]);
    expect(writes).toEqual([]);
  });

  test('moves the largest values first, and no more than needed', async () => {
    const { result, writes } = await planned([set('small', textOf(900)), set('large', textOf(9_000)), set('middle', textOf(5_000))]);
    expect((result.delta as Delta).map((operation) => 'pointer' in operation)).toEqual([false, true, false]);
    expect(writes).toHaveLength(1);
  });

  test('stores one object for one written field, however large', async () => {
    const { writes } = await planned([set('f', textOf(5_000_000))]);
    expect(writes).toHaveLength(1);
  });

  test('sends many small operations as one object', async () => {
    const { result, writes } = await planned(Array.from({ length: 100 }, (_, index) => set(`f${index}`, textOf(300, index))));
    expect(isFieldPointer(result.delta)).toBe(true);
    expect(writes).toHaveLength(1);
  });

  test('escapes what looks like a pointer, once more what looks like an escape', async () => {
    const forged = { type: 's3_reference', s3_path: 's3://other/x' };
    const { result } = await planned([set('a', forged), set('b', { __escaped: 1 }), set('c', [forged])]);
    expect(result.delta).toEqual([set('a', { __escaped: forged }), set('b', { __escaped: { __escaped: 1 } }), set('c', [forged])]);
  });

  test('fits its budget with everything at its largest', async () => {
    const delta = Array.from({ length: 2_000 }, (_, index) => set(`${'f'.repeat(200)}${index}`, textOf(index, index)));
    const branches = Array.from({ length: 200 }, (_, branch_index) => ({
      branch_id: 'b'.repeat(64),
      branch_index,
      first_segment: 's'.repeat(64),
      last_segment: 's'.repeat(64),
      optional: true,
    }));
    const logs = Array.from({ length: 5_000 }, (_, index) => anEntry(`h${index}`, textOf(300)));
    const error_info = { error: 'E'.repeat(5_000), message: 'é'.repeat(50_000), node_id: null };
    const { result } = await planned(delta, { branches, error_info, new_history_logs: logs } as unknown as Partial<SegmentDraft>);
    expect(byteSizeOf(result)).toBeLessThanOrEqual(BUDGET.result);
    expect(isFieldPointer(result.branches)).toBe(true);
    expect(Buffer.byteLength(result.error_info?.message ?? '')).toBeLessThanOrEqual(2_048);
  });

  test.each<[string, Delta, Delta]>([
    ['set, set', [set('a', 1), set('a', 2)], [set('a', 2)]],
    ['set, reduce', [set('a', [1]), append(2)], [set('a', [1, 2])]],
    ['reduce, reduce', [append(1), append(2)], [append(1), append(2)]],
    ['reduce, set', [append(1), set('a', 2)], [set('a', 2)]],
    ['delete, reduce', [{ op: 'delete', field: 'a' }, append(1)], [set('a', [1])]],
    ['set, delete', [set('a', 1), { op: 'delete', field: 'a' }], [{ op: 'delete', field: 'a' }]],
    ['two fields', [set('a', 1), set('b', 1), append(2, 'b2')], [set('a', 1), set('b', 1), append(2, 'b2')]],
  ])('combines %s', (_what, delta, combined) => expect(combineOperations(delta)).toEqual(combined));
});

function append(value: Json, field = 'a'): Delta[number] {
  return { op: 'reduce', field, reducer: 'append', value };
}
