import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { law } from '@statebag/law';
import fc from 'fast-check';
import jsonata from 'jsonata';
import { LIBRARY_FUNCTIONS } from '../src/expressions/known-names.ts';
import { filesBeside, readDocument, readWorkflow } from '../src/index.ts';
import { arbitraryWorkflow } from './arbitrary-workflow.ts';

const HOLE = '@@hole@@';
/** A document as JSON with one hole, which a fragment of text fills. */
const withHole = (document: Json, fragment: string) =>
  JSON.stringify(document, null, 2).replace(JSON.stringify(HOLE), () => fragment);
const node = (type: string, config: JsonObject, more: JsonObject = {}) => ({
  id: type,
  type,
  config,
  ...more,
});
const named = (nodes: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  name: 'x',
  nodes,
  initial_state: { a: 1, 'user-name': 'Ada', t: 't' },
  ...more,
});
const set = node('operator', { set: { y: HOLE } });
const ask = { provider: 'mock' };

/** Every place of a document in which a value may stand. */
const PLACES: Readonly<Record<string, JsonObject>> = {
  config: named([node('data_transform', { transform: { deep: [HOLE] } }, { output_key: 'o' })]),
  prompt: named([node('llm_chat', { ...ask, prompt: HOLE }, { output_key: 'o' })]),
  body: named([node('loop', { until: '{% true %}', max_iterations: 1, body: { nodes: [set] } })]),
  subgraph: named([node('subgraph', { body: { nodes: [set] } })]),
  condition: named(
    [
      node('conditional', { cases: [{ when: HOLE, to: 'data_transform' }], default: 'data_transform' }),
      end(),
    ],
    { edges: [] },
  ),
  initial_state: named([end()], { initial_state: { a: { b: [HOLE] } } }),
};

function end(): JsonObject {
  return node('data_transform', { transform: 1 }, { output_key: 'o' });
}

/** What is wrong, as text; what is said where it stands in each place, or nothing where it is right there. */
const KINDS: Readonly<Record<string, readonly [fragment: string, codes: Readonly<Record<string, string>>]>> =
  {
    'an unknown function': [
      '"{% $upercase(t) %}"',
      { initial_state: 'plain-expression', '': 'unknown-function' },
    ],
    'an unknown function in a template': [
      '"{{ $upercase(t) }}"',
      { initial_state: 'plain-expression', condition: 'wrong-shape', '': 'unknown-function' },
    ],
    'an unknown function as an argument': [
      '"{% $map([a], $upercase) %}"',
      { initial_state: 'plain-expression', '': 'unknown-variable' },
    ],
    'an expression without brackets': [
      '"$sum([a, 2])"',
      { initial_state: '', condition: 'wrong-shape', '': 'plain-expression' },
    ],
    'an expression that lacks its first bracket': [
      '"a %}"',
      { initial_state: '', condition: 'wrong-shape', '': 'bad-expression' },
    ],
    'a template for a number': [
      '"{{ a + 1 }}"',
      { initial_state: 'plain-expression', condition: 'wrong-shape', prompt: '', '': 'text-for-value' },
    ],
    'a hyphen without backticks': [
      '"{% user-name %}"',
      { initial_state: 'plain-expression', '': 'unquoted-name' },
    ],
    'a key that is written twice': ['{ "k": 1, "k": 2 }', { '': 'duplicate-key' }],
    'an integer beyond 2^53': ['12345678901234567890', { '': 'bad-number' }],
    'a number beyond all numbers': ['-1e999', { '': 'bad-number' }],
    'half of a surrogate pair': ['"\\ud800"', { '': 'not-json' }],
    'a comma too many': ['[1, ]', { '': 'unreadable' }],
  };

type Place = { readonly line: number; readonly column: number };

/** Whether a place lies in the fragment that fills the hole. */
function isInside(text: string, fragment: string, { line, column }: Place): boolean {
  const from = text.indexOf(fragment);
  const offset =
    text
      .split('\n')
      .slice(0, line - 1)
      .join('\n').length +
    (line > 1 ? 1 : 0) +
    column -
    1;
  return offset >= from && offset < from + fragment.length;
}

describe.each(Object.entries(KINDS))('%s', (_kind, [fragment, codes]) => {
  test.each(Object.entries(PLACES))('in %s is said once, in its place', (place, document) => {
    const text = withHole(document, fragment);
    const { diagnostics } = readWorkflow(text, { file: 'w.json' });
    const expected = codes[place] ?? codes[''];
    expect(diagnostics.map(({ code }) => code)).toEqual(expected === '' ? [] : [expected]);
    for (const found of diagnostics) expect(isInside(text, fragment, found)).toBe(true);
  });
});

describe('YAML says the same of', () => {
  const cases: readonly [string, string, string][] = [
    ['.nan', '.nan', 'bad-number $.initial_state.v[0]'],
    ['.inf', '-.inf', 'bad-number $.initial_state.v[0]'],
    ['an integer beyond 2^53', '12345678901234567890123', 'bad-number $.initial_state.v[0]'],
    ['a hexadecimal one', '0x20000000000001', 'bad-number $.initial_state.v[0]'],
    ['half of a surrogate pair', '"\\uD800"', 'not-json $.initial_state.v[0]'],
    ['a key that is written twice', '{ k: 1, k: 2 }', 'duplicate-key $.initial_state.v[0].k'],
    ['bytes', '!!binary aGVsbG8=', 'not-json $.initial_state.v[0]'],
    ['a set', '!!set { a, b }', 'not-json $.initial_state.v[0]'],
    ['a tag of somebody', '!mine { a: 1 }', 'not-json $.initial_state.v[0]'],
    ['a list as a key', '{ [1, 2]: x }', 'not-json $.initial_state.v[0]'],
  ];
  test.each(cases)('%s', (_what, value, expected) => {
    const text = `name: x\nnodes: [{ id: a, type: trigger }]\ninitial_state: { v: [${value}] }\n`;
    const { diagnostics } = readWorkflow(text, { file: 'w.yaml' });
    expect(diagnostics.map(({ code, path, line }) => `${code} ${path} ${line}`)).toEqual([`${expected} 3`]);
  });
});

test.each(['w.json', 'w.yaml'])('a byte order mark before %s is no part of it', (file) => {
  const { diagnostics } = readWorkflow(`\uFEFF${JSON.stringify(named([end()]))}`, { file });
  expect(diagnostics).toEqual([]);
});

describe('a value that calculates with fields and lacks its brackets is remarked on:', () => {
  const cases: readonly [string, readonly string[]][] = [
    ['a.b.c', ['plain-expression']],
    ['a * 2', ['plain-expression']],
    ['a > 2 ? b : "none"', ['plain-expression']],
    ['a[0].b.c', ['plain-expression']],
    ['a', []],
    ['a.md', []],
    ['a and b', []],
    ['a - unknown', []],
    ['2 * 2', []],
    ['a text of a', []],
  ];
  test.each(cases)('%s', (transform, expected) => {
    const nodes = [
      { id: 'in', type: 'input', config: { fields: ['a', 'b'] } },
      node('data_transform', { transform }, { output_key: 'o' }),
    ];
    const edges = [{ from: 'in', to: 'data_transform' }];
    const { diagnostics } = readDocument(named(nodes, { edges }), { file: 'w' });
    expect(diagnostics.map(({ code }) => code)).toEqual(expected);
  });
});

test('a value says the same as its text of a number that lost its digits and of half a pair', () => {
  const document = named([end()], { initial_state: { a: 2 ** 60, b: '\ud800' } });
  expect(
    readDocument(document, { file: 'w' }).diagnostics.map(({ code, path }) => `${code} ${path}`),
  ).toEqual(['bad-number $.initial_state.a', 'not-json $.initial_state.b']);
});

describe('one cause, one error:', () => {
  const cases: readonly [string, JsonObject, string][] = [
    [
      'an empty body',
      named([node('subgraph', { body: { nodes: [] } })]),
      'missing-key $.nodes[0].config.body.nodes',
    ],
    ['a body without nodes', named([node('subgraph', { body: {} })]), 'missing-key $.nodes[0].config.body'],
    [
      'an edge to nowhere',
      named([node('trigger', {}), end()], { edges: [{ from: 'trigger', to: 'data_transfrom' }] }),
      'dangling-edge $.edges[0].to',
    ],
    [
      'an unknown type of a node that edges name',
      named([node('triger', {}), end()], { edges: [{ from: 'triger', to: 'data_transform' }] }),
      'unknown-type $.nodes[0].type',
    ],
    [
      'a misspelt key',
      named([node('llm_chat', { promt: 'Hi' }, { output_key: 'o' })]),
      'unknown-key $.nodes[0].config.promt',
    ],
    [
      'a misspelt key of a node',
      named([node('data_transform', { transform: 1 }, { outputkey: 'o' })]),
      'unknown-key $.nodes[0].outputkey',
    ],
    [
      'an unknown provider',
      named([node('llm_chat', { prompt: 'Hi', provider: 'opnai' }, { output_key: 'o' })]),
      'unknown-provider $.nodes[0].config.provider',
    ],
    [
      'an output field that nothing writes',
      named([end(), node('output', { fields: ['o', 'zz'] })]),
      'unwritten-output $.nodes[1].config.fields[1]',
    ],
  ];
  test.each(cases)('%s', (_what, document, expected) => {
    const { diagnostics } = readWorkflow(JSON.stringify(document), { file: 'w.json' });
    expect(diagnostics.map(({ code, path }) => `${code} ${path}`)).toEqual([expected]);
  });
});

test('a field that is calculated with elsewhere is remarked on where it takes a text', () => {
  const nodes = [
    node('operator', { set: { n: '{{ a }}', label: '{{ t }}' } }),
    node('data_transform', { transform: '{% n * 2 %}' }, { output_key: 'o' }),
  ];
  const { diagnostics } = readWorkflow(JSON.stringify(named(nodes)), { file: 'w.json' });
  expect(diagnostics.map(({ code, path }) => `${code} ${path}`)).toEqual([
    'text-for-value $.nodes[0].config.set.n',
  ]);
});

test('a difference of two fields is no name', () => {
  const document = named([node('data_transform', { transform: '{% a-t %}' }, { output_key: 'o' })]);
  expect(readWorkflow(JSON.stringify(document), { file: 'w.json' }).diagnostics).toEqual([]);
});

test('a field without a name is refused, and is looked for in no expression', () => {
  const node = { id: 'n', type: 'data_transform', output_key: 'o', config: { transform: '{% a + 1 %}' } };
  const document = { name: 'x', initial_state: { '': 1, a: 1 }, nodes: [node] };
  const { diagnostics } = readWorkflow(JSON.stringify(document), { file: 'w.json' });
  expect(diagnostics.map(({ code, path }) => `${code} ${path}`)).toEqual([
    'reserved-field $.initial_state[""]',
  ]);
});

describe('a file beside the document', () => {
  let folder = '';
  const prompt = (file: string) =>
    readWorkflow(JSON.stringify(named([node('llm_chat', { prompt: { file } }, { output_key: 'o' })])), {
      file: 'w.json',
      readFile: filesBeside(join(folder, 'in')),
    }).diagnostics.map(({ code, file: where, line, column }) => `${code} ${where}:${line}:${column}`);

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'beside-'));
    mkdirSync(join(folder, 'in', 'sub'), { recursive: true });
    mkdirSync(join(folder, 'out'));
    writeFileSync(join(folder, 'out', 'secret.md'), 'secret');
    writeFileSync(join(folder, 'in', 'good.md'), 'Hello {{ a }}');
    writeFileSync(join(folder, 'in', 'bad.md'), 'line one\nline two {{ t }\nline {{ $nofn(t) }}\n');
    writeFileSync(join(folder, 'in', 'nofn.md'), 'line one\n  {{ $nofn(t) }}\n');
    writeFileSync(join(folder, 'in', 'large.md'), Buffer.alloc(1_100_000, 'a'));
    writeFileSync(join(folder, 'in', 'latin.md'), Buffer.from([0x67, 0xfc, 0x6e]));
    symlinkSync(join(folder, 'out', 'secret.md'), join(folder, 'in', 'link'));
    symlinkSync(join(folder, 'out'), join(folder, 'in', 'folder'));
    symlinkSync('good.md', join(folder, 'in', 'inside'));
    symlinkSync('round', join(folder, 'in', 'round'));
    symlinkSync('/dev/zero', join(folder, 'in', 'device'));
    execFileSync('mkfifo', [join(folder, 'in', 'pipe')]);
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  test.each([
    ['good.md', []],
    ['inside', []],
    ['gone.md', ['file-not-found w.json:1:']],
    ['link', ['file-refused w.json:1:']],
    ['folder/secret.md', ['file-refused w.json:1:']],
    ['device', ['file-refused w.json:1:']],
    ['pipe', ['file-refused w.json:1:']],
    ['round', ['file-refused w.json:1:']],
    ['sub', ['file-refused w.json:1:']],
    ['large.md', ['file-refused w.json:1:']],
    ['latin.md', ['file-refused w.json:1:']],
    ['bad.md', ['bad-expression bad.md:2:10']],
    ['nofn.md', ['unknown-function nofn.md:2:6']],
  ] as const)('%s', (file, expected) => {
    const found = prompt(file);
    expect(found).toHaveLength(expected.length);
    for (const [index, start] of expected.entries()) expect(found[index]?.startsWith(start)).toBe(true);
  });
});

test('every function of the library is known, and none besides', async () => {
  const exists = await Promise.all(
    LIBRARY_FUNCTIONS.map((name) => jsonata(`$exists($${name})`).evaluate({})),
  );
  expect(LIBRARY_FUNCTIONS.filter((_name, index) => exists[index] !== true)).toEqual([]);
});

const NEW_KINDS: ReadonlySet<string> = new Set([
  ...Object.values(KINDS).flatMap(([, codes]) => Object.values(codes)),
  ...['unwritten-output', 'unknown-provider', 'file-refused', 'bad-expression'],
]);
const ofNewKinds = (text: string) =>
  readWorkflow(text, { file: 'w.json' }).diagnostics.filter(({ code }) => NEW_KINDS.has(code));
const anyWorkflow = arbitraryWorkflow({
  groups: true,
  waits: true,
  approvals: true,
  workers: true,
  maps: true,
});
/** Fragments that are wrong wherever a value is computed. */
const WRONG = Object.entries(KINDS).map(([, [fragment, codes]]) => [fragment, codes[''] ?? ''] as const);

/** The document with a hole in place of one computed value, where it has one. */
function pierced(document: Json, target: number): Json | null {
  const values: (string | number)[][] = [];
  const visit = (part: Json, at: (string | number)[]): void => {
    if (at.at(-1) === 'transform' || at.at(-2) === 'set') values.push(at);
    else if (Array.isArray(part)) for (const [index, member] of part.entries()) visit(member, [...at, index]);
    else if (isJsonObject(part))
      for (const [key, member] of Object.entries(part)) visit(member, [...at, key]);
  };
  visit(document, []);
  const way = values[target % Math.max(values.length, 1)];
  return way === undefined ? null : replaced(document, way);
}

function replaced(part: Json, [step, ...rest]: readonly (string | number)[]): Json {
  if (step === undefined) return HOLE;
  if (Array.isArray(part))
    return part.map((member, index) => (index === step ? replaced(member, rest) : member));
  return isJsonObject(part) ? { ...part, [step]: replaced(part[step] ?? null, rest) } : part;
}

test('a good workflow gets none of these remarks', () =>
  law(
    fc.property(anyWorkflow, ({ document }) => {
      expect(ofNewKinds(JSON.stringify(document))).toEqual([]);
    }),
    { cases: 200 },
  ));

test('one wrong value in a good workflow gets one remark, and its place lies in that value', () =>
  law(
    fc.property(
      anyWorkflow,
      fc.nat(50),
      fc.constantFrom(...WRONG),
      ({ document }, target, [fragment, code]) => {
        const holed = pierced(document, target);
        if (holed === null) return;
        const text = withHole(holed, fragment);
        const found = ofNewKinds(text);
        expect(found.map((each) => each.code)).toEqual([code]);
        for (const each of found) expect(isInside(text, fragment, each)).toBe(true);
      },
    ),
    { cases: 300 },
  ));
