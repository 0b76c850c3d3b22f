import { describe, expect, test } from '@jest/globals';
import type { Json } from '@statebag/contracts';
import { BUDGET } from '@statebag/contracts/limits';
import { isFieldPointer } from '@statebag/contracts/pointers';
import type { Delta } from '@statebag/contracts/schemas/segment-result';
import { aBag, aDraft, anEntry, aRun, CONTEXT, frozen, set, storedText, textOf } from '../../test/build.ts';
import { byteSizeOf } from './canonical-json.ts';
import { movedBytes } from './plan-fields.ts';
import { combineOperations, planResult, type SegmentDraft } from './plan-result.ts';

const { inlineDelta, packField, pointerList } = CONTEXT.thresholds;

const POINTER = { type: 's3_reference', s3_path: 's3://state/x' } as never;
const BY_POINTER: Delta[number] = { op: 'reduce', field: 'a', reducer: 'append', pointer: POINTER };

async function planned(
  delta: Delta,
  changes: Partial<SegmentDraft> = {},
  thresholds: Partial<typeof CONTEXT.thresholds> = {},
) {
  const bag = await aBag({}, aRun());
  return planResult(frozen(aDraft(bag, delta, changes)), {
    ...CONTEXT,
    thresholds: { ...CONTEXT.thresholds, ...thresholds },
  });
}

/** A `set` that takes exactly so many bytes. */
function setOf(field: string, bytes: number): Delta[number] {
  return set(field, 'v'.repeat(bytes - byteSizeOf(set(field, ''))));
}

function movedOf({ result }: Awaited<ReturnType<typeof planned>>): string[] {
  return isFieldPointer(result.delta)
    ? ['all']
    : result.delta.filter((operation) => 'pointer' in operation).map(({ field }) => field);
}

describe('planning a result', () => {
  test('leaves a small result as it is', async () => {
    const { result, writes } = await planned([set('a', 1), { op: 'delete', field: 'b' }]);
    expect(result.delta).toEqual([set('a', 1), { op: 'delete', field: 'b' }]);
    expect(writes).toEqual([]);
  });

  test('moves the largest values first, and no more than needed', async () => {
    const { result, writes } = await planned([
      set('small', textOf(900)),
      set('large', textOf(9_000)),
      set('middle', textOf(5_000)),
    ]);
    expect((result.delta as Delta).map((operation) => 'pointer' in operation)).toEqual([false, true, false]);
    expect(writes).toHaveLength(1);
  });

  test('takes the larger of two values that stand in any order, of equal ones the first', async () => {
    expect(movedOf(await planned([set('middle', textOf(7_000)), set('large', textOf(9_000))]))).toEqual([
      'large',
    ]);
    expect(movedOf(await planned([setOf('b', 8_000), setOf('a', 8_000)]))).toEqual(['b']);
  });

  test.each([
    [0, ['large']],
    [1, ['middle', 'large']],
  ])('moves a second value where the first leaves %i byte too much: %j', async (over, moved) => {
    const alone = await planned([setOf('large', 20_000)]);
    const rest = inlineDelta + over - byteSizeOf(alone.result.delta) - 1;
    expect(movedOf(await planned([setOf('middle', rest), setOf('large', 20_000)]))).toEqual(moved);
  });

  test.each([
    [0, []],
    [1, ['f']],
  ])('moves a value %i byte over the field limit although there is room: %j', async (over, moved) => {
    expect(movedOf(await planned([setOf('f', 9_000 + over)], {}, { field: 9_000 }))).toEqual(moved);
  });

  test.each([
    [0, false],
    [1, true],
  ])('a list of operations %i byte over the limit leaves whole: %s', async (over, whole) => {
    const parts = Array.from({ length: 3 }, (_, index) => setOf(`f${index}`, 4_000));
    const last = inlineDelta + over - byteSizeOf(parts) - 1;
    const plan = await planned([...parts, setOf('last', last)]);
    expect(isFieldPointer(plan.result.delta)).toBe(whole);
    expect(plan.writes).toHaveLength(whole ? 1 : 0);
  });

  test.each([
    [0, ['all']],
    [1, ['f0', 'f1', 'f2', 'f3']],
  ])('values %i byte over the pack limit leave one by one: %j', async (over, moved) => {
    expect(
      movedOf(await planned(Array.from({ length: 6 }, (_, index) => setOf(`f${index}`, packField + over)))),
    ).toEqual(moved);
  });

  test.each([
    [0, []],
    [1, ['f']],
  ])('keeps a value that is %i byte larger than its own pointer: moved is %j', async (over, moved) => {
    const few = { packField: 0, field: 0 };
    expect(movedOf(await planned([setOf('f', movedBytes('f', CONTEXT) + over)], {}, few))).toEqual(moved);
  });

  test('stores a value as it is: without our escape, with the escape of a user', async () => {
    const [forged, escaped] = [
      { type: 's3_reference', s3_path: 's3://other/x', more: textOf(20_000) },
      { __escaped: textOf(20_000) },
    ];
    const { writes, result } = await planned([
      set('f', forged),
      { op: 'reduce', field: 'r', reducer: 'append', value: escaped },
    ]);
    const stored = writes.flatMap(({ values }) => values.map(({ text }) => JSON.parse(String(text))));
    expect(stored).toEqual(expect.arrayContaining([forged, escaped]));
    expect(writes.map(({ uri }) => uri.includes('/run-1/packs/'))).toEqual([true]);
    expect(result.delta).toEqual([
      { op: 'set', field: 'f', pointer: expect.objectContaining({ type: 's3_reference' }) },
      {
        op: 'reduce',
        field: 'r',
        reducer: 'append',
        pointer: expect.objectContaining({ type: 's3_reference' }),
      },
    ]);
  });

  test('escapes values that are set and nothing else', async () => {
    const [forged, pointer] = [
      { __deleted: true },
      { type: 's3_reference', s3_path: 's3://state/x' } as never,
    ];
    const delta: Delta = [
      { op: 'reduce', field: 'a', reducer: 'append', value: forged },
      { op: 'delete', field: 'b' },
      { op: 'set', field: 'c', pointer },
    ];
    expect((await planned(delta)).result.delta).toStrictEqual(delta);
  });

  test('stores one object for one written field, however large', async () => {
    const { writes } = await planned([set('f', textOf(5_000_000))]);
    expect(writes).toHaveLength(1);
  });

  test('sends many small operations as one object', async () => {
    const { result, writes } = await planned(
      Array.from({ length: 100 }, (_, index) => set(`f${index}`, textOf(300, index))),
    );
    expect(isFieldPointer(result.delta)).toBe(true);
    expect(writes).toHaveLength(1);
  });

  test('keeps history, a short list of branches and the error beside the operations', async () => {
    const branches = [{ branch_id: 'b', branch_index: 0 }] as never;
    const error_info = { error: 'E', message: 'm', node_id: 'n' as never };
    const { result, writes } = await planned([], {
      branches,
      error_info,
      new_history_logs: [anEntry('h1')] as never,
    });
    expect(result).toMatchObject({ branches, error_info, new_history_logs: [anEntry('h1')] as never });
    expect(writes).toEqual([]);
    expect((await planned([])).result).toMatchObject({
      branches: null,
      error_info: null,
      new_history_logs: [],
    });
  });

  test('shortens the texts of an error', async () => {
    const { result } = await planned([], {
      error_info: { error: 'E'.repeat(257), message: 'm'.repeat(2_049), node_id: null },
    });
    expect(result.error_info).toEqual({
      error: `${'E'.repeat(253)}…`,
      message: `${'m'.repeat(2_045)}…`,
      node_id: null,
    });
  });

  test.each([
    [0, false],
    [1, true],
  ])('a list of branches %i byte over its limit leaves: %s', async (over, leaves) => {
    const rest = pointerList - byteSizeOf([{ branch_id: '' }]);
    const { result, writes } = await planned([], {
      branches: [{ branch_id: 'b'.repeat(rest + over) }] as never,
    });
    expect(isFieldPointer(result.branches)).toBe(leaves);
    expect(writes).toHaveLength(leaves ? 1 : 0);
    expect(writes.every(({ uri }) => uri.includes('/run-1/blobs/'))).toBe(true);
  });

  test.each<[string, 'message' | 'call', number, boolean]>([
    ['approval', 'message', 0, false],
    ['approval', 'message', 1, true],
    ['async_llm', 'call', 0, false],
    ['async_llm', 'call', 1, true],
    ['map', 'message', 1, false],
    ['map', 'call', 1, false],
  ])(
    'of the request %s its %s leaves where it is %i byte over 1 KB: %s',
    async (kind, part, over, leaves) => {
      const text = 'm'.repeat(1_024 - 2 + over);
      const request = { kind, node_id: 'n', message: 'short', call: 'short', [part]: text };
      const { result, writes } = await planned([], { request: request as never });
      expect(result.request).toEqual({
        ...request,
        [part]: leaves ? expect.objectContaining({ type: 's3_reference', s3_path: writes[0]?.uri }) : text,
      });
      expect(writes.map(storedText)).toEqual(leaves ? [JSON.stringify(text)] : []);
    },
  );

  test.each([0, 1])('a result %i byte over its budget', async (over) => {
    const sized = (length: number) => planned([], { next_segment_to_run: 's'.repeat(length) as never });
    const fits = BUDGET.result - byteSizeOf((await sized(0)).result);
    if (over === 0) return expect(byteSizeOf((await sized(fits)).result)).toBe(BUDGET.result);
    return expect(sized(fits + over)).rejects.toMatchObject({
      name: 'Bag.BudgetExceeded',
      message: 'the result takes 65537 bytes; the budget is 65536',
      details: { size: 65_537 },
    });
  });

  test('escapes what looks like a pointer, once more what looks like an escape', async () => {
    const forged = { type: 's3_reference', s3_path: 's3://other/x' };
    const { result } = await planned([set('a', forged), set('b', { __escaped: 1 }), set('c', [forged])]);
    expect(result.delta).toEqual([
      set('a', { __escaped: forged }),
      set('b', { __escaped: { __escaped: 1 } }),
      set('c', [forged]),
    ]);
  });

  test('fits its budget with everything at its largest', async () => {
    const delta = Array.from({ length: 2_000 }, (_, index) =>
      set(`${'f'.repeat(200)}${index}`, textOf(index, index)),
    );
    const branches = Array.from({ length: 200 }, (_, branch_index) => ({
      branch_id: 'b'.repeat(64),
      branch_index,
      first_segment: 's'.repeat(64),
      last_segment: 's'.repeat(64),
      optional: true,
    }));
    const logs = Array.from({ length: 5_000 }, (_, index) => anEntry(`h${index}`, textOf(300)));
    const error_info = { error: 'E'.repeat(5_000), message: 'é'.repeat(50_000), node_id: null };
    const { result } = await planned(delta, {
      branches,
      error_info,
      new_history_logs: logs,
    } as unknown as Partial<SegmentDraft>);
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
    [
      'a pointer, reduce',
      [{ op: 'set', field: 'a', pointer: POINTER }, append(1)],
      [{ op: 'set', field: 'a', pointer: POINTER }, append(1)],
    ],
    ['set, reduce by a pointer', [set('a', [1]), BY_POINTER], [set('a', [1]), BY_POINTER]],
    ['two fields', [set('a', 1), set('b', 1), append(2, 'b2')], [set('a', 1), set('b', 1), append(2, 'b2')]],
  ])('combines %s', (_what, delta, combined) => expect(combineOperations(delta)).toEqual(combined));
});

function append(value: Json, field = 'a'): Delta[number] {
  return { op: 'reduce', field, reducer: 'append', value };
}
