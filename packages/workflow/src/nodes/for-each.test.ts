import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { runInSegments, TEST_RUN } from '../../test/index.ts';
import { compileWorkflow } from '../compile/compile-workflow.ts';
import { createProviders } from '../providers/create-providers.ts';
import { readWorkflow } from '../read-workflow.ts';
import { evaluateInMemory } from '../run/evaluate-in-memory.ts';

const BODY = {
  nodes: [
    {
      id: 'double',
      type: 'data_transform',
      output_key: 'y',
      config: { transform: "{% $item > 3 ? $error('too much') : $item * rate + $index %}" },
    },
  ],
};

function read(config: JsonObject) {
  const document = {
    name: 'lists',
    initial_state: { numbers: [1, 2, 3], rate: 2, big: 'never read' },
    nodes: [{ id: 'each', type: 'for_each', output_key: 'all', config: { body: BODY, ...config } }],
  };
  return readWorkflow(JSON.stringify(document), { file: 'lists.json' });
}

function soundWorkflow(config: JsonObject) {
  const { workflow, diagnostics } = read(config);
  if (workflow) return workflow;
  throw new Error(JSON.stringify(diagnostics));
}

const inMemory = (config: JsonObject, input: JsonObject = {}) =>
  evaluateInMemory(soundWorkflow(config), input, { ...TEST_RUN, providers: createProviders() });

describe('a list is refused', () => {
  test.each([
    [{}, 'either `items` or `upload` is needed, and not both'],
    [
      { items: '{% numbers %}', upload: 'rows.csv', distributed: 'batched' },
      'either `items` or `upload` is needed, and not both',
    ],
    [{ upload: 'rows.csv' }, '`upload` needs `distributed`'],
    [
      { items: '{% numbers %}', distributed: 'map_reduce', batch_size: 5 },
      '`batch_size` needs `distributed: batched`',
    ],
    [
      { items: '{% numbers %}', tolerated_failure_percentage: 5 },
      '`tolerated_failure_percentage` needs `distributed`',
    ],
  ])('with %j', (config, message) => {
    expect(read(config).diagnostics).toContainEqual(
      expect.objectContaining({ code: 'wrong-shape', message }),
    );
  });
});

describe('a list that is missing', () => {
  const fails = { name: 'Expression.Failed', message: expect.stringContaining('the list is missing') };

  test('fails and names the field that the state does not have', async () => {
    await expect(inMemory({ items: '{% clauses %}' })).rejects.toMatchObject(fails);
    await expect(inMemory({ items: '{% clauses[risk > 1] %}' })).rejects.toMatchObject({
      message: expect.stringContaining('the state has no "clauses"'),
    });
    await expect(inMemory({ items: '{% rate.clauses %}' })).rejects.toMatchObject(fails);
  });

  test.each([
    [{ items: '{% clauses %}', when_missing: 'empty' }],
    [{ items: '{% numbers[$ > 3] %}' }],
    [{ items: '{% $filter(numbers, function($n) { $n > 3 }) %}' }],
    [{ items: '{% [] %}' }],
    [{ items: '{% null %}' }],
  ])('is empty with %j', async (config) => {
    expect(await inMemory(config)).toMatchObject({ all: [] });
  });

  test('is empty in a definition that was published before there was a choice', async () => {
    const workflow = soundWorkflow({ items: '{% clauses %}' });
    const nodes = workflow.nodes.map((node) => {
      const { when_missing, ...config } = node.config;
      expect(when_missing).toBe('fail');
      return { ...node, config };
    });
    const providers = createProviders();
    const state = await evaluateInMemory({ ...workflow, nodes }, {}, { ...TEST_RUN, providers });
    expect(state).toMatchObject({ all: [] });
  });
});

describe('a distributed list', () => {
  test.each([
    ['map_reduce', 'MAP_REDUCE'],
    ['batched', 'BATCHED'],
  ])('of %s says what is to be done, and reads nothing for it', async (distributed, status) => {
    const compiled = compileWorkflow(soundWorkflow({ items: '{% numbers %}', distributed }));
    const { drafts, state } = await runInSegments(compiled, { input: {}, providers: createProviders() });
    expect(drafts[0]).toMatchObject({
      status,
      segment_type: 'map',
      delta: [],
      request: {
        kind: 'map',
        node_id: 'each',
        field: 'all',
        strategy: distributed,
        loop: '',
        retry_of: null,
      },
    });
    expect([...compiled.segments.values()][0]?.reads).toEqual([]);
    expect(state['all']).toEqual([2, 5, 8]);
  });

  test('comes to the same in memory', async () => {
    expect(await inMemory({ items: '{% numbers %}', distributed: 'batched', batch_size: 2 })).toMatchObject({
      all: [2, 5, 8],
    });
  });

  test('gives null for items that may fail, fails when more do, and when all do', async () => {
    const tolerant = { items: '{% numbers %}', distributed: 'batched', tolerated_failure_percentage: 50 };
    expect(await inMemory(tolerant, { numbers: [1, 9, 2, 9] })).toMatchObject({ all: [2, null, 6, null] });
    await expect(inMemory(tolerant, { numbers: [1, 9, 9, 9] })).rejects.toMatchObject({
      name: 'Expression.Failed',
    });
    await expect(
      inMemory({ ...tolerant, tolerated_failure_percentage: 100 }, { numbers: [9, 9] }),
    ).rejects.toMatchObject({ name: 'Expression.Failed' });
  });

  test('of an upload needs workers', async () => {
    await expect(inMemory({ upload: 'rows.csv', distributed: 'batched' })).rejects.toMatchObject({
      name: 'Node.Failed',
    });
  });
});

describe('items that fail', () => {
  const failing = (more: JsonObject) => ({
    items: '{% [1..12] %}',
    body: {
      nodes: [
        {
          id: 'check',
          type: 'data_transform',
          output_key: 'y',
          config: { transform: "{% $item > 3 ? $error('no ' & $item) : $item %}" },
        },
      ],
    },
    ...more,
  });

  test('are named with their places and reasons, the first five of them', async () => {
    await expect(inMemory(failing({ max_concurrency: 12 }))).rejects.toMatchObject({
      name: 'Expression.Failed',
      message: expect.stringMatching(
        /^item 3: node check: .*no 4.*; item 4: .*no 5.*; item 7: .*no 8.*; 4 more$/,
      ),
      details: { node_id: 'check' },
    });
    await expect(inMemory(failing({ max_concurrency: 1 }))).rejects.toMatchObject({
      message: expect.stringMatching(/^item 3: node check: [^;]*no 4[^;]*$/),
    });
  });

  test('are null where they are tolerated', async () => {
    const list = failing({ distributed: 'map_reduce', tolerated_failure_percentage: 90 });
    const outer = {
      items: '{% [1] %}',
      body: { nodes: [{ id: 'inner', type: 'for_each', output_key: 'all', config: list }] },
    };
    expect(await inMemory(outer)).toMatchObject({ all: [[1, 2, 3, ...Array(9).fill(null)]] });
  });
});
