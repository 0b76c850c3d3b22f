import { expect, test } from '@jest/globals';
import { itemOf, verdictOf } from './verdict.ts';

const verdict = (error: string | null, cause: string | null) => verdictOf({ error, cause, status: 'FAILED' });

test.each([
  [
    'Expression.Failed',
    'node rate: {% $error("x") %}: clause 4 has risk 9 (position 24)\n  at more',
    'Clause 4 has risk 9.',
  ],
  ['Expression.Failed', 'item 3: node rate: it is too long', 'It is too long.'],
  ['Node.TooManyItems', 'the list of each has 12 items!', 'The list of each has 12 items!'],
  ['Expression.Failed', '', 'An expression or template could not be evaluated.'],
  [null, null, 'The run ended as FAILED.'],
])('the sentence of %s is its own words without the place', (error, cause, sentence) => {
  expect(verdict(error, cause).sentence).toBe(sentence);
});

test('an error of somebody else has no mend of the catalogue, and no member of an object is taken for one', () => {
  expect(verdict('toString', 'no').mend).toMatch(/not in the catalogue/);
  expect(verdict('Expression.Failed', 'no').mend).toMatch(/^Correct the expression/);
});

test('the item of a list is counted as people count', () => {
  expect(itemOf({ cause: 'item 3: node rate: no' })).toBe(4);
  expect([itemOf({ cause: 'the item 3: no' }), itemOf({ cause: null })]).toEqual([null, null]);
});
