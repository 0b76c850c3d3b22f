import { describe, expect, test } from '@jest/globals';
import { regexProblem, searchDegree } from './regex-safety.ts';

describe('a pattern is taken when it cannot backtrack without bound:', () => {
  for (const source of [
    'abc',
    '\\s+',
    '^[a-z]+\\d+$',
    '(\\d{4})-(\\d{2})',
    '\\S+\\s+\\S+',
    '"[^"]*"',
    '(?:cat|dog)s?',
    'a?b?c',
    '[^,]+,',
    '\\w+@x',
    '(?:ab)+c',
    'x{1,5}y',
    '\\bword\\b',
    '[a-z]+[A-F]?\\d+',
  ]) {
    test(source, () => expect(regexProblem(source)).toBeNull());
  }
});

describe('a pattern is refused when it may backtrack without bound:', () => {
  for (const source of [
    '(a+)+$',
    '(a*)*b',
    '(a|aa)+$',
    '(a|a)*c',
    '(.*)*x',
    '(?:x+x+)+y',
    'a*a*b',
    '.*.*=',
    '\\d+[0-9]+x',
    '(a)\\1',
    '(?=a+)b',
    '(?<!a)b',
    '(a?)+$',
    '(?:a{1,100})+b',
    '[a-z]+\\w+!',
  ]) {
    test(source, () => expect(regexProblem(source)).not.toBeNull());
  }
});

describe('the time of a search grows with', () => {
  const cases: readonly [string, number][] = [
    ['abc', 0],
    ['x*y', 1],
    ['(\\w+)\\s*:\\s*(\\w+)!', 1],
    ['[^,]*,[^,]*,', 1],
    ['invoice\\s+\\d+', 1],
    ['.*,.*', 2],
    ['.*,.*,.*x', 3],
  ];
  for (const [source, degree] of cases) test(`power ${degree + 1} of the text for ${source}`, () => expect(searchDegree(source)).toBe(degree));
});
