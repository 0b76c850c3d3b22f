import { describe, expect, test } from '@jest/globals';
import type { Json } from '@statebag/contracts';
import type { ReducerName } from '@statebag/contracts/statuses';
import { reduceField } from './reduce.ts';

describe('reducers', () => {
  test.each<[ReducerName, Json | undefined, Json, Json]>([
    ['append', undefined, [1], [1]],
    ['append', [1], [1, 2], [1, 1, 2]],
    ['append', [1], 'x', [1, 'x']],
    ['append', null, 1, [1]],
    ['dedupe_append', [1, 1], [1, 2, 2], [1, 1, 2]],
    ['dedupe_append', [{ a: 1, b: 2 }], [{ b: 2, a: 1 }], [{ a: 1, b: 2 }]],
    ['set_union', [2, 2], [1, 2], [2, 1]],
    ['set_union', undefined, 1, [1]],
    ['max', undefined, 3, 3],
    ['max', 3, 2, 3],
    ['max', 3, 4, 4],
    ['max', 'b', 'a', 'b'],
    ['min', undefined, 'a', 'a'],
    ['min', 3, 2, 2],
    ['min', 3, 4, 3],
    ['max', 0, -0, 0],
    ['min', -0, 0, -0],
    ['sum', undefined, 2, 2],
    ['sum', 1, 2, 3],
  ])('%s of %j and %j is %j', (reducer, old, value, result) =>
    expect(reduceField(reducer, old, value)).toEqual(result),
  );

  test.each<[ReducerName, Json | undefined, Json, string]>([
    ['append', 'x', 1, 'reducer append needs a list, met a string'],
    ['dedupe_append', {}, 1, 'reducer dedupe_append needs a list, met a object'],
    ['set_union', 1, 1, 'reducer set_union needs a list, met a number'],
    ['max', 1, 'a', 'reducer max needs a number to compare with, met a string'],
    ['min', 'a', 1, 'reducer min needs a number to compare with, met a string'],
    ['max', undefined, null, 'reducer max needs a number or text, met null'],
    ['sum', 1, [1], 'reducer sum needs a number, met a list'],
    ['sum', '1', 1, 'reducer sum needs a number, met a string'],
    ['sum', 1.7e308, 1.7e308, 'sum left the range of numbers'],
  ])('%s of %j and %j is a type mismatch', (reducer, old, value, message) => {
    expect(() => reduceField(reducer, old, value)).toThrow(
      expect.objectContaining({ name: 'Reducer.TypeMismatch', message }),
    );
  });
});
