import { describe, expect, test } from '@jest/globals';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { linearPattern } from './linear-pattern.ts';
import { readPattern } from './read-pattern.ts';
import { patternsIn } from './schema-patterns.ts';

/**
 * Parts that mean the same in both languages. Left out: a repeated group that may match nothing or that
 * keeps something (JavaScript forgets what a group kept each time it repeats), `\r` beside `^` and `$` with
 * flag `m`, letters beyond ASCII with flag `i`, and characters of two halves: `\B` of JavaScript is between them.
 */
const character = fc.constantFrom('a', 'b', 'B', '1', '_', ' ', ',', '\\.', '\\n', '\\t', '\\x41', '\\u00e9');
const set = fc.constantFrom(
  '.',
  '\\d',
  '\\D',
  '\\w',
  '\\W',
  '\\s',
  '\\S',
  '[ab]',
  '[^a1]',
  '[a-c_]',
  '[\\s,]',
);
const assertion = fc.constantFrom('\\b', '\\B', '^', '$', '');
const count = fc.constantFrom('', '', '*', '+', '?', '*?', '+?', '??', '{2}', '{1,3}', '{2,}?', '{0,2}');
const repeated = fc.tuple(fc.oneof(character, set), count).map((parts) => parts.join(''));
const atom = fc.oneof({ weight: 4, arbitrary: repeated }, { weight: 1, arbitrary: assertion });
const sequence = fc.array(atom, { minLength: 1, maxLength: 4 }).map((atoms) => atoms.join(''));
const group = fc
  .tuple(fc.constantFrom('(', '(?:', '(?<name>'), sequence)
  .map(([open, it]) => `${open}${it})`);
const whole = fc
  .array(fc.oneof(sequence, group, fc.constant('|')), { minLength: 1, maxLength: 4 })
  .map((parts) => parts.join(''))
  .filter((source) => source.split('(?<name>').length <= 2);
const text = fc
  .array(
    fc.constantFrom('a', 'b', 'B', '1', '_', ' ', ',', '.', '\n', '\t', 'A', 'é', '中', '\u2028', '\u00a0'),
  )
  .map((characters) => characters.join(''));
const flags = fc.record({ ignoreCase: fc.boolean(), multiline: fc.boolean() });

/** All matches one after the other, as a search for all goes on: never twice at the same place. */
function withRegExp(source: string, { ignoreCase, multiline }: Flags, within: string): Matches {
  const pattern = new RegExp(source, `gu${ignoreCase ? 'i' : ''}${multiline ? 'm' : ''}`);
  return [...within.matchAll(pattern)].map((match) => [match.index, ...match]);
}

type Flags = { readonly ignoreCase: boolean; readonly multiline: boolean };
type Matches = readonly (readonly (string | number | undefined)[])[];

function withLinear(source: string, given: Flags, within: string): Matches {
  const pattern = linearPattern(source, given);
  const all: (readonly (string | number | undefined)[])[] = [];
  let from = 0;
  for (let match = pattern.find(within, from); match; match = pattern.find(within, from)) {
    all.push([match.start, ...match.groups]);
    from = match.end > match.start ? match.end : match.end + 1;
  }
  return all;
}

describe('a pattern', () => {
  test('finds what RegExp finds, with the same groups at the same places', () => {
    law(
      fc.property(whole, flags, text, (source, given, within) => {
        // flag `i` beyond ASCII and line ends of other systems are told in the decision
        const told = given.multiline ? within.replaceAll('\u2028', '') : within;
        expect(withLinear(source, given, told)).toEqual(withRegExp(source, given, told));
        expect(linearPattern(source, given).test(told)).toBe(withRegExp(source, given, told).length > 0);
      }),
      { cases: 1_000 },
    );
  });

  test('that is read is one that the engine knows, whatever it is made of', () => {
    const odd = fc.constantFrom(
      '(',
      ')',
      '[',
      ']',
      '{',
      '}',
      '|',
      '?',
      '*',
      '+',
      '\\',
      '^',
      '-',
      '<',
      ':',
      '=',
      '!',
      ',',
      '9',
      'k',
      'u',
      'x',
      '0',
      'p',
      'L',
      's',
      'S',
      '&',
      '~',
      '/',
      '#',
      '\ud800',
      '😀',
      '(?',
      '{900}',
      '\\p{Lu}',
      '\\p{Script=Greek}',
    );
    const source = fc.array(odd, { maxLength: 12 }).map((parts) => parts.join(''));
    law(
      fc.property(source, (given) => {
        const read = readPattern(given);
        if (read.ok) linearPattern(given, { ignoreCase: false, multiline: false }).test('aAé9-');
      }),
      { cases: 2_000 },
    );
  });

  const refused: readonly [string, string][] = [
    ['(a)\\1', 'it refers back to a group'],
    ['(?<a>x)\\k<a>', 'it refers back to a group'],
    ['(?=a+)b', 'it looks ahead or behind'],
    ['(?<!a)b', 'it looks ahead or behind'],
    ['(?:a{100}){20}', 'it repeats something 2000 times'],
    ['\\p{Emoji}', 'it names the property Emoji'],
    ['[a', 'it is no regular expression'],
  ];
  for (const [source, problem] of refused)
    test(`${source} is refused with its reason`, () =>
      expect(readPattern(source)).toMatchObject({ ok: false, problem }));

  for (const source of [
    '(a+)+$',
    '(a*)*b',
    '(a|aa)+$',
    '(?:x+x+)+y',
    '(.*?,){30}P',
    '(a|a){40}b',
    '(a?){30}a{30}',
  ])
    test(`${source} is looked for in a text of 50,000 characters at once`, () => {
      const within = 'aaaa,x'.repeat(8_400);
      const before = process.threadCpuUsage();
      linearPattern(source, { ignoreCase: false, multiline: false }).test(within);
      const { user, system } = process.threadCpuUsage(before);
      expect((user + system) / 1_000).toBeLessThan(1_000);
    });

  const meanings: readonly [string, string, boolean][] = [
    ['^\\p{Lu}', 'Élan', true],
    ['^\\p{Script=Greek}+$', 'αβγ', true],
    ['^.$', '😀', true],
    ['\\ud83d\\ude00', '😀', true],
    ['\\u{1F600}', '😀', true],
    ['^[^]$', '\n', true],
    ['[]', 'a', false],
    ['[[:alpha:]]', 'a]', true],
    ['[\\w-]+@', 'a-b@', true],
    ['\\cJ', '\n', true],
    ['a{,2}', 'a{,2}', true],
    ['\\Qa', 'Qa', true],
  ];
  for (const [source, within, matches] of meanings)
    test(`${source} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(within)}`, () =>
      expect(linearPattern(source, { ignoreCase: false, multiline: false }).test(within)).toBe(matches));
});

test('patterns of a schema are found where they are patterns, and not where the word is a name or data', () => {
  const schema = {
    properties: { pattern: { type: 'string', pattern: 'a' }, x: { anyOf: [{ pattern: 'b' }] } },
    patternProperties: { '^c': { items: { pattern: 'd' } } },
    enum: [{ pattern: 'no' }],
    default: { pattern: 'no' },
  };
  expect(patternsIn(schema).map(({ source, at }) => [source, at.join('/')])).toEqual([
    ['a', 'properties/pattern/pattern'],
    ['b', 'properties/x/anyOf/0/pattern'],
    ['^c', 'patternProperties/^c'],
    ['d', 'patternProperties/^c/items/pattern'],
  ]);
});
