import { expect, test } from '@jest/globals';
import { type BenchRow, failingRows } from './bench-row.ts';
import { renderRows } from './render-rows.ts';

const HOLDS: BenchRow = {
  figure: 'cold import',
  unit: 'ms',
  ours: 90,
  reference: null,
  reference_name: null,
  ratio: null,
  target: '<= 120',
  holds: true,
};
const FAILS: BenchRow = { ...HOLDS, figure: 'slow import', ours: 150, holds: false };
const KNOWN: BenchRow = { ...FAILS, figure: 'known import', known_reason: 'it loads a parser' };

test('a row that does not hold fails the bench', () => {
  expect(failingRows([HOLDS, FAILS])).toEqual([FAILS]);
  expect(renderRows([HOLDS, FAILS])).toMatch(/slow import .* DOES NOT HOLD/);
});

test('a row that measured nothing is no row that holds', () => {
  const empty = { ...HOLDS, ours: Math.max(...[]) };
  expect(() => failingRows([HOLDS, empty])).toThrow(/cold import: nothing was measured/);
});

test('a row that is known not to hold is printed with its reason and fails nothing', () => {
  expect(failingRows([HOLDS, KNOWN])).toEqual([]);
  expect(renderRows([HOLDS, KNOWN])).toContain('known import does not hold: it loads a parser');
});

test('the reason of a row that holds is not printed', () => {
  expect(renderRows([{ ...HOLDS, known_reason: 'it loads a parser' }])).not.toContain('parser');
});
