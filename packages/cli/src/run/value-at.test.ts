import { expect, test } from '@jest/globals';
import { UsageError } from '../exit.ts';
import { valueAt } from './value-at.ts';

const STATE = { tickets: [{ answer: 'yes' }], empty: null };

test.each([
  ['tickets.0.answer', 'yes'],
  ['tickets', STATE.tickets],
  ['empty', null],
])('%s', (path, value) => {
  expect(valueAt(STATE, path)).toEqual(value);
});

test.each([
  ['ticket', /no "ticket" at the top; there is tickets, empty/],
  ['tickets.1', /no "1" at tickets; there is a list of 1/],
  ['tickets.-1', /a list of 1/],
  ['empty.x', /no "x" at empty; there is null/],
  ['toString', /no "toString"/],
])('names what is there instead of %s', (path, words) => {
  expect(() => valueAt(STATE, path)).toThrow(UsageError);
  expect(() => valueAt(STATE, path)).toThrow(words);
});
