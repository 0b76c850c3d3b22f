import type { DefinitionId } from '@statebag/contracts/ids';
import type { Branch } from '@statebag/contracts/schemas/segment-result';
import type { SegmentType } from '@statebag/contracts/statuses';
import { type CompiledNode, type Flow, writesOf } from '../nodes/flow.ts';
import { branchesOf, hasBranches, withoutBranches } from '../nodes/node-config.ts';
import { definitionOf } from '../nodes/node-table.ts';
import { callsOutside } from './expected-cost.ts';
import { waysFrom } from './flow-order.ts';
import { readsOfFlow } from './flow-reads.ts';
import type { Part } from './partition.ts';
import { readsHere, type SegmentDefinition } from './segment-definition.ts';

/** Everything the runner needs of one part, and nothing of the others. */
export function segmentOf(
  { id, nodes, flow }: Part,
  parts: readonly Part[],
  definition_id: DefinitionId,
): SegmentDefinition {
  const inside: Flow = {
    entry: nodes[0]?.id ?? flow.entry,
    nodes: Object.fromEntries(nodes.map((node) => [node.id, standing(node)])),
    next: nextOf(nodes, flow),
  };
  const reads = readsOfFlow({
    ...inside,
    nodes: Object.fromEntries(
      Object.values(inside.nodes).map((node) => [node.id, { ...node, reads: readsHere(node) }]),
    ),
  });
  const siblings = parts.filter((part) => part.flow === flow); // a way that leads out of a branch ends it
  const leading = nodes.flatMap((node) => [
    ...waysFrom(flow, node),
    ...(node.begins_again_at === undefined ? [] : [node.begins_again_at]),
  ]);
  const leaving = leading.filter((to) => !Object.hasOwn(inside.nodes, to));
  return {
    schema_version: 1,
    definition_id,
    segment_id: id,
    segment_type: segmentTypeOf(nodes),
    flow: inside,
    exits: Object.fromEntries(
      leaving.flatMap((to) =>
        siblings.filter(({ nodes: [first] }) => first?.id === to).map((part) => [to, part.id]),
      ),
    ),
    branches: Object.fromEntries(
      nodes.filter(hasBranches).map((group) => [group.id, startedBy(group, parts)]),
    ),
    reads: reads === 'all' ? null : [...reads].sort(),
    writes: writesOf(inside),
  };
}

function nextOf(nodes: readonly CompiledNode[], flow: Flow): Flow['next'] {
  return Object.fromEntries(
    nodes.flatMap(({ id }) => (flow.next[id] === undefined ? [] : [[id, flow.next[id]]])),
  );
}

/** What branches do is their segments' business. */
function standing(node: CompiledNode): CompiledNode {
  if (!hasBranches(node)) return node;
  return { ...node, config: withoutBranches(node), reads: [], writes: [], reducers: {} };
}

function startedBy(group: CompiledNode, parts: readonly Part[]): readonly Branch[] {
  return branchesOf(group).flatMap(({ id, optional, flow }, branch_index) => {
    const own = parts.filter((part) => part.flow === flow);
    const [first, last] = [own[0], own.at(-1)];
    return first && last
      ? [{ branch_id: id, branch_index, first_segment: first.id, last_segment: last.id, optional }]
      : [];
  });
}

/** What the state machine has to do after a segment tells more than what it does itself. */
function segmentTypeOf(nodes: readonly CompiledNode[]): SegmentType {
  const last = nodes.find(({ hands_over }) => hands_over);
  return (last && definitionOf(last).handsOver?.segment) ?? (nodes.some(callsOutside) ? 'llm' : 'normal');
}
