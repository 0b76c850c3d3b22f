import type { Json, JsonObject } from '@statebag/contracts';
import fc from 'fast-check';

/** A schema in which everything has a bound, and how to make values that go up to it. */
export interface BoundedSchema {
  readonly schema: JsonObject;
  readonly value: (fill: Fill) => Json;
}

/** How far values go: `part` of each length (1 is all), of which characters, and which of several values. */
export interface Fill {
  readonly part: number;
  readonly character: string;
  readonly choose: (values: readonly Json[]) => Json;
}

/** What JSON writes with six bytes, with two, and what UTF-8 writes with one to four. */
export const CHARACTERS = ['\u0001', '"', '\\', 'é', '中', '😀', 'x'] as const;

const lengths = fc.oneof(
  { weight: 6, arbitrary: fc.integer({ min: 0, max: 40 }) },
  { weight: 2, arbitrary: fc.integer({ min: 41, max: 400 }) },
  { weight: 1, arbitrary: fc.integer({ min: 401, max: 3_000 }) },
);

const countOf = (most: number, { part }: Fill): number => Math.round(most * part);

const text: fc.Arbitrary<BoundedSchema> = lengths.map((maxLength) => ({
  schema: { type: 'string', maxLength },
  value: (fill) => fill.character.repeat(countOf(maxLength, fill)),
}));

const plainText: fc.Arbitrary<BoundedSchema> = lengths.map((maxLength) => ({
  schema: { type: 'string', maxLength, pattern: '^[a-z ]*$' },
  value: (fill) => 'z'.repeat(countOf(maxLength, fill)),
}));

const integer: fc.Arbitrary<BoundedSchema> = fc
  .tuple(fc.integer({ min: -99_999, max: 0 }), fc.integer({ min: 0, max: 99_999 }))
  .map(([minimum, maximum]) => ({
    schema: { type: 'integer', minimum, maximum },
    value: ({ choose }) => choose([minimum, maximum]),
  }));

const WORDS = ['a', 'a longer word', 12];
const NUMBERS = [-1.2345678901234567e-6, -1.2345678901234568e-300, 0.1, 1e300, 7];

const single: fc.Arbitrary<BoundedSchema> = fc.constantFrom<BoundedSchema>(
  { schema: { type: 'number' }, value: ({ choose }) => choose(NUMBERS) },
  { schema: { type: 'boolean' }, value: ({ choose }) => choose([true, false]) },
  { schema: { enum: WORDS }, value: ({ choose }) => choose(WORDS) },
  {
    schema: { type: ['string', 'null'], maxLength: 5 },
    value: ({ choose, character }) => choose([null, '"\u0002é中x', character.repeat(5)]),
  },
);

const leaf = fc.oneof({ weight: 3, arbitrary: text }, plainText, integer, single);

/** Members of objects, which expressions ask for by these names. */
export const MEMBERS = ['p', 'q', 'type'] as const;

function object(of: fc.Arbitrary<BoundedSchema>): fc.Arbitrary<BoundedSchema> {
  return fc
    .tuple(fc.subarray([...MEMBERS], { minLength: 1 }), fc.array(of, { minLength: 3, maxLength: 3 }))
    .map(([names, schemas]) => {
      const members = names.flatMap((name, index) =>
        schemas[index] ? [[name, schemas[index]] as const] : [],
      );
      const properties = Object.fromEntries(members.map(([name, { schema }]) => [name, schema]));
      return {
        schema: { type: 'object', properties, required: [...names], additionalProperties: false },
        value: (fill) => Object.fromEntries(members.map(([name, member]) => [name, member.value(fill)])),
      };
    });
}

function list(of: fc.Arbitrary<BoundedSchema>): fc.Arbitrary<BoundedSchema> {
  return fc.tuple(fc.integer({ min: 0, max: 6 }), of).map(([maxItems, items]) => ({
    schema: { type: 'array', maxItems, items: items.schema },
    value: (fill) => Array.from({ length: countOf(maxItems, fill) }, () => items.value(fill)),
  }));
}

const either = (of: fc.Arbitrary<BoundedSchema>): fc.Arbitrary<BoundedSchema> =>
  fc.tuple(of, of).map(([left, right]) => ({
    schema: { anyOf: [left.schema, right.schema] },
    value: (fill) => fill.choose([left.value(fill), right.value(fill)]),
  }));

/** Schemas of values that lie in each other, all of them bounded. */
export const boundedSchema: fc.Arbitrary<BoundedSchema> = fc.oneof(
  { weight: 4, arbitrary: leaf },
  { weight: 2, arbitrary: list(leaf) },
  { weight: 2, arbitrary: object(leaf) },
  { weight: 2, arbitrary: list(object(leaf)) },
  { weight: 1, arbitrary: object(list(leaf)) },
  { weight: 1, arbitrary: either(leaf) },
  { weight: 1, arbitrary: list(list(leaf)) },
);
