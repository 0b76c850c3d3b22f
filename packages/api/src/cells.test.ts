import { expect, test } from '@jest/globals';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { type Cells, cellOf, cellProblems, SLOTS, slotOf } from './cells.ts';

const cell = (slots?: string, owners?: readonly string[]) => ({
  api: 'https://api.example',
  ...(slots !== undefined && { slots }),
  ...(owners && { owners }),
});

const owner = fc.stringMatching(/^[a-z][a-z0-9-]{0,20}$/);

/** Cells that share all slots between them, some with owners of their own. */
const arbitraryCells = fc
  .record({
    at: fc.array(fc.integer({ min: 0, max: 3 }), { minLength: SLOTS, maxLength: SLOTS }),
    owners: fc.uniqueArray(fc.tuple(owner, fc.integer({ min: 0, max: 3 })), { selector: ([name]) => name }),
  })
  .map(
    ({ at, owners }): Cells =>
      Object.fromEntries(
        [0, 1, 2, 3].map((place) => [
          `cell-${place}`,
          cell(
            at.flatMap((of, slot) => (of === place ? [String(slot)] : [])).join(','),
            owners.flatMap(([name, of]) => (of === place ? [name] : [])),
          ),
        ]),
      ),
  );

test('every owner has exactly one cell, and a cell that is added moves only those it was given', () => {
  const property = fc.property(
    arbitraryCells,
    fc.uniqueArray(owner, { minLength: 1 }),
    fc.integer({ min: 0, max: SLOTS - 1 }),
    (cells, owners, given) => {
      expect(cellProblems(cells)).toEqual([]);
      const before = owners.map((each) => cellOf(cells, each));
      const added = { ...cells, new: cell() };
      expect(cellProblems(added)).toEqual([]);
      expect(owners.map((each) => cellOf(added, each))).toEqual(before);
      const without = Object.entries(cells).map(([name, { slots = '', ...rest }]) => [
        name,
        {
          ...rest,
          slots: slots
            .split(',')
            .filter((slot) => slot !== String(given))
            .join(','),
        },
      ]);
      const moved: Cells = { ...Object.fromEntries(without), new: cell(String(given)) };
      expect(cellProblems(moved)).toEqual([]);
      for (const [place, each] of owners.entries()) {
        const isNamed = Object.values(cells).some(({ owners: named }) => named?.includes(each));
        expect(cellOf(moved, each)).toBe(slotOf(each) === given && !isNamed ? 'new' : before[place]);
      }
    },
  );
  law(property, { cases: 200 });
});

test('an owner goes where it is named, and an even share of the others to each slot', () => {
  const cells: Cells = { one: cell('0-49'), two: cell('50-99', ['acme']), three: cell() };
  expect(cellOf(cells, 'acme')).toBe('two');
  expect(cellOf({ ...cells, two: cell('50-99'), three: cell('', ['acme']) }, 'acme')).toBe('three');
  const others = Array.from({ length: 2_000 }, (_, n) => cellOf(cells, `owner-${n}`));
  expect(others.filter((name) => name === 'one').length).toBeGreaterThan(900);
  expect(others.filter((name) => name === 'two').length).toBeGreaterThan(900);
});

test.each([
  [{ one: cell('0-98') }, ['no cell has 1 of 100 slots: 99']],
  [{ one: cell('0-99'), two: cell('7') }, ['slot 7 is in one and two']],
  [{ one: cell('0-99', ['acme']), two: cell('', ['acme']) }, ['owner acme is named in one and two']],
  [{ one: cell('0-100') }, ['cells.one.slots: "0-100" is no list of ranges from 0 to 99']],
  [{ one: cell('half') }, ['cells.one.slots: "half" is no list of ranges from 0 to 99']],
])('%j is refused', (cells, problems) => {
  expect(cellProblems(cells)).toEqual(problems);
});
