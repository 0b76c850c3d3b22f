import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import type { NodeId } from '@statebag/contracts/ids';
import { type CompiledWorkflow, compileWorkflow, readWorkflow } from '@statebag/workflow';
import { compareDefinitions } from './compare-definitions.ts';
import { fatesOf } from './node-fates.ts';

const ask = (id: string, prompt: string): JsonObject => ({
  id,
  type: 'llm_chat',
  output_key: id,
  config: { prompt },
});
const set = (id: string, value: string): JsonObject => ({
  id,
  type: 'operator',
  config: { set: { [id]: value } },
});
const CHAIN = [ask('a', 'x'), ask('b', '{{ a }}'), ask('c', 'y'), ask('d', '{{ b }} {{ c }}')];

function compiled(nodes: readonly JsonObject[], edges?: readonly JsonObject[]): CompiledWorkflow {
  const { workflow, diagnostics } = readWorkflow(
    JSON.stringify({ name: 't', nodes, ...(edges && { edges }), options: { llm_per_segment: 1 } }),
    { file: 't' },
  );
  if (workflow) return compileWorkflow(workflow);
  throw new Error(JSON.stringify(diagnostics));
}

function fates(
  before: CompiledWorkflow,
  after: CompiledWorkflow,
  { fields = [], finished = null }: { fields?: string[]; finished?: ReadonlySet<NodeId> | null } = {},
) {
  const change = compareDefinitions(before, after);
  return Object.fromEntries(fatesOf(before, after, { change, fields, finished }));
}

describe('what becomes of a node', () => {
  test('that reads a changed value, directly or not, depends on it', () => {
    const after = compiled(CHAIN.map((node) => (node['id'] === 'b' ? ask('b', 'other') : node)));
    expect(fates(compiled(CHAIN), after)).toEqual({
      a: 'taken over',
      b: 'repeats',
      c: 'taken over',
      d: 'depends',
    });
    expect(fates(compiled(CHAIN), compiled(CHAIN), { fields: ['c'] })['d']).toBe('depends');
  });

  test('is told by what was taken away before it, too', () => {
    const after = compiled([CHAIN[0] ?? {}, ...CHAIN.slice(2)]);
    expect(fates(compiled(CHAIN), after)).toEqual({ a: 'taken over', c: 'taken over', d: 'depends' });
  });

  test('that only has a new neighbour is taken over', () => {
    const after = compiled([...CHAIN.slice(0, 2), ask('new', 'n'), ...CHAIN.slice(2)]);
    expect(fates(compiled(CHAIN), after)).toMatchObject({ b: 'taken over', new: 'repeats', c: 'taken over' });
  });

  test('that runs in another order depends on what came before it', () => {
    const [a = {}, b = {}, c = {}, d = {}] = CHAIN;
    expect(fates(compiled(CHAIN), compiled([a, c, b, d]))).toMatchObject({ b: 'depends', c: 'depends' });
  });

  test('that the run never came to runs for the first time', () => {
    const finished = new Set(['a', 'b'] as NodeId[]);
    expect(fates(compiled(CHAIN), compiled(CHAIN), { finished })).toEqual({
      a: 'taken over',
      b: 'taken over',
      c: 'first',
      d: 'first',
    });
  });

  test('that stands behind a changed condition, or reads what is written there, depends on it', () => {
    const decided = (when: string) =>
      compiled(
        [
          { id: 'if', type: 'conditional', config: { cases: [{ when, to: 'yes' }], default: 'no' } },
          set('yes', 'y'),
          ask('no', 'n'),
          ask('both', 'b'),
          ask('reader', '{{ yes }}'),
        ],
        [
          { from: 'yes', to: 'both' },
          { from: 'no', to: 'both' },
          { from: 'both', to: 'reader' },
        ],
      );
    expect(fates(decided('{% true %}'), decided('{% false %}'))).toEqual({
      if: 'repeats',
      yes: 'depends',
      no: 'depends',
      both: 'taken over',
      reader: 'depends',
    });
  });

  test('that moves into another branch repeats: its calls are recorded under the branch', () => {
    const group = (first: string, second: string) =>
      compiled([
        {
          id: 'both',
          type: 'parallel_group',
          config: { branches: [{ nodes: [ask(first, first)] }, { nodes: [ask(second, second)] }] },
        },
      ]);
    expect(fates(group('left', 'right'), group('right', 'left'))).toMatchObject({
      left: 'repeats',
      right: 'repeats',
    });
  });
});
