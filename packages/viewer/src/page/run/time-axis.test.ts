import { expect, test } from '@jest/globals';
import { timeAxis } from './time-axis.ts';

const HOUR = 3_600_000;
const busy = [
  { from: 0, to: 10_000 },
  { from: 2 * HOUR, to: 2 * HOUR + 10_000 },
];

test('a long wait is a strip, and work on both sides of it keeps its room', () => {
  const axis = timeAxis(busy, { width: 400, folding: true });
  expect(axis.pieces.map(({ folded, width }) => [folded, Math.round(width)])).toEqual([
    [false, 167],
    [true, 66],
    [false, 167],
  ]);
  expect(axis.at(5_000)).toBeCloseTo(83.5);
  expect(axis.at(HOUR)).toBeCloseTo(167 + 33, 0);
  expect(axis.at(2 * HOUR + 10_000)).toBeCloseTo(400);
});

test('unfolded it is one piece, and a moment before or after it stands at its edge', () => {
  const axis = timeAxis(busy, { width: 400, folding: false });
  expect(axis.pieces).toHaveLength(1);
  expect([axis.at(-HOUR), axis.at(HOUR), axis.at(9 * HOUR)].map(Math.round)).toEqual([0, 200, 400]);
});

test('nothing that was done has no axis', () => {
  expect(timeAxis([], { width: 400, folding: true }).pieces).toEqual([]);
});
