import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { diagnosticText } from './document/diagnostics.ts';
import { filesBeside } from './document/read-beside.ts';
import { readDocument, readWorkflow } from './read-workflow.ts';

type Loose = Record<string, unknown>;

const transform = (id: string, more: Loose = {}) => ({
  id,
  type: 'data_transform',
  output_key: `${id}_out`,
  config: { transform: '{% x %}' },
  ...more,
});
const workflow = (more: Loose = {}): Loose => ({
  name: 'test',
  initial_state: { x: 1 },
  nodes: [transform('a'), transform('b')],
  ...more,
});
const read = (document: unknown, file = 'w.json') =>
  readWorkflow(typeof document === 'string' ? document : JSON.stringify(document, null, 2), { file });
const found = (document: unknown) => read(document).diagnostics.map(({ code, path }) => `${code} ${path}`);
const when = (to: string, otherwise: string, id = 'if') => ({
  id,
  type: 'conditional',
  config: { cases: [{ when: '{% x = 1 %}', to }], default: otherwise },
});
const edge = (from: string, to: string) => ({ from, to });
const pause = { id: 'w', type: 'wait', config: { seconds: 1 } };
const each = (nodes: readonly Loose[]) => ({
  id: 'e',
  type: 'for_each',
  output_key: 'all',
  config: { items: '{% x %}', body: { nodes } },
});
const again = (nodes: readonly Loose[]) => ({
  id: 'l',
  type: 'loop',
  config: { body: { nodes }, until: '{% true %}', max_iterations: 10_000 },
});

/** A node inside of a node inside of a node. */
function nested(depth: number, type: string): Loose {
  return depth === 0
    ? transform('inner')
    : { id: `level-${depth}`, type, config: { body: { nodes: [nested(depth - 1, type)] } } };
}

describe('a document is refused for', () => {
  const cases: readonly [string, unknown, string][] = [
    ['no name', { nodes: [transform('a')] }, 'missing-key $'],
    ['no nodes', { name: 'x' }, 'missing-key $'],
    ['an empty list of nodes', workflow({ nodes: [] }), 'missing-key $.nodes'],
    ['an unknown key', workflow({ node: [] }), 'unknown-key $.node'],
    [
      'an unknown node type',
      workflow({ nodes: [transform('a', { type: 'magic' })] }),
      'unknown-type $.nodes[0].type',
    ],
    [
      'a node without an id',
      workflow({ nodes: [{ ...transform('a'), id: undefined }] }),
      'missing-key $.nodes[0]',
    ],
    ['an id that climbs', workflow({ nodes: [transform('../a')] }), 'bad-id $.nodes[0].id'],
    [
      'a branch id that climbs',
      workflow({
        nodes: [
          {
            id: 'g',
            type: 'parallel_group',
            config: { branches: [{ id: '../b', nodes: [transform('b')] }] },
          },
        ],
      }),
      'bad-id $.nodes[0].config.branches[0].id',
    ],
    [
      'the same id twice',
      workflow({ nodes: [transform('a'), transform('a')] }),
      'duplicate-id $.nodes[1].id',
    ],
    [
      'the same id inside of a body',
      workflow({
        nodes: [
          transform('a'),
          {
            id: 'l',
            type: 'loop',
            config: { body: { nodes: [transform('a')] }, until: '{% true %}', max_iterations: 1 },
          },
        ],
      }),
      'duplicate-id $.nodes[1].config.body.nodes[0].id',
    ],
    [
      'an edge to nowhere',
      workflow({ edges: [edge('a', 'b'), edge('b', 'c')] }),
      'dangling-edge $.edges[1].to',
    ],
    [
      'a condition that leads nowhere',
      workflow({ nodes: [when('a', 'gone'), transform('a')], edges: [] }),
      'dangling-edge $.nodes[0].config.default',
    ],
    ['edges in a circle', workflow({ edges: [edge('a', 'b'), edge('b', 'a')] }), 'cycle $.nodes[0]'],
    [
      'a node that nothing leads to',
      workflow({ nodes: [transform('a'), transform('b'), transform('c')], edges: [edge('a', 'b')] }),
      'unreachable $.nodes[2]',
    ],
    [
      'a condition without edges',
      workflow({ nodes: [when('a', 'b'), transform('a'), transform('b')] }),
      'no-edges $',
    ],
    [
      'a missing config key',
      workflow({ nodes: [transform('a', { config: {} })] }),
      'missing-key $.nodes[0].config',
    ],
    [
      'an unknown config key',
      workflow({ nodes: [transform('a', { config: { transform: 1, speed: 9 } })] }),
      'unknown-key $.nodes[0].config.speed',
    ],
    [
      'a missing output_key',
      workflow({ nodes: [{ ...transform('a'), output_key: undefined }] }),
      'missing-key $.nodes[0]',
    ],
    [
      'an output_key that steers the run',
      workflow({ nodes: [transform('a', { output_key: 'loop_counter' })] }),
      'reserved-field $.nodes[0].output_key',
    ],
    [
      'an output_key that reaches a prototype',
      workflow({ nodes: [transform('a', { output_key: '__proto__' })] }),
      'reserved-field $.nodes[0].output_key',
    ],
    [
      'a bad expression',
      workflow({ nodes: [transform('a', { config: { transform: { y: ['{% 1 + %}'] } } })] }),
      'bad-expression $.nodes[0].config.transform.y[0]',
    ],
    [
      'a bad template',
      workflow({ nodes: [transform('a', { config: { transform: 'x {{ y' } })] }),
      'bad-expression $.nodes[0].config.transform',
    ],
    [
      'an expression that is not the whole text',
      workflow({ nodes: [transform('a', { config: { transform: 'x {% y %}' } })] }),
      'bad-expression $.nodes[0].config.transform',
    ],
    [
      'a limit out of range',
      workflow({ options: { max_concurrency: 4_000 } }),
      'out-of-range $.options.max_concurrency',
    ],
    ['an unknown option', workflow({ options: { fast: true } }), 'unknown-key $.options.fast'],
    [
      'an unknown reducer',
      workflow({ state: { reducers: { x: 'multiply' } } }),
      'wrong-shape $.state.reducers.x',
    ],
    [
      'a prompt file that is not there',
      workflow({
        nodes: [{ id: 'a', type: 'llm_chat', output_key: 'y', config: { prompt: { file: 'gone.md' } } }],
      }),
      'file-not-found $.nodes[0].config.prompt.file',
    ],
    [
      'a pause inside of a list',
      workflow({ nodes: [each([pause])] }),
      'pause-in-body $.nodes[0].config.body.nodes[0]',
    ],
    [
      'a pause inside of a loop inside of a list',
      workflow({ nodes: [each([again([pause])])] }),
      'pause-in-body $.nodes[0].config.body.nodes[0].config.body.nodes[0]',
    ],
    [
      'a pause inside of a branch inside of a list',
      workflow({
        nodes: [
          each([
            {
              id: 'g',
              type: 'parallel_group',
              config: { branches: [{ nodes: [pause] }, { nodes: [transform('b')] }] },
            },
          ]),
        ],
      }),
      'pause-in-body $.nodes[0].config.body.nodes[0].config.branches[0].nodes[0]',
    ],
    [
      'branches that come together too early',
      workflow({
        nodes: ['a', 'b', 'c', 'd', 'e'].map((id) => transform(id)),
        edges: [edge('a', 'b'), edge('a', 'c'), edge('a', 'd'), edge('b', 'e'), edge('c', 'e')],
      }),
      'tangled-fork $.nodes[4]',
    ],
    [
      'branches that write the same field',
      workflow({
        nodes: [
          transform('a'),
          transform('b', { output_key: 'y' }),
          transform('c', { output_key: 'y' }),
          transform('d'),
        ],
        edges: [edge('a', 'b'), edge('a', 'c'), edge('b', 'd'), edge('c', 'd')],
      }),
      'write-conflict $.nodes[0]',
    ],
    [
      'subgraphs that are nested too deep',
      workflow({ nodes: [nested(11, 'subgraph')] }),
      `too-many $.nodes[0]${'.config.body.nodes[0]'.repeat(10)}.config.body`,
    ],
    [
      'more branches than are allowed',
      workflow({
        nodes: [
          {
            id: 'g',
            type: 'parallel_group',
            config: {
              branches: Array.from({ length: 201 }, (_, index) => ({ nodes: [transform(`n${index}`)] })),
            },
          },
        ],
      }),
      'too-many $.nodes[0].config.branches',
    ],
    [
      'more nodes than are allowed',
      workflow({ nodes: Array.from({ length: 501 }, (_, index) => transform(`n${index}`)) }),
      'too-many $.nodes',
    ],
  ];
  for (const [what, document, expected] of cases) {
    test(what, () => {
      expect(found(document)).toContain(expected);
      expect(read(document).workflow).toBeNull();
    });
  }
});

describe('a document is taken with a remark about', () => {
  const cases: readonly [string, unknown, string][] = [
    [
      'an old name of a type',
      workflow({ nodes: [transform('a', { type: 'transform' })] }),
      'type-alias $.nodes[0].type',
    ],
    [
      'a field that nobody writes',
      workflow({ nodes: [transform('a', { config: { transform: '{% typo %}' } })] }),
      'unwritten-read $.nodes[0]',
    ],
    [
      'an expression that reads everything',
      workflow({ nodes: [transform('a', { config: { transform: '{% $keys($) %}' } })] }),
      'reads-everything $.nodes[0]',
    ],
  ];
  for (const [what, document, expected] of cases) {
    test(what, () => {
      expect(found(document)).toEqual([expected]);
      expect(read(document).workflow).not.toBeNull();
    });
  }
});

test('a pause inside of lists inside of each other is reported once', () => {
  const outer = { ...each([each([pause])]), id: 'outer' };
  expect(
    found(workflow({ nodes: [outer] })).filter((finding) => finding.startsWith('pause-in-body')),
  ).toHaveLength(1);
});

test('loops may pause, in loops and branches too', () => {
  const branches = [{ nodes: [again([{ ...again([pause]), id: 'inner' }])] }, { nodes: [transform('b')] }];
  const { workflow: taken, diagnostics } = read(
    workflow({ nodes: [{ id: 'g', type: 'parallel_group', config: { branches } }] }),
  );
  expect([taken === null, diagnostics]).toEqual([false, []]);
});

test('every problem is reported at once, each with its place', () => {
  const text =
    '{\n  "name": "x",\n  "nodes": [\n    { "id": "a", "type": "magic" },\n    { "id": "b", "type": "data_transform", "config": { "transform": "{% ( %}" } }\n  ]\n}\n';
  expect(read(text).diagnostics.map(({ code, line, column }) => `${code} ${line}:${column}`)).toEqual([
    'unknown-type 4:26',
    'bad-expression 5:69',
    'missing-key 5:5',
  ]);
});

test('what only the whole graph shows is reported beside smaller mistakes', () => {
  const nodes = [
    transform('a', { config: { transform: '{% typo %}', speed: 9 } }),
    transform('b', { output_key: 'status' }),
  ];
  expect(found(workflow({ nodes, options: { max_concurrency: 0 } }))).toEqual([
    'unknown-key $.nodes[0].config.speed',
    'reserved-field $.nodes[1].output_key',
    'out-of-range $.options.max_concurrency',
    'unwritten-read $.nodes[0]',
  ]);
});

test('a problem reads as one line with place, path and mend', () => {
  const [problem] = read(workflow({ edges: [edge('a', 'c')] })).diagnostics;
  expect(problem && diagnosticText(problem)).toBe(
    'w.json:27:13: error: $.edges[0].to: there is no node "c" here; name a node of the same list',
  );
});

describe('text that cannot be read is reported with its place:', () => {
  test('JSON with a comma too many', () =>
    expect(read('{\n "name": "x",,\n}').diagnostics).toMatchObject([
      { code: 'unreadable', line: 2, column: 14 },
    ]));
  test('JSON that ends early', () =>
    expect(read('{"name":').diagnostics).toMatchObject([{ code: 'unreadable', line: 1 }]));
  test('YAML with a wrong indent', () =>
    expect(read('name: x\n nodes: []', 'w.yaml').diagnostics).toMatchObject([
      { code: 'unreadable', line: 1, column: 7 },
    ]));
  test('YAML that unfolds without end', () => {
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x, x]',
      ...Array.from(
        { length: 8 },
        (_, level) =>
          `${'bcdefghi'[level]}: &${'bcdefghi'[level]} [${Array(10).fill(`*${'abcdefgh'[level]}`).join(', ')}]`,
      ),
    ];
    expect(read(bomb.join('\n'), 'w.yaml').diagnostics).toMatchObject([{ code: 'unreadable' }]);
  });
  for (const file of ['w.json', 'w.yaml']) {
    test(`nesting without end in ${file}`, () =>
      expect(read(`{"name": ${'['.repeat(5_000)}${']'.repeat(5_000)}}`, file).diagnostics).toMatchObject([
        { code: 'unreadable' },
      ]));
  }
  test('a key that reaches a prototype', () =>
    expect(read('{"name": "x", "nodes": [], "__proto__": {}}').diagnostics).toMatchObject([
      { code: 'unreadable' },
    ]));
});

test('a document that came as a value reads like its text, without lines', () => {
  for (const text of [
    JSON.stringify(workflow()),
    JSON.stringify(workflow({ nodes: [transform('a', { type: 'unheard' })] })),
    '{"nodes": [{"__proto__": 1}]}',
  ]) {
    const [value, told] = [readDocument(JSON.parse(text), { file: 'w.json' }), read(text)];
    expect(value.workflow).toEqual(told.workflow);
    expect(value.diagnostics).toMatchObject(
      told.diagnostics.map(({ code, path }) => ({ code, path, line: 0 })),
    );
  }
});

test('a value that is nested without end is refused', () => {
  const name = JSON.parse(`${'['.repeat(5_000)}${']'.repeat(5_000)}`);
  expect(readDocument({ name }, { file: 'w.json' }).diagnostics).toMatchObject([{ code: 'unreadable' }]);
});

test('YAML says the same as JSON', () => {
  const yaml =
    'name: test\ninitial_state: { x: 1 }\nnodes:\n  - id: a\n    type: data_transform\n    output_key: a_out\n    config:\n      transform: "{% x %}"\n';
  expect(read(yaml, 'w.yaml').workflow).toEqual(read(workflow({ nodes: [transform('a')] })).workflow);
});

test('a prompt may lie in a file beside the document, not above it', () => {
  const folder = mkdtempSync(join(tmpdir(), 'beside-'));
  mkdirSync(join(folder, 'prompts'));
  writeFileSync(join(folder, 'prompts', 'a.md'), 'What of {{ x }}?');
  const document = (file: string) =>
    JSON.stringify(
      workflow({ nodes: [{ id: 'a', type: 'llm_chat', output_key: 'y', config: { prompt: { file } } }] }),
    );
  const source = { file: 'w.json', readFile: filesBeside(folder) };
  expect(readWorkflow(document('prompts/a.md'), source).workflow?.nodes[0]?.config).toEqual({
    prompt: 'What of {{ x }}?',
  });
  for (const path of ['../a.md', '/etc/passwd', 'a/../../b', 'C:\\a', 'gone.md'])
    expect(readWorkflow(document(path), source).diagnostics).toMatchObject([{ code: 'file-not-found' }]);
  rmSync(folder, { recursive: true });
});
