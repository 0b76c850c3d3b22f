import { describe, expect, test } from '@jest/globals';
import { law } from '@statebag/law';
import fc from 'fast-check';
import { scopeOf } from '../../test/scope.ts';
import { COMPARATORS, compileCondition, TYPE_TESTS } from './choice-rule.ts';
import type { Json, JsonObject } from './json.ts';
import { type Diagnostic, Reader } from './reader.ts';

function compile(rule: JsonObject): { matches: (input: Json) => boolean; findings: readonly Diagnostic[] } {
  const findings: Diagnostic[] = [];
  const condition = compileCondition(new Reader(rule, '', findings));
  return { matches: (input) => condition(scopeOf(input)), findings };
}

const matches = (rule: JsonObject, input: Json): boolean => compile(rule).matches(input);

describe('a rule', () => {
  test.each<[JsonObject, Json, boolean]>([
    [{ StringMatches: 'log-*.txt' }, 'log-1.txt', true],
    [{ StringMatches: 'log-*.txt' }, 'log-1xtxt', false],
    [{ StringMatches: 'a\\*b' }, 'a*b', true],
    [{ StringMatches: 'a\\*b' }, 'axb', false],
    [{ TimestampLessThan: '2026-01-01T00:00:00Z' }, '2026-01-01T00:30:00+01:00', true],
    [{ TimestampEquals: '2026-01-01T00:00:00Z' }, '2026-01-01 00:00:00Z', false],
    [{ NumericEquals: 1 }, '1', false],
    [{ IsTimestamp: true }, '2026-02-30T00:00:00Z', false],
    [{ IsNull: false }, 0, true],
  ])('%j for %j is %s', (operator, value, expected) =>
    expect(matches({ Variable: '$.v', ...operator }, { v: value })).toBe(expected),
  );

  test('fails where its variable is missing, unless it asks for that', () => {
    expect(() => matches({ Variable: '$.none', IsNull: true }, {})).toThrow(
      "Invalid path '$.none': The choice state's condition path references an invalid value.",
    );
    expect(matches({ Variable: '$.none', IsPresent: false }, {})).toBe(true);
    expect(matches({ Variable: '$.v', IsPresent: true }, { v: null })).toBe(true);
  });

  test.each<[JsonObject, string]>([
    [{ Variable: '$.v' }, 'exactly one comparison operator'],
    [{ Variable: '$.v', IsNull: true, IsString: true }, 'exactly one comparison operator'],
    [{ Variable: '$.v', NumericEquals: 'x' }, 'Expected a number'],
    [{ Variable: '$.v', StringIsh: 'x' }, "Field 'StringIsh' is not supported"],
    [{ NumericEquals: 1 }, '[Variable]'],
    [{ And: [] }, 'at least one rule'],
    [{ Not: { Variable: '$.v', IsNull: true, Next: 'A' } }, "Only a rule at the top may have 'Next'"],
  ])('%j is refused', (rule, message) =>
    expect(
      compile(rule)
        .findings.map((finding) => finding.message)
        .join(),
    ).toContain(message),
  );
});

const json = fc.jsonValue().map((value) => JSON.parse(JSON.stringify(value)) as Json);
const rule = fc.oneof(
  fc.constantFrom(...TYPE_TESTS.keys()).map((test): JsonObject => ({ Variable: '$.v', [test]: true })),
  fc
    .constantFrom(...COMPARATORS.keys())
    .map((comparator): JsonObject => ({ Variable: '$.v', [`${comparator}Path`]: '$.w' })),
);

describe('laws', () => {
  test('Not, And and Or agree', () => {
    law(
      fc.property(rule, rule, json, json, (left, right, v, w) => {
        const input = { v, w };
        expect(matches({ Not: { Not: left } }, input)).toBe(matches(left, input));
        expect(matches({ Not: { And: [left, right] } }, input)).toBe(
          matches({ Or: [{ Not: left }, { Not: right }] }, input),
        );
      }),
    );
  });

  test('of less, equal and greater exactly one holds between values of one type', () => {
    const pair = fc.oneof(
      fc.tuple(fc.constant('Numeric'), fc.integer(), fc.integer()),
      fc.tuple(fc.constant('String'), fc.string(), fc.string()),
    );
    law(
      fc.property(pair, ([type, v, w]) => {
        const holding = ['LessThan', 'Equals', 'GreaterThan'].filter((order) =>
          matches({ Variable: '$.v', [`${type}${order}Path`]: '$.w' }, { v, w }),
        );
        expect(holding).toHaveLength(1);
        const orEqual = matches({ Variable: '$.v', [`${type}LessThanEqualsPath`]: '$.w' }, { v, w });
        expect(orEqual).toBe(holding[0] !== 'GreaterThan');
      }),
    );
  });

  test('a pair of different types matches nothing', () => {
    law(
      fc.property(fc.constantFrom(...COMPARATORS.keys()), fc.integer(), (comparator, v) => {
        expect(matches({ Variable: '$.v', [`${comparator}Path`]: '$.w' }, { v, w: [v] })).toBe(false);
      }),
    );
  });
});
