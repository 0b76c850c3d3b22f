import { describe, expect, test } from '@jest/globals';
import { regexProblem } from './regex-safety.ts';

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
