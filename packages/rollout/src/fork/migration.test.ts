import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import type { NodeId, SegmentId } from '@statebag/contracts/ids';
import type { NextAction } from '@statebag/contracts/statuses';
import { NO_USAGE } from '@statebag/state-core/core/usage';
import { type CompiledWorkflow, compileWorkflow, readWorkflow } from '@statebag/workflow';
import { compareDefinitions } from './compare-definitions.ts';
import { inTheWay } from './migration.ts';
import { fatesOf } from './node-fates.ts';

const ask = (id: string, prompt: string): JsonObject => ({
  id,
  type: 'llm_chat',
  output_key: id,
  config: { prompt },
});

function compiled(nodes: readonly JsonObject[]): CompiledWorkflow {
  const { workflow, diagnostics } = readWorkflow(
    JSON.stringify({ name: 't', nodes, options: { llm_per_segment: 1 } }),
    { file: 't' },
  );
  if (workflow) return compileWorkflow(workflow);
  throw new Error(JSON.stringify(diagnostics));
}

interface Stood {
  readonly finished: readonly string[];
  readonly behind?: readonly string[];
  readonly next_action?: NextAction;
  readonly segment?: string;
}

function reasons(
  [before, after]: readonly [CompiledWorkflow, CompiledWorkflow],
  { finished, behind = [], next_action = 'PAUSED_FOR_HITP', segment }: Stood,
  answered: readonly string[] = [],
) {
  const done = new Set(finished as NodeId[]);
  const fates = fatesOf(before, after, {
    change: compareDefinitions(before, after),
    fields: [],
    finished: done,
  });
  const planned = {
    definition: after,
    nodes: [...fates].map(([node_id, fate]) => ({ node_id, fate, usage: NO_USAGE })),
    set: {},
    shared_results: 1,
    stands: {
      next_action,
      segment: (segment ?? null) as SegmentId | null,
      before,
      finished: done,
      behind: behind as NodeId[],
    },
  };
  const decided = answered.map((node_id) => ({
    request: { node_id },
    decision: {},
    branch_path: '',
    loop_counter: 2,
  }));
  return inTheWay(planned, decided as never).map(({ node_id, field }) => [node_id, field]); // of an approval, what is read
}

const CHAIN = (second: string) => compiled([ask('a', 'x'), ask('b', second), ask('c', '{{ b }}')]);

describe('in the way of a migration', () => {
  test('is what has run and is another one now, and what has read what it wrote', () => {
    const edit = [CHAIN('y'), CHAIN('other')] as const;
    expect(reasons(edit, { finished: ['a', 'b', 'c'] })).toEqual([
      ['b', null],
      ['c', 'b'],
    ]);
  });

  test('is nothing that comes later', () => {
    expect(reasons([CHAIN('y'), CHAIN('other')], { finished: ['a'] })).toEqual([]);
  });

  test('is what a person has answered, or what has waited, behind the point where it would go on', () => {
    const nodes = [{ id: 'rest', type: 'wait', config: { seconds: 5 } }, ask('a', 'x')];
    const same = [compiled(nodes), compiled(nodes)] as const;
    expect(reasons(same, { finished: ['rest'], behind: ['rest'] }, ['sure'])).toEqual([
      ['sure', null],
      ['rest', null],
    ]);
    expect(reasons(same, { finished: ['rest'] })).toEqual([]);
  });

  test('is every edited node of a group that the run stands in: nobody knows yet what has run there', () => {
    const group = (left: string) =>
      compiled([
        {
          id: 'both',
          type: 'parallel_group',
          config: { branches: [{ nodes: [ask('left', left)] }, { nodes: [ask('right', 'r')] }] },
        },
      ]);
    const before = group('l');
    const segment =
      [...before.segments.values()].find(({ branches }) => 'both' in branches)?.segment_id ?? '';
    const stood = { finished: [], next_action: 'PARALLEL_GROUP', segment } as const;
    expect(reasons([before, group('other')], stood)).toEqual([
      ['both', null],
      ['left', null],
    ]);
    expect(reasons([before, group('l')], stood)).toEqual([]);
  });
});
