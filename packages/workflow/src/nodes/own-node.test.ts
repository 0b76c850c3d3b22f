import { describe, expect, test } from '@jest/globals';
import { isStatebagError, type Json, type JsonObject } from '@statebag/contracts';
import { defineNode, NodeFailure, type StandardSchema } from '@statebag/node';
import { TEST_RUN } from '../../test/run-in-segments.ts';
import {
  compileWorkflow,
  createProviders,
  evaluateInMemory,
  ownNodes,
  readWorkflow,
  workflowSchema,
} from '../index.ts';

const short = defineNode({
  type: 'text.short',
  doc: 'Cuts a text.',
  config: {
    type: 'object',
    properties: { field: { type: 'string', pattern: '^[a-z]+$' }, most: { type: 'integer', minimum: 1 } },
    required: ['field', 'most'],
    additionalProperties: false,
  } as const,
  reads: ({ field }) => [field],
  run: ({ config, state }) => String(state[config.field]).slice(0, config.most),
});

const charged: string[] = [];
const charge = defineNode({
  type: 'shop.charge',
  reads: ['amount'],
  writes: ['receipt', 'paid'],
  effect: 'once',
  run: async ({ state, key, secret }) => {
    charged.push(key);
    return { receipt: `for ${state.amount} with ${await secret('card')}`, paid: true };
  },
});

const fails = defineNode({ type: 'test.fails', run: () => Object(undefined).a.b });
const passes = defineNode({
  type: 'test.passes',
  effect: 'idempotent',
  retry: { attempts: 2, intervalS: 0.1 },
  run: () => {
    throw new NodeFailure('busy', { mayPass: true });
  },
});
const odd = defineNode({ type: 'test.odd', run: () => ({ at: new Date(0) }) });
const half = defineNode({ type: 'test.half', writes: ['a', 'b'], run: () => ({ a: 1, c: 2 }) });
const slow = defineNode({
  type: 'test.slow',
  effect: 'once',
  timeoutMs: 5,
  run: () => new Promise(() => {}),
});
const standard: StandardSchema<{ to: string }> = {
  '~standard': {
    version: 1,
    vendor: 'own',
    validate: (value) => {
      const { to } = Object(value);
      return typeof to === 'string'
        ? { value: { to: to.toUpperCase() } }
        : { issues: [{ message: 'wants a text', path: ['to'] }] };
    },
  },
};
const loud = defineNode({ type: 'text.loud', config: standard, run: ({ config }) => config.to });

const nodes = ownNodes([short, charge, fails, passes, odd, half, slow, loud]);

function read(node: JsonObject, initial_state: JsonObject = { title: 'A long title', amount: 5 }) {
  const document = { name: 'own', initial_state, nodes: [{ id: 'own', ...node }] };
  return readWorkflow(JSON.stringify(document), { file: 'own.json', nodes });
}

async function ran(node: JsonObject): Promise<JsonObject> {
  const { workflow, diagnostics } = read(node);
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  return evaluateInMemory(
    workflow,
    {},
    { ...TEST_RUN, providers: createProviders(), nodes: async () => nodes, secret: async () => '4242-4242' },
  );
}

const failure = (node: JsonObject) =>
  ran(node).then(
    () => 'no failure',
    (error: unknown) => (isStatebagError(error) ? [error.name, error.message] : error),
  );

describe('a node of the project', () => {
  test('sees its config with expressions evaluated, and the fields that it reads', async () => {
    const config = { field: 'title', most: '{% 3 + 3 %}' };
    expect((await ran({ type: 'text.short', output_key: 'short', config }))['short']).toBe('A long');
  });

  test('is planned by what it declares', () => {
    const { workflow } = read({ type: 'shop.charge' });
    if (!workflow) throw new Error('unreadable');
    const { flow } = [...compileWorkflow(workflow).segments.values()][0] ?? {};
    expect(flow?.nodes['own']).toMatchObject({
      type: 'shop.charge',
      reads: ['amount'],
      writes: ['paid', 'receipt'],
      config: { effect: 'once', version: '1' },
    });
  });

  test('with an effect is called with a key, and no secret comes out of it', async () => {
    expect(await ran({ type: 'shop.charge' })).toMatchObject({ receipt: 'for 5 with (secret)', paid: true });
    expect(charged).toEqual([expect.stringMatching(/^[0-9a-f]{64}$/)]);
  });

  test('takes what a Standard Schema makes of its config', async () => {
    expect((await ran({ type: 'text.loud', output_key: 'out', config: { to: 'ada' } }))['out']).toBe('ADA');
  });

  const failures: readonly [string, JsonObject, string, string][] = [
    ['an error', { type: 'test.fails', output_key: 'x' }, 'Node.Failed', 'TypeError: Cannot read'],
    ['a result that is no JSON', { type: 'test.odd', output_key: 'x' }, 'Node.Failed', 'not JSON'],
    [
      'a result without a field that it declares',
      { type: 'test.half' },
      'Node.Failed',
      'declares that it writes a, b, and gave a, c',
    ],
    [
      'a config that an expression made wrong',
      { type: 'text.short', output_key: 'x', config: { field: 'title', most: '{% 0 %}' } },
      'Node.Failed',
      'config.most: ',
    ],
    ['a call that is late', { type: 'test.slow' }, 'Function.Unavailable', 'not ready after 5 ms'],
    ['a failure that stays', { type: 'test.passes' }, 'Node.RetriesExhausted', '2 attempts failed'],
  ];
  for (const [what, node, name, message] of failures) {
    test(`fails for ${what}`, async () => {
      expect(await failure(node)).toEqual([name, expect.stringContaining(message)]);
    });
  }
});

describe('validate', () => {
  const refused: readonly [string, JsonObject, string, string][] = [
    [
      'a key that the schema does not know',
      { type: 'text.short', output_key: 'x', config: { field: 'title', most: 1, more: 2 } },
      '$.nodes[0].config.more',
      'is not known here',
    ],
    [
      'a value that does not fit',
      { type: 'text.short', output_key: 'x', config: { field: 'TITLE', most: 1 } },
      '$.nodes[0].config.field',
      'text.short: ',
    ],
    [
      'what a Standard Schema refuses',
      { type: 'text.loud', output_key: 'x', config: { to: 1 } },
      '$.nodes[0].config.to',
      'text.loud: wants a text',
    ],
    ['a result without a place', { type: 'test.odd' }, '$.nodes[0]', '`output_key` is missing'],
    [
      'a place for a result that has its own',
      { type: 'test.half', output_key: 'x' },
      '$.nodes[0].output_key',
      'no result to store',
    ],
    ['a type that nobody declares', { type: 'text.shout' }, '$.nodes[0].type', 'is not a node type'],
    [
      'a field that is named by an expression',
      { type: 'text.short', output_key: 'x', config: { field: '{{ title }}', most: 1 } },
      '$.nodes[0].config',
      'names a field by an expression',
    ],
  ];
  for (const [what, node, path, message] of refused) {
    test(`refuses ${what}`, () => {
      const { workflow, diagnostics } = read(node);
      expect(workflow).toBeNull();
      expect(diagnostics.map((found) => [found.path, found.message])).toContainEqual([
        path,
        expect.stringContaining(message),
      ]);
    });
  }

  test('knows no node of a project where none is given', () => {
    const text = JSON.stringify({ name: 'own', nodes: [{ id: 'own', type: 'test.odd', output_key: 'x' }] });
    const [found] = readWorkflow(text, { file: 'own.json' }).diagnostics;
    expect([found?.code, found?.mend]).toEqual([
      'unknown-type',
      expect.stringContaining('docs/own-nodes.md); there are none'),
    ]);
  });
});

test('the schema for editors has the config of a node, and lets an expression stand for each value', () => {
  const { definitions } = workflowSchema(nodes) as { definitions: { node: { oneOf: Json[] } } };
  expect(definitions.node.oneOf).toContainEqual(
    expect.objectContaining({
      description: 'Cuts a text.',
      required: ['id', 'type', 'output_key'],
      properties: expect.objectContaining({ type: { const: 'text.short' } }),
    }),
  );
});
