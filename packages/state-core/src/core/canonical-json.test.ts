import { describe, expect, test } from '@jest/globals';
import type { Json } from '@statebag/contracts';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { byteSizeOf, canonicalJson, sha256Of } from './canonical-json.ts';

describe('canonical JSON', () => {
  test.each<[string, unknown, string]>([
    [
      'sorts keys by code unit at every depth',
      { b: 1, a: { d: 1, c: [2, { z: 1, y: 2 }] } },
      '{"a":{"c":[2,{"y":2,"z":1}],"d":1},"b":1}',
    ],
    ['keeps the order of lists', [3, 1, 2], '[3,1,2]'],
    [
      'writes numbers as ECMAScript does',
      [1e21, 1e-7, 0.1, 5e-324, 1.7976931348623157e308],
      '[1e+21,1e-7,0.1,5e-324,1.7976931348623157e+308]',
    ],
    ['keeps the sign of zero', [-0, 0], '[-0,0]'],
    ['leaves out members that are undefined', { a: undefined, b: 1, c: undefined }, '{"b":1}'],
    ['writes scalars', [true, false, null, 'é"\n'], '[true,false,null,"é\\"\\n"]'],
    ['writes empty structures', [{}, []], '[{},[]]'],
    ['takes objects without a prototype', Object.assign(Object.create(null), { a: 1 }), '{"a":1}'],
  ])('%s', (_law, value, text) => expect(canonicalJson(value as Json)).toBe(text));

  test.each<[string, unknown, string]>([
    ['NaN', { a: [Number.NaN] }, '/a/0'],
    ['Infinity', { a: Number.POSITIVE_INFINITY }, '/a'],
    ['a undefined', [undefined], '/0'],
    ['a function', { f: () => 1 }, '/f'],
    ['a bigint', 1n, 'the root'],
    ['a Date', { at: new Date(0) }, '/at'],
    ['a Map', new Map(), 'the root'],
    ['a foreign object', Object.create(Object.create(Object.create(null))), 'the root'],
    ['a lone surrogate', { s: '\ud800' }, '/s'],
    ['a lone surrogate', { '\udc00': 1 }, '/\udc00'],
  ])('refuses %s and names the place', (what, value, place) => {
    expect(() => canonicalJson(value as Json)).toThrow(
      expect.objectContaining({
        name: 'Json.NotRepresentable',
        message: `${what} at ${place} cannot be written as JSON`,
      }),
    );
  });

  test('refuses a cycle', () => {
    const cycle: Record<string, unknown> = {};
    cycle['self'] = cycle;
    expect(() => canonicalJson(cycle as Json)).toThrow(
      /nesting over 200 levels \(or a cycle\) at (\/self){20} cannot/,
    );
  });

  test('takes 200 levels and refuses 201', () => {
    const nested = (levels: number): Json => (levels === 0 ? 1 : [nested(levels - 1)]);
    expect(canonicalJson(nested(200))).toHaveLength(401);
    expect(() => canonicalJson(nested(201))).toThrow(/nesting/);
  });

  test('reads back as what was written, and has one text whatever the order of keys', () => {
    law(
      fc.property(fc.jsonValue(), (value) => {
        const text = canonicalJson(value as Json);
        expect(JSON.parse(text)).toEqual(value);
        expect(canonicalJson(reversed(value as Json))).toBe(text);
      }),
    );
  });

  test('counts UTF-8 bytes, not characters', () =>
    expect(byteSizeOf({ ö: '💡' })).toBe('{"":""}'.length + 2 + 4));

  test('hashes the text', () =>
    expect(sha256Of('{}')).toBe('44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'));
});

function reversed(value: Json): Json {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value)
      .reverse()
      .map(([key, member]) => [key, reversed(member)]),
  );
}
