import { expect, test } from '@jest/globals';
import { cellsOf, gridOf } from './item-cells.ts';

test('failed items stand first, what was not reached last, and each cell knows its item', () => {
  const cells = cellsOf({ total: 6, begun: 5, failed: 2, first_failed: [1, 3] });
  const places = [0, 1, 2, 3, 4, 5];
  expect(places.map(cells.state)).toEqual(['fail', 'fail', 'ok', 'ok', 'ok', 'pend']);
  expect(places.map(cells.item)).toEqual([1, 3, 0, 2, 4, 5]);
  expect(places.map((place) => cells.place(cells.item(place) ?? -1))).toEqual(places);
});

test('where only the first failed items are known, no cell claims to be one of the others', () => {
  const cells = cellsOf({ total: 100, begun: 100, failed: 50, first_failed: [7, 9] });
  expect([cells.item(1), cells.item(2), cells.item(60), cells.place(3)]).toEqual([9, null, null, null]);
});

test('ten thousand items fit the width of a panel, and a few are large enough to be hit', () => {
  const { size, columns, rows, each } = gridOf(10_000, 320);
  expect(columns * rows * each).toBeGreaterThanOrEqual(10_000);
  expect(size * rows).toBeLessThan(100);
  expect(gridOf(40, 320)).toMatchObject({ size: 11, each: 1 });
});
