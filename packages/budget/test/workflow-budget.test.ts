import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { runWorkflow } from '@statebag/testing';
import {
  compileWorkflow,
  filesBeside,
  nodeTypeReference,
  readDocument,
  readWorkflow,
} from '@statebag/workflow';
import { type Budget, type BudgetLine, budgetOfWorkflow, type Declared, type Measure } from '../src/index.ts';
import { knowsType } from '../src/workflow/node-rules.ts';

const EXAMPLES = join(import.meta.dirname, '..', '..', '..', 'examples');

function budgetOf(document: JsonObject, declared: Declared = {}): Budget {
  const { workflow, diagnostics } = readDocument({ name: 'w', ...document }, { file: 'w.json' });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  return budgetOfWorkflow(compileWorkflow(workflow), declared);
}

function lineIn({ lines }: Budget, measure: Measure): BudgetLine {
  const line = lines.find((each) => each.measure === measure);
  if (!line) throw new Error(`the budget says nothing of ${measure}`);
  return line;
}

const closed = (properties: JsonObject): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  properties,
});
const input = (properties: JsonObject): JsonObject => ({
  id: 'in',
  type: 'input',
  config: { schema: closed(properties) },
});
const loop = (max_iterations: number): JsonObject => ({
  nodes: [
    input({ draft: { type: 'string', maxLength: 10 } }),
    {
      id: 'improve',
      type: 'loop',
      config: {
        until: '{% $length(draft) > 1000000 %}',
        max_iterations,
        at_limit: 'keep',
        body: {
          nodes: [
            { id: 'aside', type: 'operator', config: { set: { seen: 1 } } },
            { id: 'again', type: 'operator', config: { set: { seen: 2 } } },
            {
              id: 'more',
              type: 'data_transform',
              output_key: 'draft',
              config: { transform: '{{ draft }}+' },
            },
          ],
        },
      },
    },
    { id: 'read', type: 'data_transform', output_key: 'size', config: { transform: '{% $length(draft) %}' } },
  ],
  edges: [
    { from: 'in', to: 'improve' },
    { from: 'improve', to: 'read' },
  ],
});

test('every node type has a rule of its own', () => {
  expect(nodeTypeReference().filter(({ type }) => !knowsType(type))).toEqual([]);
});

describe('a loop', () => {
  test('adds what it may add in all of its turns', () => {
    const [few, more] = [3, 13].map((turns) => lineIn(budgetOf(loop(turns)), 'object').bound);
    expect(Number(more) - Number(few)).toBeGreaterThanOrEqual(10);
    expect(lineIn(budgetOf(loop(13)), 'memory').bound).toBeLessThan(500);
  });

  test('that may turn too often to be gone through is named with the field that grows', () => {
    const { verdict, loose } = lineIn(budgetOf(loop(10_000)), 'memory');
    expect(verdict).toBe('unbounded');
    expect(loose).toContainEqual(expect.objectContaining({ of: 'loop improve', at: 'draft' }));
  });

  test('has the bound that state.schema declares for the field, and says that nobody checks it', () => {
    const state = { properties: { draft: { type: 'string', maxLength: 500 } } };
    const budget = budgetOf(loop(10_000), { state });
    expect(lineIn(budget, 'memory')).toMatchObject({ verdict: 'holds' });
    expect(budget.assumes).toEqual(['draft: what is written obeys state.schema']);
  });
});

describe('a node whose result nothing tells', () => {
  const asking: JsonObject = {
    nodes: [
      input({}),
      {
        id: 'ask',
        type: 'api_call',
        output_key: 'answer',
        config: { url: 'https://service.example/', max_bytes: 1_000 },
      },
      { id: 'use', type: 'data_transform', output_key: 'x', config: { transform: '{% answer.body.name %}' } },
    ],
    edges: [
      { from: 'in', to: 'ask' },
      { from: 'ask', to: 'use' },
    ],
  };

  test('has the bound of what it may answer', () => {
    expect(lineIn(budgetOf(asking), 'memory').bound).toBeLessThan(250_000);
  });

  test('has that of the schema that was given for it', () => {
    const body = closed({ name: { type: 'string', maxLength: 5 } });
    const answers = { ask: closed({ status: { const: 200 }, headers: closed({}), body }) };
    expect(lineIn(budgetOf(asking, { answers }), 'memory').bound).toBeLessThan(500);
  });

  test('names an expression that it cannot follow', () => {
    const nodes = [
      input({ a: { type: 'string', maxLength: 5 } }),
      {
        id: 'x',
        type: 'data_transform',
        output_key: 'x',
        config: { transform: "{% $replace(a, 'a', 'b') %}" },
      },
      { id: 'y', type: 'data_transform', output_key: 'y', config: { transform: '{{ x }}' } },
    ];
    const edges = [
      { from: 'in', to: 'x' },
      { from: 'x', to: 'y' },
    ];
    const { loose } = lineIn(budgetOf({ nodes, edges }), 'object');
    expect(loose).toContainEqual(expect.objectContaining({ of: 'node x', at: '$replace', keyword: null }));
  });
});

describe('what is counted', () => {
  const waiting = (config: JsonObject): JsonObject => ({
    nodes: [input({ when: { type: 'string', maxLength: 30 } }), { id: 'pause', type: 'wait', config }],
    edges: [{ from: 'in', to: 'pause' }],
  });

  test('is over where a wait is longer than an execution may take', () => {
    expect(lineIn(budgetOf(waiting({ seconds: 3_000_000 })), 'duration')).toMatchObject({ verdict: 'over' });
    expect(lineIn(budgetOf(waiting({ seconds: 3_000 })), 'duration')).toMatchObject({ verdict: 'holds' });
  });

  test('has no bound where the data say how long the run waits', () => {
    const { verdict, loose } = lineIn(budgetOf(waiting({ until: '{{ when }}' })), 'duration');
    expect(verdict).toBe('unbounded');
    expect(loose).toContainEqual(expect.objectContaining({ of: 'node pause', keyword: 'seconds' }));
  });

  test('has the waits between attempts in it, which nobody waits for where nothing fails', () => {
    const retry = { attempts: 3, interval_s: 100, backoff: 3 };
    const ask = {
      id: 'ask',
      type: 'api_call',
      output_key: 'x',
      config: { url: 'https://service.example/', timeout_ms: 1_000, retry },
    };
    const document = { nodes: [input({}), ask], edges: [{ from: 'in', to: 'ask' }] };
    const { bound, undisturbed = 0 } = lineIn(budgetOf(document), 'duration');
    expect(bound - undisturbed).toBeGreaterThanOrEqual(400);
    expect(undisturbed).toBeLessThan(100);
  });

  test('is no more than the workflow lets itself spend', () => {
    const ask = {
      id: 'ask',
      type: 'llm_chat',
      output_key: 'x',
      config: { prompt: 'Hello', provider: 'openai' },
    };
    const document = { nodes: [input({}), ask], edges: [{ from: 'in', to: 'ask' }] };
    expect(lineIn(budgetOf(document), 'tokens').bound).toBe(Infinity);
    expect(lineIn(budgetOf({ ...document, options: { max_tokens: 900 } }), 'tokens').bound).toBe(900);
  });
});

describe('what stands beside a state', () => {
  test('is a bag with what a person answered last', () => {
    const asking = (maxLength: number): Budget => {
      const ask = { id: 'ask', type: 'human_approval', output_key: 'x', config: { message: 'Good?' } };
      const comment = { type: 'string', maxLength, pattern: '^[a-z]*$' };
      const answers = { ask: closed({ choice: { const: 'approve' }, comment }) };
      return budgetOf({ nodes: [input({}), ask], edges: [{ from: 'in', to: 'ask' }] }, { answers });
    };
    const [short, long] = [1_000, 2_000].map((most) => lineIn(asking(most), 'bag').bound);
    expect(Number(long) - Number(short)).toBeGreaterThanOrEqual(2 * 1_000);
  });

  test('is what each worker of a list was given and has left', async () => {
    const ask = { id: 'ask', type: 'llm_chat', output_key: 'x', config: { prompt: 'Hello {{ $item }}' } };
    const each = {
      id: 'each',
      type: 'for_each',
      output_key: 'all',
      config: { items: '{% [1..80] %}', distributed: 'map_reduce', body: { nodes: [ask], edges: [] } },
    };
    const document = {
      name: 'w',
      version: '1',
      nodes: [input({}), each],
      edges: [{ from: 'in', to: 'each' }],
    };
    const { status, largest } = await runWorkflow(document, { answers: { ask: () => 'yes' } });
    expect(status).toBe('SUCCEEDED');
    expect(lineIn(budgetOf(document), 'map output').bound).toBeGreaterThanOrEqual(largest.bytes);
    expect(largest.bytes).toBeGreaterThan(10_000);
  });
});

test('a file that is used is gone through like the rest, and what only a default bounds is named', () => {
  const folder = join(EXAMPLES, 'second-opinion');
  const file = join(folder, 'workflow.yaml');
  const { workflow } = readWorkflow(readFileSync(file, 'utf8'), { file, readFile: filesBeside(folder) });
  if (!workflow) throw new Error('the example is not valid');
  const schema = closed({ proposal: { type: 'string', maxLength: 100 } });
  const { verdict, loose } = lineIn(budgetOfWorkflow(compileWorkflow(workflow), { input: schema }), 'memory');
  expect(verdict).toBe('holds');
  expect(loose.map(({ keyword }) => keyword)).toContain('maxLength');
});
