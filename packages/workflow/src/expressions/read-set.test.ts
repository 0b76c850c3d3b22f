import { describe, expect, test } from '@jest/globals';
import { parseExpression } from './parse-expression.ts';

const reads = (source: string) => {
  const set = parseExpression(source).reads;
  return set === 'all' ? 'all' : [...set].sort();
};

describe('the read set of', () => {
  const cases: readonly [string, 'all' | readonly string[]][] = [
    ['a.b', ['a']],
    ['$.a.b', ['a']],
    ['$$.a', ['a']],
    ['`my field`.x', ['my field']],
    ['items[price > limit].name', ['items']],
    ['items[price > $$.limit].name', ['items', 'limit']],
    ['items.($$.factor * n)', ['factor', 'items']],
    ['$map(items, function($i) { $i.name & suffix })', ['items', 'suffix']],
    ['($x := a; $x.b)', ['a']],
    ['a ~> $uppercase', ['a']],
    ['a.$string()', ['a']],
    ['a{ b: $sum(c) }', ['a']],
    ['a^(>b)', ['a']],
    ['a@$v.b', ['a', 'b']],
    ['{ "x": b, "y": c }', ['b', 'c']],
    ['$.(a + b)', ['a', 'b']],
    ['$item.text & $.b', ['b']],
    ['items.*', ['items']],
    ['1 + 1', []],
    ['$', 'all'],
    ['($all := $; $all.a)', 'all'],
    ['$keys($)', 'all'],
    ['$keys()', 'all'],
    ['**.a', 'all'],
    ['*', 'all'],
    ['items.%.a', 'all'],
    ['$merge([$, { "x": 1 }])', 'all'],
  ];
  for (const [source, expected] of cases)
    test(`${source} is ${String(expected)}`, () => expect(reads(source)).toEqual(expected));
});
