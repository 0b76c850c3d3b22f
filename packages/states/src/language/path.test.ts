import { describe, expect, test } from '@jest/globals';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { scopeOf } from '../../test/scope.ts';
import type { Json } from './json.ts';
import { compilePath, compileReferencePath } from './path.ts';

const read = (path: string, input: Json, context: Json = {}) =>
  compilePath(path).read(scopeOf(input, { context }));

const STORE = {
  books: [
    { title: 'a', price: 5, tags: ['x'] },
    { title: 'b', price: 15, tags: [] },
    { title: 'c', price: 25, isbn: '1' },
  ],
  'odd key': { "it's": 1 },
  limit: 10,
};

describe('a definite path', () => {
  test.each([
    ['$', STORE],
    ['$.limit', 10],
    ['$.books[0].title', 'a'],
    ['$.books.[0].title', 'a'],
    ['$.books[-1].title', 'c'],
    ["$['odd key']['it\\'s']", 1],
    ['$["limit"]', 10],
    ['$.books.length()', 3],
    ["$['limit','none']", { limit: 10 }],
  ])('%s gives one value', (path, value) => expect(read(path, STORE)).toEqual(value));

  test.each(['$.none', '$.books[3]', '$.limit.deeper', '$.books.title', '$.constructor', '$.books.length'])(
    '%s leads nowhere',
    (path) => {
      expect(read(path, STORE)).toBeUndefined();
    },
  );

  test('starts at the context object with two dollars', () => expect(read('$$.a', {}, { a: 1 })).toBe(1));
});

describe('any other path gives a list', () => {
  test.each([
    ['$.books[*].title', ['a', 'b', 'c']],
    ['$.books[0,2].title', ['a', 'c']],
    ['$.books[1:].title', ['b', 'c']],
    ['$.books[:-1].title', ['a', 'b']],
    ['$.books[::2].title', ['a', 'c']],
    ['$..price', [5, 15, 25]],
    ['$.books[?(@.price > 10)].title', ['b', 'c']],
    ['$.books[?(@.price < $.limit)].title', ['a']],
    ['$.books[?(@.isbn)].title', ['c']],
    ['$.books[?(!@.isbn && @.price != 5)].title', ['b']],
    ["$.books[?(@.title == 'a' || @.title == 'c')].price", [5, 25]],
    ['$.books[?(@.title =~ /[AB]/i)].price', [5, 15]],
    ["$.books[?(@.title in ['b'])].price", [15]],
    ['$.books[?(@.tags empty true)].title', ['b']],
    ["$.books[?(@.tags contains 'x')].title", ['a']],
    ['$.none[*]', []],
    ['$.none.deeper[1:2].x', []],
  ])('%s', (path, list) => expect(read(path, STORE)).toEqual(list));
});

test.each(['a', '$.', '$[', '$.a[', '$.a[?(@.b ==)]', '$.a b', '$.a.none()', '$.a[1:2:0]'])(
  '%s is refused',
  (path) => {
    expect(() => compilePath(path)).toThrow(SyntaxError);
  },
);

const names = fc.string({ minLength: 1 }).filter((name) => !/['\\]/.test(name));
const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);

describe('laws', () => {
  test('a path finds what was put under its name', () => {
    law(
      fc.property(names, json, (name, value) =>
        expect(read(`$['${name}']`, JSON.parse(JSON.stringify({ [name]: value })))).toEqual(value),
      ),
    );
  });

  test('what a reference path writes is read back from there, and nothing else changes', () => {
    const keys = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 4 });
    law(
      fc.property(keys, fc.dictionary(fc.constantFrom('x', 'y'), json), json, (path, target, value) => {
        const text = `$.${path.join('.')}`;
        const before = JSON.stringify(target);
        const written = compileReferencePath(text).write(target, value);
        expect(read(text, written)).toEqual(value);
        expect(JSON.stringify(target)).toBe(before);
        for (const [key, other] of Object.entries(target)) expect(read(`$.${key}`, written)).toBe(other);
      }),
    );
  });
});

test('a reference path does not write past the end of a list or into a text', () => {
  expect(() => compileReferencePath('$.a[1]').write({ a: [0] }, 1)).toThrow('there is no element 1');
  expect(() => compileReferencePath('$.a.b').write({ a: 'text' }, 1)).toThrow('no object');
});
