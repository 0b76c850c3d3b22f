import { describe, expect, test } from '@jest/globals';
import { runChecks, SECTIONS } from './compat-check.ts';
import { definitionChecks } from './definitions.ts';
import { difference } from './difference.ts';
import { recordedEvents } from './recorded-events.ts';

const checks = [...recordedEvents(), ...definitionChecks()];

test('whatever existing callers rely on is as it was', async () => {
  expect((await runChecks(checks)).filter(({ problem }) => problem !== null)).toEqual([]);
});

test('every section has checks', () => {
  expect(SECTIONS.filter((section) => !checks.some((check) => check.section === section))).toEqual([]);
});

describe('a change is noticed', () => {
  test.each([
    ['a member that is missing', { a: 1 }, {}, '$.a is missing, not 1'],
    ['a member of another value', { a: { b: [1] } }, { a: { b: [2] } }, '$.a.b[0] is 2, not 1'],
    ['a list that is longer', { a: [1] }, { a: [1, 2] }, '$.a is [1,2], not a list of 1'],
    ['an object that became a text', { a: {} }, { a: 'x' }, '$.a is "x", not an object'],
  ])('%s', (_what, expected, found, problem) => expect(difference(expected, found)).toBe(problem));

  test('an error that nobody expects is a problem, and so is one that does not come', async () => {
    const failing = {
      section: 'events',
      name: 'x',
      problem: () => Promise.reject(new TypeError('no')),
    } as const;
    expect(await runChecks([failing])).toEqual([{ section: 'events', name: 'x', problem: 'TypeError: no' }]);
  });
});

test('more than a value is no change', () => expect(difference({ a: 1 }, { a: 1, b: 2 })).toBeNull());
