import { expect, test } from '@jest/globals';
import { found, linesOf } from './value-lines.ts';

const VALUE = { tickets: [{ id: 'T-1', text: 'burnt' }, { id: 'T-2' }], empty: [], n: null };

test('only what is open is drawn, with the path of each line', () => {
  expect(linesOf(VALUE, new Set([''])).map(({ path, text, open }) => [path, text, open])).toEqual([
    ['', '{ tickets, empty, n }', true],
    ['tickets', '2 items', false],
    ['empty', '0 items', null],
    ['n', 'null', null],
  ]);
  expect(linesOf(VALUE, new Set(['', 'tickets', 'tickets[1]'])).map(({ path }) => path)).toContain(
    'tickets[1].id',
  );
});

test('a search leads to names and texts, and opens what lies around them', () => {
  expect(found(VALUE, 'BURNT')).toEqual({
    hits: ['tickets[0].text'],
    around: ['', 'tickets', 'tickets[0]'],
  });
  expect(found(VALUE, 'id').hits).toEqual(['tickets[0].id', 'tickets[1].id']);
});

test('of a list of a million the first members are drawn, and how many more there are', () => {
  const lines = linesOf(
    Array.from({ length: 1_000_000 }, () => 1),
    new Set(['']),
  );
  expect(lines).toHaveLength(5_002);
  expect(lines.at(-1)?.text).toBe('… 995,000 more, not shown here');
});
