import { describe, expect, test } from '@jest/globals';
import { isStatebagError, type Json } from '@statebag/contracts';
import { cachedParser, createEvaluator, parserOf } from './create-evaluator.ts';

const PLACE = {
  execution_id: 'run',
  start_time: '2026-01-31T12:00:00Z',
  node_id: 'node',
  loop: '',
  item: '',
};

function evaluator(place: Partial<typeof PLACE> = {}) {
  const view = { a: 1, text: 'plain', items: [{ n: 1 }, { n: 2 }], nested: { b: { c: true } } };
  return createEvaluator({
    view,
    variables: { item: { id: 'i' }, index: 3 },
    place: { ...PLACE, ...place },
    parse: cachedParser(),
  });
}

async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
    return 'no error';
  } catch (error) {
    return isStatebagError(error) ? error.name : String(error);
  }
}

describe('an expression', () => {
  const cases: readonly [string, string, Json][] = [
    ['a field', '{% a %}', 1],
    ['all of a list', '{% items.n %}', [1, 2]],
    ['what surrounds it', '{% $item.id & $index %}', 'i3'],
    ['text with values', 'a is {{ a }}, item is {{ $item }}', 'a is 1, item is {"id":"i"}'],
    ['an object inside of a text', '{{ {"x": {"y": a}} }}', '{"x":{"y":1}}'],
    ['texts inside of any JSON', { b: ['{% a %}', 'x{{ a }}'], a: null }, { a: null, b: [1, 'x1'] }],
    ['$partition of Step Functions', '{% $partition([1, 2, 3], 2) %}', [[1, 2], [3]]],
    ['$range of Step Functions', '{% $range(1, 9, 4) %}', [1, 5, 9]],
    ['$hash of Step Functions', '{% $hash("a", "MD5") %}', '0cc175b9c0f1b6a831c399e269772661'],
    ['$parse of Step Functions', '{% $parse("[1]") %}', [1]],
    [
      'a part of a text',
      '{% $substring("abcdef", -4, 2) & $substring("abc", -9, 2) & $substring("abc", 1) %}',
      'cdabbc',
    ],
    [
      'a part of a text whose characters take two units',
      '{% $substring("😀b😀d", 1, 2) & $length("😀b") %}',
      'b😀2',
    ],
  ] as unknown as readonly [string, string, Json][]; // a case may be any JSON
  for (const [what, given, expected] of cases) {
    test(`gives ${what}`, async () => expect(await evaluator().resolve(given)).toEqual(expected));
  }

  test('gives objects with sorted keys, so that it reads the same from the store', async () => {
    expect(JSON.stringify(await evaluator().resolve('{% {"b": 1, "a": {"d": 1, "c": 2}} %}'))).toBe(
      '{"a":{"c":2,"d":1},"b":1}',
    );
  });

  test('sees the same clock and chance on every attempt', async () => {
    const both = '{% [$now(), $millis(), $random(), $uuid(), $shuffle([1..20])] %}';
    expect(await evaluator().resolve(both)).toEqual(await evaluator().resolve(both));
  });

  test('sees another chance in another item, loop, node and run', async () => {
    const places = [{}, { item: '1' }, { loop: '1' }, { node_id: 'other' }, { execution_id: 'other' }];
    const seen = await Promise.all(places.map((place) => evaluator(place).resolve('{% $uuid() %}')));
    expect(new Set(seen).size).toBe(places.length);
  });

  test('draws another number each time it asks', async () => {
    // a list of two numbers
    const [first, second] = (await evaluator().resolve('{% [$random(), $random()] %}')) as number[];
    expect(first).not.toBe(second);
  });

  test('fails loudly when it gives nothing', async () =>
    expect(await codeOf(evaluator().resolve('{% missing %}'))).toBe('Expression.Failed'));
  test('may group by thousands of keys', async () =>
    expect(await evaluator().resolve('{% $count($keys([1..3000]{ $string($): $ })) %}')).toBe(3_000));
  test('is false as a condition when it gives nothing', async () =>
    expect(await evaluator().test('{% missing %}')).toBe(false));
  test('is an empty list when it gives nothing', async () =>
    expect(await evaluator().list('{% missing %}')).toEqual([]));
});

describe('an expression that would not end', () => {
  const cases: readonly [string, string, string][] = [
    ['endless recursion', '{% ($f := function($n) { 1 + $f($n) }; $f(1)) %}', 'Expression.LimitExceeded'],
    [
      'an endless loop of tail calls',
      '{% ($f := function($n) { $f($n) }; $f(1)) %}',
      'Expression.LimitExceeded',
    ],
    ['a text of 100 MB', '{% $pad("x", 100000000) %}', 'Expression.LimitExceeded'],
    [
      'a text that doubles',
      '{% ($d := function($s, $n) { $n = 0 ? $s : $d($s & $s, $n - 1) }; $d("xxxxxxxxxx", 24)) %}',
      'Expression.LimitExceeded',
    ],
    ['a list of a hundred million', '{% [1..100000000] %}', 'Expression.LimitExceeded'],
    [
      'a list of lists',
      '{% $map([1..1000000], function($x) { $map([1..1000000], function($y) { $y }) }) %}',
      'Expression.LimitExceeded',
    ],
    ['a pattern that backtracks', '{% $contains($pad("!", -60, "a"), /(a+)+$/) %}', 'no error'],
    ['a pattern that counts', '{% $contains($pad("", 60, "1,"), /(.*?,){30}P/) %}', 'no error'],
    ['a choice of the same', '{% $contains($pad("", 60, "a"), /(a|a){40}b/) %}', 'no error'],
    ['the square of a long text', '{% $contains($pad("", 300000, "x"), /x*y/i) %}', 'no error'],
    ['the cube of a text', '{% $contains($pad("", 20000, ","), /.*,.*,.*x/i) %}', 'no error'],
    ['a long search', '{% $contains($pad("", 300000, "x"), /x*y/) %}', 'no error'],
    [
      'a large pattern in a large text',
      '{% $match($pad("P", -300001, "1,"), /(.*?,){30}P/) %}',
      'Expression.LimitExceeded',
    ],
    ['$eval', '{% $eval("1") %}', 'Expression.Failed'],
  ];
  for (const [what, source, code] of cases) {
    test(`${what} ends in under 2 s with ${code}`, async () => {
      const before = process.threadCpuUsage();
      expect(await codeOf(evaluator().resolve(source))).toBe(code);
      const { user, system } = process.threadCpuUsage(before);
      expect((user + system) / 1_000).toBeLessThan(2_000); // processor time: other tests run beside it
    });
  }
});

describe('the parser of a segment', () => {
  test('parses a text once as long as the segment is there', () => {
    const segment = {};
    expect(parserOf(segment)('{% a %}')).toBe(parserOf(segment)('{% a %}'));
    expect(parserOf({})('{% a %}')).not.toBe(parserOf(segment)('{% a %}'));
  });
});
