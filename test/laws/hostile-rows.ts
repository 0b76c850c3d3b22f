import type { Json, JsonObject } from '@statebag/contracts';
import fc from 'fast-check';

/** One hostile workflow with its input, and how its run may end. Add rows here: `npm run laws -- hostile` runs them. */
export interface HostileRow {
  readonly name: string;
  readonly nodes: readonly JsonObject[];
  readonly input?: JsonObject;
  /** Names of errors, `SUCCEEDED`, or `refused` for a workflow that `validate` refuses. */
  readonly ends: readonly string[];
}

/** Text that only a definition of somebody else holds: no run may show it. */
export const FOREIGN = 'FOREIGN-BYTES-51c0ffee';

const LIMIT = ['Expression.LimitExceeded'];
const ANY = ['SUCCEEDED', 'Expression.LimitExceeded', 'Expression.Failed'];

const transform = (source: string): JsonObject => ({
  id: 'hostile',
  type: 'data_transform',
  output_key: 'out',
  config: { transform: source },
});
const expression = (source: string) => [transform(`{% ${source} %}`)];
const ask = (response_schema: JsonObject): JsonObject => ({
  id: 'hostile',
  type: 'llm_chat',
  output_key: 'out',
  config: { provider: 'mock', prompt: 'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa', response_schema },
});

const HALVES = '$d := function($x, $n) { $n = 0 ? $x : $d({"l": $x, "r": $x}, $n - 1) }';

/** Thirty levels, each of which asks the next one twice. */
function levels(keyword: string): JsonObject {
  const level = (index: number): JsonObject => ({ $ref: `#/$defs/l${index}` });
  const defs = Array.from({ length: 30 }, (_, index): [string, Json] => [
    `l${index}`,
    { [keyword]: [level(index + 1), level(index + 1)] },
  ]);
  return { ...level(0), $defs: { ...Object.fromEntries(defs), l30: keyword === 'allOf' ? {} : false } };
}

/** The table: each row is a kind. The first ones are those that did harm. */
export const HOSTILE_ROWS: readonly HostileRow[] = [
  { name: 'writes a doubled structure', nodes: expression(`(${HALVES}; $string($d(1, 40)))`), ends: LIMIT },
  {
    name: 'compares doubled structures',
    nodes: expression(`(${HALVES}; $d(1, 40) = $d(1, 40))`),
    ends: LIMIT,
  },
  { name: 'sorts falling numbers', nodes: expression('$sort([1..50000].(-$))[0]'), ends: ['SUCCEEDED'] },
  {
    name: 'finds distinct objects',
    nodes: expression('$count($distinct([1..8000].{"a": $, "b": [$]}))'),
    ends: ['SUCCEEDED'],
  },
  {
    name: 'searches by a pattern that counts',
    nodes: expression('$exists($match(s, /(.*?,){30}P/))'),
    input: { s: '1,'.repeat(60) },
    ends: ['SUCCEEDED'],
  },
  { name: 'asks a schema of thirty levels', nodes: [ask(levels('allOf'))], ends: LIMIT },
  { name: 'asks a schema of thirty choices', nodes: [ask(levels('anyOf'))], ends: LIMIT },
  { name: 'refers to a schema elsewhere', nodes: [ask({ $ref: 'https://a.test/s' })], ends: ['refused'] },
  { name: 'refers to itself', nodes: [ask({ allOf: [{ $ref: '#' }] })], ends: ['refused'] },
  {
    name: 'asks by a pattern that counts',
    nodes: [ask({ type: 'string', pattern: '(a|a){40}b' })],
    ends: ['Llm.OutputInvalid'],
  },
  { name: 'appends without a step between', nodes: expression('$reduce([1..100000], $append)'), ends: LIMIT },
  { name: 'never returns', nodes: expression('($f := function($n) { $f($n) }; $f(1))'), ends: LIMIT },
  { name: 'calls itself', nodes: expression('($f := function($n) { 1 + $f($n) }; $f(1))'), ends: LIMIT },
  {
    name: 'maps in a map',
    nodes: expression('$map([1..9999], function($x) { $map([1..9999], function($y) { $x * $y }) })'),
    ends: LIMIT,
  },
  { name: 'makes a large text in a template', nodes: [transform('{{ $pad("x", 100000000) }}')], ends: LIMIT },
  { name: 'fills a picture', nodes: expression('$fromMillis(1, "[Y,*-999999999]")'), ends: ANY },
  {
    name: 'reads by a picture',
    nodes: expression(`$toMillis("${'1'.repeat(60)}x", "${'[Y][M]'.repeat(20)}z")`),
    ends: ANY,
  },
  {
    name: 'names a place of definitions',
    nodes: expression('s'),
    input: { s: { __s3_path: 's3://statebag-test/definitions/', __s3_offloaded: true } },
    ends: ['SUCCEEDED'],
  },
];

/** What grows by `n`, as an expression. */
const GROWERS = [
  (n: number) => `(${HALVES}; $d(s, ${n}))`,
  (n: number) => `($d := function($x, $n) { $n = 0 ? $x : $d([[$x], [$x]], $n - 1) }; $d(s, ${n}))`,
  (n: number) => `($d := function($x, $n) { $n = 0 ? $x : $d($append($x, $x), $n - 1) }; $d([s], ${n}))`,
  (n: number) => `($d := function($x, $n) { $n = 0 ? $x : $d($x & $x, $n - 1) }; $d(s, ${n}))`,
  (n: number) =>
    `($d := function($x, $n) { $n = 0 ? $x : $d($replace($x, "a", "aa"), $n - 1) }; $d("a", ${n}))`,
  (n: number) => `[1..${n * n * n * 20}]`,
  (n: number) => `$pad(s, ${n * n * 500})`,
  (n: number) => `[1..${n * 200}].{"k": $string($), "v": $$.s}`,
];

/** What is done with it. */
const CONSUMERS = [
  (value: string) => `$string(${value})`,
  (value: string) => `(($v := ${value}); $v = ${value})`,
  (value: string) => `(${value}) in [${value}]`,
  (value: string) => `$count($distinct(${value}))`,
  (value: string) => `$sort(${value})`,
  (value: string) => `"" & (${value})`,
  (value: string) => `$join($split($string(${value}), "a"), s)`,
  (value: string) => `$replace($string(${value}), "a", s)`,
  (value: string) => `$count($match($string(${value}), /(a|aa)+b|./))`,
  (value: string) => `$map(${value}, $string)`,
  (value: string) => `$reduce(${value}, $append)`,
  (value: string) => `$count(${value}.**.**)`,
  (value: string) => `$spread(${value})`,
  (value: string) => `${value} ~> |$|{"z": $$.s}|`,
  (value: string) => `$base64encode($string(${value}))`,
];

/** Rows that are drawn: something grows, something is done with it, somewhere in a workflow. */
export const hostileRow: fc.Arbitrary<HostileRow> = fc
  .record({
    grow: fc.constantFrom(...GROWERS),
    consume: fc.constantFrom(...CONSUMERS),
    n: fc.integer({ min: 1, max: 60 }),
    place: fc.constantFrom('expression', 'template', 'condition'),
    s: fc.constantFrom('a', 'ab'.repeat(50), 'é'.repeat(2_000), 'a,'.repeat(20_000)),
  })
  .map(({ grow, consume, n, place, s }) => {
    const source = consume(grow(n));
    const text =
      place === 'expression'
        ? `{% ${source} %}`
        : place === 'template'
          ? `x {{ ${source} }}`
          : `{% $exists(${source}) %}`;
    return { name: `${place} ${source}`, nodes: [transform(text)], input: { s }, ends: ANY };
  });
