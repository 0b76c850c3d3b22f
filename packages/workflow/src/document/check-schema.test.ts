import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { problemsOfSchema } from './check-schema.ts';

const told = (schema: JsonObject) =>
  problemsOfSchema(schema).map(({ at, message }) => `${at.join('/')}: ${message}`);
const self = { $ref: '#' };

describe('a schema is refused', () => {
  const cases: readonly [string, JsonObject, string | RegExp][] = [
    ['with a reference to nothing', { $ref: '#/$defs/a', $defs: { b: {} } }, /^\$ref: .*leads to no schema/],
    ['with a reference into data', { $ref: '#/const', const: {} }, /^\$ref: /],
    ['with a reference that is no address', { $ref: '#/%zz' }, /^\$ref: /],
    ['with an unknown anchor', { $ref: '#a', $defs: { b: { $anchor: 'b' } } }, /^\$ref: /],
    ['with a remote reference', { items: { $ref: 'https://a.test/s.json' } }, /^items\/\$ref: .*outside/],
    ['with a reference to a file', { $ref: 'other.json#/a' }, /^\$ref: .*outside/],
    ['with a reference that is a number', { $ref: 1 }, /^\$ref: /],
    ['with a dynamic reference', { $dynamicRef: '#a' }, /^\$dynamicRef: /],
    ['with an id inside', { properties: { a: { $id: 'https://a.test' } } }, /^properties\/a\/\$id: /],
    ['that asks itself', self, /without end/],
    ['that asks itself by allOf', { allOf: [self] }, /without end/],
    ['that asks itself by not', { not: { anyOf: [{ type: 'null' }, self] } }, /without end/],
    [
      'that asks itself around',
      {
        $ref: '#/$defs/a',
        $defs: { a: { if: { $ref: '#/$defs/b' } }, b: { oneOf: [{ $ref: '#/$defs/a' }] } },
      },
      /without end/,
    ],
    ['with a pattern that looks behind', { pattern: '(?<=a)b' }, /^pattern: /],
    ['with a pattern as a key', { patternProperties: { '(?=a)': {} } }, /^patternProperties/],
    ['with an unknown type', { type: 'strng' }, /^type: /],
    ['with properties as a list', { properties: [] }, /^properties: /],
    ['with anyOf as an object', { anyOf: {} }, /^anyOf: /],
    ['with a text for a schema', { items: 'string' }, /^items: a schema is/],
    ['with required as a text', { required: 'a' }, /^required: /],
    ['with enum as a text', { enum: 'a' }, /^enum: /],
    ['with a negative length', { minLength: -1 }, /^minLength: /],
    ['with a multiple of nothing', { multipleOf: 0 }, /^multipleOf: /],
  ];
  for (const [what, schema, problem] of cases) test(what, () => expect(told(schema)[0]).toMatch(problem));
});

describe('a schema is accepted', () => {
  const tree = { type: 'object', properties: { children: { type: 'array', items: self } } };
  const cases: readonly [string, JsonObject][] = [
    ['that refers to itself for its parts', tree],
    ['by an anchor', { $ref: '#b', $defs: { b: { $anchor: 'b' } } }],
    ['by a name with a slash', { $ref: '#/$defs/a~1b%20c', $defs: { 'a/b c': {} } }],
    [
      'that names data like keywords',
      { const: { $ref: 'x' }, default: { type: 7 }, properties: { $ref: {}, type: {} } },
    ],
    [
      'that uses one schema twice',
      { allOf: [{ $ref: '#/$defs/a' }, { $ref: '#/$defs/a' }], $defs: { a: {} } },
    ],
    ['with keywords that nobody knows', { 'x-order': 1, title: 'a' }],
  ];
  for (const [what, schema] of cases) test(what, () => expect(told(schema)).toEqual([]));
});
