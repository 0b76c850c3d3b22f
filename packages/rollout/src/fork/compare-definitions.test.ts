import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { compileWorkflow, readWorkflow } from '@statebag/workflow';
import { compareDefinitions } from './compare-definitions.ts';

const ask = (id: string, prompt: string): JsonObject => ({
  id,
  type: 'llm_chat',
  output_key: id,
  config: { prompt },
});
const CHAIN = [ask('a', 'x'), ask('b', '{{ a }}'), ask('c', 'y'), ask('d', '{{ b }} {{ c }}')];
const ONE_A_SEGMENT = { llm_per_segment: 1 };

function compiled(nodes: readonly JsonObject[], more: JsonObject = { options: ONE_A_SEGMENT }) {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify({ name: 't', nodes, ...more }), {
    file: 't',
  });
  if (workflow) return compileWorkflow(workflow);
  throw new Error(JSON.stringify(diagnostics));
}
const edited = (id: string, prompt: string, nodes = CHAIN) =>
  nodes.map((node) => (node['id'] === id ? ask(id, prompt) : node));
const kept = (...of: Parameters<typeof compareDefinitions>) => [...compareDefinitions(...of).kept];

describe('what an edit touches', () => {
  test('is nothing where only names, limits and descriptions differ', () => {
    const other = compiled(CHAIN, {
      name: 'other',
      description: 'd',
      options: { ...ONE_A_SEGMENT, max_tokens: 9 },
    });
    expect(compareDefinitions(compiled(CHAIN), other)).toMatchObject({ changed: [], added: [], removed: [] });
  });

  test('is a node that asks otherwise, and its segment', () => {
    const [before, after] = [compiled(CHAIN), compiled(edited('b', 'other'))];
    expect(compareDefinitions(before, after)).toMatchObject({ changed: ['b'], added: [], removed: [] });
    expect(kept(before, after)).toEqual(['s01-a', 's03-c', 's04-d']);
  });

  test('is also the node before one that is new', () => {
    const before = compiled(CHAIN);
    const after = compiled([...CHAIN.slice(0, 2), ask('new', 'n'), ...CHAIN.slice(2)]);
    expect(compareDefinitions(before, after)).toMatchObject({ changed: ['b'], added: ['new'], removed: [] });
  });

  test('is a node whose field is reduced otherwise', () => {
    const reduced = { options: ONE_A_SEGMENT, state: { reducers: { c: 'append' } } };
    expect(compareDefinitions(compiled(CHAIN), compiled(CHAIN, reduced)).changed).toEqual(['c']);
  });

  test('is the segment that starts a branch, where the branch was edited', () => {
    const group = (prompt: string) => [
      ask('first', 'f'),
      {
        id: 'both',
        type: 'parallel_group',
        config: { branches: [{ nodes: [ask('left', prompt)] }, { nodes: [ask('right', 'r')] }] },
      },
      ask('last', 'l'),
    ];
    const [before, after] = [compiled(group('l')), compiled(group('other'))];
    expect(compareDefinitions(before, after).changed).toEqual(['both', 'left']);
    const touched = [...before.segments.keys()].filter((id) => !kept(before, after).includes(id));
    expect(touched.map((id) => id.slice(4))).toEqual(['first', 'left']);
  });
});
