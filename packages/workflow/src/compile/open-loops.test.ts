import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { type CompiledWorkflow, compileWorkflow, readWorkflow } from '../index.ts';
import type { CompiledNode } from '../nodes/flow.ts';
import { fieldsToHydrate } from './segment-definition.ts';

const plain = (id: string): JsonObject => ({ id, type: 'operator', config: { set: { x: '{% x + 1 %}' } } });
const llm = (id: string, config: JsonObject = {}): JsonObject => ({
  id,
  type: 'llm_chat',
  output_key: id,
  config: { prompt: '{{ x }}', ...config },
});
const wait = (id: string): JsonObject => ({ id, type: 'wait', config: { seconds: 1 } });
const ask = (id: string): JsonObject => ({
  id,
  type: 'human_approval',
  output_key: id,
  config: { message: 'Well?' },
});
const group = (id: string, ...branches: JsonObject[][]): JsonObject => ({
  id,
  type: 'parallel_group',
  config: { branches: branches.map((nodes) => ({ nodes })) },
});
const loop = (id: string, nodes: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  id,
  type: 'loop',
  config: { body: { nodes }, until: '{% x > 9 %}', max_iterations: 20, ...more },
});
const each = (id: string, nodes: readonly JsonObject[], more: JsonObject = {}): JsonObject => ({
  id,
  type: 'for_each',
  output_key: id,
  config: { items: '{% [1] %}', body: { nodes }, ...more },
});

function compiled(nodes: readonly JsonObject[], options: JsonObject = {}): CompiledWorkflow {
  const text = JSON.stringify({
    name: 'test',
    initial_state: { x: 1 },
    state: { reducers: { x: 'sum' } },
    nodes,
    options,
  });
  const { workflow, diagnostics } = readWorkflow(text, { file: 'test.json' });
  if (workflow) return compileWorkflow(workflow);
  throw new Error(JSON.stringify(diagnostics));
}

function segmentsOf({ manifest }: CompiledWorkflow): string[] {
  return manifest.segments.map(
    ({ segment_type, nodes, next }) => `${segment_type}: ${nodes.join(' ')} -> ${next.join(' ')}`,
  );
}

function nodeOf({ segments }: CompiledWorkflow, id: string): CompiledNode {
  const found = [...segments.values()]
    .flatMap(({ flow }) => Object.values(flow.nodes))
    .find((node) => node.id === id);
  if (found) return found;
  throw new Error(`no node ${id}`);
}

describe('a loop stays in one invocation', () => {
  const cases: readonly [string, readonly JsonObject[]][] = [
    ['when its body is short and plain', [plain('a'), llm('b')]],
    ['when a list in it is short', [each('e', [llm('b')], { expected_items: 3 })]],
    [
      'when a call in a list in it would hand over elsewhere',
      [each('e', [group('g', [plain('a')], [plain('b')])])],
    ],
    ['when a loop in it does', [loop('inner', [plain('a')])]],
  ];
  for (const [when, body] of cases) {
    test(when, () => {
      const workflow = compiled([loop('again', body)]);
      expect(segmentsOf(workflow)).toHaveLength(1);
      expect(nodeOf(workflow, 'again').config).toHaveProperty('body');
    });
  }
});

describe('a loop is laid open', () => {
  const cases: readonly [string, readonly JsonObject[], JsonObject?][] = [
    ['when it waits', [wait('w')]],
    ['when a person is asked in it', [ask('p')]],
    ['when a group is in it', [group('g', [plain('a')], [plain('b')])]],
    ['when a loop in a loop in it waits', [loop('l1', [loop('l2', [wait('w')])])]],
    ['when a call in it takes longer than a segment may', [llm('b', { expected_ms: 130_000 })]],
    [
      'when a list in it takes four times as long as a segment may',
      [each('e', [llm('b')], { expected_items: 1_000 })],
    ],
    [
      'when one iteration takes longer than a segment may',
      [llm('a', { expected_ms: 70_000 }), llm('b', { expected_ms: 70_000 })],
    ],
    ['when an iteration makes more calls than a segment may', [llm('a'), llm('b')], { llm_per_segment: 1 }],
  ];
  for (const [when, body, options] of cases) {
    test(when, () => {
      const workflow = compiled([loop('again', body)], options);
      expect(nodeOf(workflow, 'again')).toMatchObject({
        begins_again_at: expect.any(String),
        reads: ['x'],
        writes: [],
      });
      expect(nodeOf(workflow, 'again').config).not.toHaveProperty('body');
    });
  }

  test('with ways that are as long side by side as one of them', () => {
    const choose = {
      id: 'if',
      type: 'conditional',
      config: { cases: [{ when: '{% x > 1 %}', to: 'a' }], default: 'b' },
    };
    const body = {
      nodes: [choose, llm('a', { expected_ms: 70_000 }), llm('b', { expected_ms: 70_000 })],
      edges: [],
    };
    expect(segmentsOf(compiled([loop('again', [], { body })]))).toEqual(['llm: again -> ']);
  });
});

describe('an open loop', () => {
  test('leads from its last segment to its first, and on', () => {
    expect(
      segmentsOf(
        compiled([plain('before'), loop('again', [plain('a'), wait('w'), plain('b')]), plain('after')]),
      ),
    ).toEqual(['normal: before -> s02-a', 'wait: a w -> s03-b', 'normal: b again after -> s02-a']);
  });

  test('is entered at its first node by conditions, groups and loops before it', () => {
    const choose = {
      id: 'if',
      type: 'conditional',
      config: { cases: [{ when: '{% x > 1 %}', to: 'again' }], default: 'other' },
    };
    const nodes = [choose, loop('again', [loop('inner', [wait('w')])]), plain('other')];
    const text = JSON.stringify({ name: 'test', initial_state: { x: 1 }, nodes, edges: [] });
    const { workflow } = readWorkflow(text, { file: 'test.json' });
    expect(workflow && segmentsOf(compileWorkflow(workflow))).toEqual([
      'normal: if other -> s02-w',
      'wait: w -> s03-inner',
      'normal: inner again -> s02-w',
    ]);
  });

  test('tells every node the loops around it, in branches too', () => {
    const workflow = compiled([
      loop('outer', [
        loop('inner', [group('g', [plain('a'), wait('w')], [each('e', [plain('i')])])]),
        plain('b'),
      ]),
    ]);
    const loops = ['a', 'w', 'e', 'g', 'inner', 'b', 'outer'].map(
      (id) => `${id}: ${nodeOf(workflow, id).loops?.join(' ') ?? ''}`,
    );
    expect(loops).toEqual([
      'a: outer inner',
      'w: outer inner',
      'e: outer inner',
      'g: outer inner',
      'inner: outer',
      'b: outer',
      'outer: ',
    ]);
  });

  test('has its count loaded wherever it matters', () => {
    const { segments } = compiled([plain('before'), loop('outer', [loop('inner', [wait('w')]), plain('b')])]);
    const progress = [...segments.values()]
      .map((segment) => fieldsToHydrate(segment, null))
      .map((fields) => [...fields].filter((field) => field !== 'x'));
    expect(progress).toEqual([
      [],
      ['__progress:inner', '__progress:outer'],
      ['__progress:inner', '__progress:outer'],
    ]);
  });

  test('may run as often as all its iterations take', () => {
    const { manifest } = compiled([
      loop('outer', [loop('inner', [wait('w')], { max_iterations: 50 }), wait('v')], { max_iterations: 100 }),
    ]);
    expect(manifest.max_loop_iterations).toBeGreaterThan(2 * 50 * 100 + 100);
    const many = Array.from({ length: 8 }).reduce<JsonObject>(
      (inner, _, depth) => loop(`l${depth}`, [inner], { max_iterations: 10_000 }),
      wait('w'),
    );
    expect(Number.isSafeInteger(compiled([many]).manifest.max_loop_iterations)).toBe(true);
  });
});

describe('a node that hands over', () => {
  test('is marked, but not inside of a list', () => {
    const workflow = compiled([
      llm('slow', { expected_ms: 130_000 }),
      each('e', [llm('inside', { expected_ms: 130_000 })], { expected_items: 1 }),
    ]);
    expect(segmentsOf(workflow)).toEqual(['async_llm: slow -> s02-e', 'llm: e -> ']);
    expect(JSON.stringify(nodeOf(workflow, 'e'))).not.toContain('hands_over');
  });

  test('gives its segment its type', () => {
    const nodes = [
      wait('w'),
      ask('p'),
      group('g', [plain('a')], [plain('b')]),
      each('e', [llm('i')], { expected_items: 1_000 }),
      plain('last'),
    ];
    expect(compiled(nodes).manifest.segments.map(({ segment_type }) => segment_type)).toEqual(
      ['wait', 'hitp', 'parallel_group', 'normal', 'normal', 'map', 'normal'], //
    );
  });
});
