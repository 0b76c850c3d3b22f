import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { looseEndsOf } from './loose-ends.ts';
import { charactersOf } from './pattern-width.ts';
import { shapeOfSchema } from './schema-shape.ts';
import { bytesOf } from './shape.ts';

const bytes = (schema: JsonObject): number => bytesOf(shapeOfSchema(schema, 'input'));
const loose = (schema: JsonObject): readonly string[] =>
  looseEndsOf(shapeOfSchema(schema, 'input')).map(({ at, keyword }) => `${keyword} ${at}`);

describe('a schema', () => {
  const closed = { type: 'object', additionalProperties: false };
  const cases: [string, JsonObject, string | number | object][] = [
    ['a text of control characters', { type: 'string', maxLength: 3 }, '\u0001\u0002\u0003'],
    ['a text of its pattern', { type: 'string', maxLength: 3, pattern: '^[a-z]*$' }, 'abc'],
    ['a text whose pattern says its length', { type: 'string', pattern: '^[0-9]{2,5}$' }, '12345'],
    ['the longest of its words', { enum: ['a', 'longer', 1] }, 'longer'],
    ['a whole number between bounds', { type: 'integer', minimum: -10, maximum: 5 }, -10],
    ['any number', { type: 'number' }, -1.2345678901234567e-6],
    ['a full list', { type: 'array', maxItems: 2, items: { type: 'boolean' } }, [false, false]],
    [
      'an object with all that is allowed',
      { ...closed, properties: { a: { type: 'null' }, 'b"': { const: [1] } } },
      { a: null, 'b"': [1] },
    ],
    [
      'the stricter of two',
      {
        allOf: [
          { type: 'string', maxLength: 9 },
          { type: 'string', maxLength: 2 },
        ],
      },
      '\u0001\u0001',
    ],
    ['the larger of two', { anyOf: [{ type: 'string', maxLength: 1 }, { const: 'longer' }] }, 'longer'],
    ['what it refers to', { $ref: '#/$defs/x', $defs: { x: { type: 'string', maxLength: 1 } } }, '\u0001'],
    [
      'a map of bounded names',
      {
        type: 'object',
        maxProperties: 2,
        propertyNames: { maxLength: 1, pattern: '^[a-z]*$' },
        additionalProperties: { type: 'null' },
      },
      { a: null, b: null },
    ],
  ];
  test.each(cases)('takes as much as %s', (_, schema, largest) => {
    expect(bytes(schema)).toBe(Buffer.byteLength(JSON.stringify(largest)));
    expect(loose(schema)).toEqual([]);
  });

  const unbounded: [string, JsonObject, readonly string[]][] = [
    ['a text without a length', { type: 'string' }, ['maxLength ']],
    ['a list without an end', { type: 'array', items: { type: 'null' } }, ['maxItems ']],
    [
      'a text deep inside',
      {
        ...closed,
        properties: {
          clauses: {
            type: 'array',
            maxItems: 3,
            items: { ...closed, properties: { text: { type: 'string' } } },
          },
        },
      },
      ['maxLength /clauses/*/text'],
    ],
    ['an open object', { type: 'object', properties: { a: { type: 'null' } } }, ['additionalProperties ']],
    ['no type', { maxLength: 3 }, ['type ']],
    ['a schema of itself', { type: 'array', maxItems: 2, items: { $ref: '#' } }, ['$ref /*/*']],
  ];
  test.each(unbounded)('has no bound where it is %s, and says where', (_, schema, ends) => {
    expect(bytes(schema)).toBe(Infinity);
    expect(loose(schema)).toEqual(expect.arrayContaining([...ends]));
  });
});

describe('a pattern', () => {
  test.each([
    ['^[a-z0-9 _-]*$', { widest: 1, most: Infinity }],
    ['^[ -~]+$', { widest: 2, most: Infinity }],
    ['^[à-ü]{1,3}$', { widest: 2, most: 3 }],
    ['^\\d{4}$', { widest: 1, most: 4 }],
    ['^[^\\x00-\\x1f]*$', { widest: 4, most: Infinity }],
  ])('%s says how wide a character is', (pattern, characters) => {
    expect(charactersOf(pattern)).toEqual(characters);
  });

  test.each(['[a-z]*', '^[a-z]*', '^[^a]*$', '^[\\s]*$', '^(a|b)*$', '^[\\x00-z]*$', '^.*$'])(
    '%s says nothing that can be relied on',
    (pattern) => expect(charactersOf(pattern)).toBeNull(),
  );
});
