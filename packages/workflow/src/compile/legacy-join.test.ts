import { describe, expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import type { DefinitionId, SegmentId } from '@statebag/contracts/ids';
import { readWorkflow } from '../read-workflow.ts';
import { compileByMap } from './compile-by-map.ts';
import { compileWorkflow, DEFAULT_COMPILE_LIMITS } from './compile-workflow.ts';

const INLINE = 'inline' as DefinitionId; // an id by sight

function node(id: string, output_key: string): JsonObject {
  return { id, type: 'data_transform', output_key, config: { transform: `{% '${id}' %}` } };
}

const GROUP: JsonObject = {
  name: 'groups',
  nodes: [
    node('begin', 'begun'),
    {
      id: 'both',
      type: 'parallel_group',
      config: {
        branches: [
          { nodes: [node('left', 'collected_notes')] },
          {
            nodes: [node('right', 'log'), node('further', 'other')],
            edges: [{ from: 'right', to: 'further' }],
          },
        ],
      },
    },
    node('after', 'done'),
  ],
  edges: [
    { from: 'begin', to: 'both' },
    { from: 'both', to: 'after' },
  ],
  state: { reducers: { log: 'append' } },
};

function workflowOf(document: JsonObject) {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify(document), { file: 'groups.json' });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  return workflow;
}

const entry = (id: string, ...nodes: string[]) => ({ id: id as SegmentId, nodes }); // an id by sight

describe('a definition for the first generation', () => {
  test('says how the groups of a segment are joined: as the workflow does, else as a name does', () => {
    const { segments } = compileWorkflow(workflowOf(GROUP), DEFAULT_COMPILE_LIMITS, { compat: 'legacy' });
    expect(
      [...segments.values()].find(({ branches }) => Object.keys(branches).length > 0)?.join_reducers,
    ).toEqual({
      log: 'append',
      collected_notes: 'append',
    });
  });

  test('has an id of its own, and leaves the other one as it is', () => {
    const workflow = workflowOf(GROUP);
    const [plain, legacy] = [
      compileWorkflow(workflow),
      compileWorkflow(workflow, DEFAULT_COMPILE_LIMITS, { compat: 'legacy' }),
    ];
    expect(legacy.definition_id).not.toBe(plain.definition_id);
    expect([...plain.segments.values()].every((segment) => !('join_reducers' in segment))).toBe(true);
  });
});

describe('a partition map', () => {
  test('gives its segments, those of branches included, in its own order', () => {
    const map = [
      entry('one', 'begin', 'both'),
      entry('l', 'left'),
      entry('r', 'right', 'further'),
      entry('two', 'after'),
    ];
    const segments = compileByMap(workflowOf(GROUP), map, INLINE);
    expect(segments.map(({ segment_id, flow }) => [segment_id, Object.keys(flow.nodes)])).toEqual([
      ['one', ['begin', 'both']],
      ['l', ['left']],
      ['r', ['right', 'further']],
      ['two', ['after']],
    ]);
    expect(segments[0]?.exits).toEqual({ after: 'two' });
    expect(
      segments[0]?.branches['both']?.map(({ first_segment, last_segment }) => [first_segment, last_segment]),
    ).toEqual([
      ['l', 'l'],
      ['r', 'r'],
    ]);
  });

  test.each([
    ['a node that the workflow has not', ['begin', 'nowhere']],
    ['nodes of two flows', ['begin', 'left']],
    ['no node', []],
  ])('with %s is refused', (_what, nodes) => {
    expect(() => compileByMap(workflowOf(GROUP), [entry('one', ...nodes)], INLINE)).toThrow(
      expect.objectContaining({ name: 'Workflow.Invalid' }),
    );
  });
});
