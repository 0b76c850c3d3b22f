import { describe, expect, test } from '@jest/globals';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { scopeOf } from '../../test/scope.ts';
import { compileExpression } from './expression.ts';
import { isArray, type Json } from './json.ts';

const evaluate = (expression: string, input: Json = {}) =>
  compileExpression(expression, 'field')(scopeOf(input, { context: { Execution: { Name: 'n' } } }));

describe('intrinsic functions', () => {
  test.each<[string, Json]>([
    ["States.Format('{} and {}', 1, 'x')", '1 and x'],
    ["States.Format('\\{\\} {}', true)", '{} true'],
    ["States.Format('it\\'s {}', null)", "it's null"],
    ["States.Format('{}', $.object)", '{a=1, b=[x, null]}'],
    ['States.StringToJson(\'{"a":[1]}\')', { a: [1] }],
    ["States.StringToJson(' ')", null],
    ['States.JsonToString($.object)', '{"a":1,"b":["x",null]}'],
    ["States.Array(1, 'a', $.object.a, States.Array())", [1, 'a', 1, []]],
    [
      'States.ArrayPartition($.list, 2)',
      [
        [3, 1],
        [2, 1],
      ],
    ],
    ['States.ArrayContains($.list, 2)', true],
    ['States.ArrayRange(9, 1, -4)', [9, 5, 1]],
    ['States.ArrayGetItem($.list, 0)', 3],
    ['States.ArrayUnique($.list)', [3, 1, 2]],
    ["States.Base64Decode(States.Base64Encode('ü'))", 'ü'],
    ["States.Hash('', 'SHA-1')", 'da39a3ee5e6b4b0d3255bfef95601890afd80709'],
    ["States.StringSplit('a,b;;c', ',;')", ['a', 'b', 'c']],
    ['States.MathAdd(-2.5, 0)', -2],
    ['States.JsonMerge($.object, $.other, false)', { a: 2, b: ['x', null], c: 3 }],
    ['States.ArrayLength($.list[?(@ > 1)])', 2],
    ["States.Format('{}', $['odd, key)'])", 'odd'],
    ['$$.Execution.Name', 'n'],
  ])('%s', (expression, value) => {
    const input = {
      object: { a: 1, b: ['x', null] },
      other: { a: 2, c: 3 },
      list: [3, 1, 2, 1],
      'odd, key)': 'odd',
    };
    expect(evaluate(expression, input)).toEqual(value);
  });

  test.each([
    ["States.Format('{} {}', 1)", 'places for 1 values'],
    ['States.ArrayGetItem($.list, 9)', 'no element 9'],
    ['States.ArrayPartition($.list, 0)', 'has to be positive'],
    ['States.ArrayRange(0, 1000, 1)', 'at most 1000'],
    ["States.MathAdd('1', 2)", 'expected a number'],
    ["States.Base64Decode('%')", 'not Base64'],
    ["States.Hash('a', 'CRC')", 'unknown hash algorithm'],
    ["States.StringToJson('{')", 'not JSON'],
    ['States.JsonMerge($, $, true)', 'shallow'],
  ])('%s is States.IntrinsicFailure', (expression, message) => {
    expect(() => evaluate(expression, { list: [1] })).toThrow(
      expect.objectContaining({ code: 'States.IntrinsicFailure', reason: expect.stringContaining(message) }),
    );
  });

  test.each([
    'States.None()',
    'States.UUID(1)',
    "States.Format('a",
    'States.MathAdd(1)',
    'States.MathAdd(1, 2) 3',
    'Format()',
  ])('%s does not compile', (expression) => {
    expect(() => compileExpression(expression, 'field')).toThrow(SyntaxError);
  });

  test('a path that leads nowhere names the expression and what was searched', () => {
    expect(() => evaluate('States.Format($.none)', { a: 1 })).toThrow(
      `The function 'States.Format($.none)' had the following error: The JsonPath argument for the field '$.none' could not be found in the input '{"a":1}'`,
    );
  });
});

const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);

describe('laws', () => {
  test('text made of a value reads back as that value', () => {
    law(
      fc.property(json, (value) =>
        expect(evaluate('States.StringToJson(States.JsonToString($))', value)).toEqual(value),
      ),
    );
  });

  test('Base64 loses nothing', () => {
    law(
      fc.property(fc.string({ unit: 'grapheme' }), (text) =>
        expect(evaluate('States.Base64Decode(States.Base64Encode($))', text)).toBe(text),
      ),
    );
  });

  test('the chunks of a partition make up the list, and only the last is shorter', () => {
    law(
      fc.property(fc.array(json), fc.integer({ min: 1, max: 9 }), (list, size) => {
        const chunks = evaluate('States.ArrayPartition($.list, $.size)', { list, size });
        if (!isArray(chunks)) throw new Error('no list');
        expect(chunks.flat()).toEqual(list);
        for (const chunk of chunks.slice(0, -1)) expect(chunk).toHaveLength(size);
      }),
    );
  });

  test('a random number lies between its bounds, and a seed fixes it', () => {
    law(
      fc.property(
        fc.integer({ min: -1000, max: 1000 }),
        fc.integer({ min: 1, max: 1000 }),
        fc.integer(),
        (from, width, seed) => {
          const input = { from, to: from + width, seed };
          const number = Number(evaluate('States.MathRandom($.from, $.to)', input));
          expect(number).toBeGreaterThanOrEqual(from);
          expect(number).toBeLessThan(from + width);
          expect(evaluate('States.MathRandom($.from, $.to, $.seed)', input)).toBe(
            evaluate('States.MathRandom($.from, $.to, $.seed)', input),
          );
        },
      ),
    );
  });
});
