import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import { compileWorkflow, readDocument } from '@statebag/workflow';
import { amountsOfPlan } from './plan-amounts.ts';

const asks = (id: string) => ({ id, type: 'llm_chat', output_key: id, config: { prompt: 'Hello' } });
const group = (id: string, ...branches: (readonly JsonObject[])[]) => ({
  id,
  type: 'parallel_group',
  config: { branches: branches.map((nodes, index) => ({ id: `${id}-${index}`, nodes })) },
});
const loop = (id: string, max_iterations: number, ...nodes: readonly JsonObject[]) => ({
  id,
  type: 'loop',
  config: { until: '{% false %}', max_iterations, body: { nodes } },
});

function callsAtMost(...nodes: readonly JsonObject[]): number {
  const { workflow, diagnostics } = readDocument({ name: 'w', nodes }, { file: 'w' });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  return amountsOfPlan(compileWorkflow(workflow), 'most').llm_calls;
}

describe('model calls at most', () => {
  test.each<[string, number, JsonObject]>([
    ['one node', 1, asks('a')],
    ['a loop', 3, loop('l', 3, asks('a'))],
    ['a group', 2, group('g', [asks('a')], [asks('b')])],
    ['a group in a loop', 6, loop('l', 3, group('g', [asks('a')], [asks('b')]))],
    ['a loop in a branch', 3, group('g', [loop('l', 3, asks('a'))])],
    ['a group in a branch in a loop', 3, loop('l', 3, group('g', [group('h', [asks('a')])]))],
    ['loops around groups in loops', 8, loop('k', 2, loop('l', 2, group('g', [asks('a')], [asks('b')])))],
    ['a loop in a branch in a loop', 8, loop('k', 2, group('g', [loop('l', 4, asks('a'))]))],
  ])('of %s are %d', (_, calls, node) => expect(callsAtMost(node)).toBe(calls));
});
