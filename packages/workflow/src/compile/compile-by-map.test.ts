import { expect, test } from '@jest/globals';
import type { JsonObject } from '@statebag/contracts';
import type { DefinitionId, SegmentId } from '@statebag/contracts/ids';
import { MemoryObjectStore } from '@statebag/state-core/store/memory-object-store';
import { runOne } from '../../test/run-in-segments.ts';
import { createProviders } from '../providers/create-providers.ts';
import { readWorkflow } from '../read-workflow.ts';
import { compileByMap } from './compile-by-map.ts';
import type { SegmentDefinition } from './segment-definition.ts';

const WAIT: JsonObject = { id: 'hold', type: 'wait', config: { seconds: 1 } };

function byMap(nodes: readonly JsonObject[], ...segments: readonly string[]): readonly SegmentDefinition[] {
  const { workflow, diagnostics } = readWorkflow(JSON.stringify({ name: 'test', nodes }), {
    file: 'test.json',
  });
  if (!workflow) throw new Error(JSON.stringify(diagnostics));
  const map = segments.map((id) => ({ id: id as SegmentId, nodes: [id] })); // ids by sight
  return compileByMap(workflow, map, 'inline' as DefinitionId); // an id by sight
}

test('a segment of a map has the type of what it hands over to', () => {
  const set = { id: 'set', type: 'operator', config: { set: { x: 1 } } };
  const group = {
    id: 'both',
    type: 'parallel_group',
    config: { branches: [{ nodes: [set] }, { nodes: [WAIT] }] },
  };
  expect(byMap([group], 'both', 'set', 'hold').map(({ segment_type }) => segment_type)).toEqual([
    'parallel_group',
    'normal',
    'wait',
  ]);
});

test('a loop that a map keeps in one segment fails where it would have to pause', async () => {
  const [segment] = byMap(
    [
      {
        id: 'again',
        type: 'loop',
        config: { body: { nodes: [WAIT] }, until: '{% true %}', max_iterations: 2 },
      },
    ],
    'again',
  );
  if (!segment) throw new Error('no segment');
  const run = {
    providers: createProviders(),
    store: new MemoryObjectStore(),
    clock: () => 0,
    timeout: Number.POSITIVE_INFINITY,
  };
  const draft = await runOne(segment, { state: {}, cursor: null, branch_path: '', loop_counter: 0 }, run);
  expect(draft).toMatchObject({
    status: 'FAILED',
    error_info: { error: 'Workflow.Invalid', node_id: 'again' },
  });
  expect(draft.error_info?.message).toContain('node hold needs the state machine');
});
