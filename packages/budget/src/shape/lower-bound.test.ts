import { expect, test } from '@jest/globals';
import { lowerBound } from './lower-bound.ts';
import { shapeOfSchema } from './schema-shape.ts';
import { bytesOf } from './shape.ts';

const listOf = (maxItems: number, maxLength: number) =>
  shapeOfSchema({ type: 'array', maxItems, items: { type: 'string', maxLength } }, 'x');

test('says how long the largest text may be, so that all of it just fits', () => {
  const found = lowerBound(listOf(10, 500), 1_000);
  expect(found).toMatchObject({ at: '/*', keyword: 'maxLength' });
  const most = found?.most ?? 0;
  expect(bytesOf(listOf(10, most))).toBeLessThanOrEqual(1_000);
  expect(bytesOf(listOf(10, most + 1))).toBeGreaterThan(1_000);
});

test('says how many members fit where the texts may be no shorter', () => {
  const found = lowerBound(listOf(1_000, 1), 500);
  expect(found).toMatchObject({ at: '', keyword: 'maxItems' });
  expect(bytesOf(listOf(found?.most ?? 0, 1))).toBeLessThanOrEqual(500);
});

test('says nothing where there is no bound to begin with', () => {
  expect(lowerBound(shapeOfSchema({ type: 'string' }, 'x'), 10)).toBeNull();
});
