import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import type { ReducerName } from '@statebag/contracts/statuses';
import { frozen } from '../../../test/build.ts';
import { joinLegacyBranches, type LegacyState } from './join-legacy-branches.ts';

const state = (values: JsonObject, standing: JsonObject = values): LegacyState =>
  frozen({ standing, values });
const POINTER = { type: 's3_reference', s3_path: 's3://state/x' };

function joined(
  base: JsonObject,
  branches: readonly JsonObject[],
  reducers: { readonly [field: string]: ReducerName } = {},
): JsonObject {
  const { standing, values } = joinLegacyBranches(
    state(base),
    branches.map((branch) => state(branch)),
    reducers,
  );
  expect(standing).toEqual(values);
  return values;
}

describe('joining branches of the first generation', () => {
  test('takes what each branch changed, the last one where several did, and nothing else', () => {
    expect(
      joined({ a: 1, b: 1, c: 1 }, [
        { a: 2, b: 1, c: 2 },
        { a: 1, b: 1, c: 3 },
      ]),
    ).toEqual({ a: 2, b: 1, c: 3 });
  });

  test('takes away what a branch took away, and takes in what it added', () => {
    expect(joined({ a: 1, b: 1 }, [{ b: 1, n: null }])).toStrictEqual({ b: 1, n: null });
  });

  test('does not take a value of another key order for a change', () => {
    const base = state({ a: { x: 1, y: 2 } });
    expect(joinLegacyBranches(base, [state({ a: { y: 2, x: 1 } })], {})).toBe(base);
  });

  test('tells a field that is null from one that is absent', () =>
    expect(joined({}, [{ a: null }])).toStrictEqual({ a: null }));

  test('takes fields in name order, whatever order a branch has them in', () => {
    expect(Object.keys(joined({}, [{ b: 1, a: 1 }]))).toEqual(['a', 'b']);
  });

  test('leaves a pointer standing where a branch has one, and knows its value', () => {
    const result = joinLegacyBranches(
      state({ a: 1, kept: 'x' }, { a: 1, kept: POINTER }),
      [state({ a: 'long', kept: 'x' }, { a: POINTER })],
      {},
    );
    expect(result).toEqual({ standing: { a: POINTER, kept: POINTER }, values: { a: 'long', kept: 'x' } });
  });

  test.each<[ReducerName, unknown, unknown[], unknown]>([
    [
      'append',
      [1],
      [
        [1, 2],
        [1, 3],
      ],
      [1, 2, 3],
    ],
    ['append', [1], [[9], [1, 3]], [1, 9, 3]],
    ['append', [1, 2], [[1]], [1, 2, 1]],
    ['append', undefined, [[1], [2]], [1, 2]],
    ['append', undefined, ['x', 'y'], ['x', 'y']],
    ['sum', 10, [12, 15], 17],
    ['sum', undefined, [2, 3], 5],
    ['max', 1, [5, 3], 5],
    ['min', 9, [5, 7], 5],
    [
      'set_union',
      [1],
      [
        [1, 2],
        [1, 2, 3],
      ],
      [1, 2, 3],
    ],
    [
      'dedupe_append',
      [1],
      [
        [1, 2],
        [1, 2, 3],
      ],
      [1, 2, 3],
    ],
  ])('%s of %j and what the branches made of it, %j, is %j', (reducer, base, branches, expected) => {
    const field = (value: unknown) => (value === undefined ? {} : { f: value }) as JsonObject;
    expect(joined(field(base), branches.map(field), { f: reducer })).toEqual({ f: expected });
  });

  test('replaces what only has the name of a list', () => {
    expect(joined({ a_results: 'text' }, [{ a_results: ['x'] }], { a_results: 'append' })).toEqual({
      a_results: ['x'],
    });
    expect(joined({}, [{ a_results: ['x'] }, { a_results: ['y'] }], { a_results: 'append' })).toEqual({
      a_results: ['x', 'y'],
    });
    expect(joined({}, [{ a_results: 'x' }], { a_results: 'append' })).toEqual({ a_results: ['x'] });
    expect(() => joined({ plain: 'text' }, [{ plain: ['x'] }], { plain: 'append' })).toThrow(
      expect.objectContaining({ name: 'Reducer.TypeMismatch' }),
    );
    expect(joined({ a_results: 1 }, [{ a_results: 3 }], { a_results: 'sum' })).toEqual({ a_results: 3 });
    expect(joined({ a_results: 4 }, [{ a_results: 3 }], { a_results: 'max' })).toEqual({ a_results: 4 });
  });

  test('finds no reducer that is only inherited', () =>
    expect(joined({ toString: 1 }, [{ toString: 2 }])).toEqual({ toString: 2 }));
});
