import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { compileWorkflow } from '../compile/compile-workflow.ts';
import { readWorkflow } from '../read-workflow.ts';
import { checkInput } from './input-contract.ts';

const shown = (config: JsonObject, more: JsonObject = {}) => {
  const nodes = [
    { id: 'in', type: 'input', config },
    { id: 'a', type: 'data_transform', output_key: 'x', config: { transform: '{% topic %}' } },
  ];
  const document = { name: 'w', nodes, edges: [{ from: 'in', to: 'a' }], ...more };
  return readWorkflow(JSON.stringify(document), { file: 'w.json' });
};

async function told(config: JsonObject, input: JsonObject, more: JsonObject = {}) {
  const { workflow, diagnostics } = shown(config, more);
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const { manifest } = compileWorkflow(workflow);
  const { problems, remarks } = await checkInput(manifest.input, input, manifest.initial_state);
  return {
    problems: problems.map(({ path }) => path),
    remarks: remarks.map(({ path, mend }) => `${path} ${mend}`),
  };
}

const TYPED = { schema: { type: 'object', properties: { topic: { type: 'string' } }, required: ['topic'] } };

describe('an input', () => {
  test.each<[string, JsonObject, JsonObject, JsonObject, string[], string[]]>([
    ['brings what is required', { fields: ['topic'] }, { topic: 1 }, {}, [], []],
    ['lacks a field', { fields: ['topic', 'tone'] }, { topic: 1 }, {}, ['$.tone'], []],
    ['lacks an optional field', { fields: ['topic', 'tone'], optional: ['tone'] }, { topic: 1 }, {}, [], []],
    ['lacks what the state begins with', { fields: ['topic'] }, {}, { initial_state: { topic: 1 } }, [], []],
    ['is null where it has to be there', { fields: ['topic'] }, { topic: null }, {}, [], []],
    ['misspells a field', { fields: ['topic'] }, { topci: 1 }, {}, ['$.topic'], []],
    [
      'has a stranger',
      { fields: ['topic'] },
      { topic: 1, topics: 2 },
      {},
      [],
      ['$.topics the nearest is "topic"'],
    ],
    ['has a far stranger', { fields: ['topic'] }, { topic: 1, zzz: 2 }, {}, [], ['$.zzz it takes topic']],
    [
      'knows state.schema',
      { fields: ['topic'] },
      { topic: 1, t: 2 },
      { state: { schema: { properties: { t: {} } } } },
      [],
      [],
    ],
    ['obeys a schema', TYPED, { topic: 'a' }, {}, [], []],
    ['lacks what a schema requires', TYPED, {}, {}, ['$.topic'], []],
    ['does not obey a schema', TYPED, { topic: 1 }, {}, ['$.topic'], []],
    ['begins with what a schema requires', TYPED, {}, { initial_state: { topic: 'a' } }, [], []],
    ['begins with what does not obey', TYPED, {}, { initial_state: { topic: 1 } }, ['$.topic'], []],
    [
      'has what a closed schema does not know',
      { schema: { properties: { topic: {} }, additionalProperties: false } },
      { topic: 1, z: 1 },
      {},
      ['$.z'],
      ['$.z it takes topic'],
    ],
  ])('%s', async (_what, config, input, more, problems, remarks) => {
    expect(await told(config, input, more)).toEqual({ problems, remarks });
  });

  test('of a workflow without input nodes is remarked on where nothing reads it', async () => {
    const nodes = [
      { id: 'a', type: 'data_transform', output_key: 'x', config: { transform: '{% topic %}' } },
    ];
    const { workflow } = readWorkflow(JSON.stringify({ name: 'w', nodes }), { file: 'w.json' });
    if (!workflow) throw new Error('not good');
    const { input } = compileWorkflow(workflow).manifest;
    const { problems, remarks } = await checkInput(input, { topics: 1 }, {});
    expect({ problems, remarks: remarks.map(({ path }) => path) }).toEqual({
      problems: [],
      remarks: ['$.topics'],
    });
  });

  test('of a definition that says nothing of its input may be anything', async () => {
    expect(await checkInput(undefined, { any: 1 }, {})).toEqual({ problems: [], remarks: [] });
  });
});

test('an input node names fields, or has a schema that can be used', () => {
  const codes = (config: JsonObject) => shown(config).diagnostics.map(({ code }) => code);
  expect(codes({})).not.toEqual([]);
  expect(codes({ schema: { properties: { topic: { $ref: '#/nowhere' } } } })).toContain('bad-schema');
  expect(codes(TYPED)).toEqual([]);
});
