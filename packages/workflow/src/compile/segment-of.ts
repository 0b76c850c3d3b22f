import type { Branch, DefinitionId, SegmentType } from '@statebag/contracts';
import type { BranchFlow } from '../document/config-rules.ts';
import type { NodeType } from '../nodes/node-types.ts';
import { callsOutside } from './expected-cost.ts';
import { type CompiledNode, type Flow, writesOf } from './flow.ts';
import { waysFrom } from './flow-order.ts';
import { readsOfFlow } from './flow-reads.ts';
import type { Part } from './partition.ts';
import { readsHere, type SegmentDefinition } from './segment-definition.ts';

/** Everything the runner needs of one part, and nothing of the others. */
export function segmentOf({ id, nodes, flow }: Part, parts: readonly Part[], definition_id: DefinitionId): SegmentDefinition {
  const inside: Flow = {
    entry: nodes[0]?.id ?? flow.entry,
    nodes: Object.fromEntries(nodes.map((node) => [node.id, withoutBranches(node)])),
    next: nextOf(nodes, flow),
  };
  const reads = readsOfFlow({
    ...inside,
    nodes: Object.fromEntries(Object.values(inside.nodes).map((node) => [node.id, { ...node, reads: readsHere(node) }])),
  });
  const siblings = parts.filter((part) => part.flow === flow); // a way that leads out of a branch ends it
  const leading = nodes.flatMap((node) => [...waysFrom(flow, node), ...(node.begins_again_at === undefined ? [] : [node.begins_again_at])]);
  const leaving = leading.filter((to) => !Object.hasOwn(inside.nodes, to));
  return {
    schema_version: 1,
    definition_id,
    segment_id: id,
    segment_type: segmentTypeOf(nodes),
    flow: inside,
    exits: Object.fromEntries(leaving.flatMap((to) => siblings.filter(({ nodes: [first] }) => first?.id === to).map((part) => [to, part.id]))),
    branches: Object.fromEntries(nodes.filter(({ type }) => type === 'parallel_group').map((group) => [group.id, branchesOf(group, parts)])),
    reads: reads === 'all' ? null : [...reads].sort(),
    writes: writesOf(inside),
  };
}

function nextOf(nodes: readonly CompiledNode[], flow: Flow): Flow['next'] {
  return Object.fromEntries(nodes.flatMap(({ id }) => (flow.next[id] === undefined ? [] : [[id, flow.next[id]]])));
}

/** What branches do is their segments' business. */
function withoutBranches(node: CompiledNode): CompiledNode {
  return node.type === 'parallel_group' ? { ...node, config: {}, reads: [], writes: [], reducers: {} } : node;
}

function branchesOf({ config }: CompiledNode, parts: readonly Part[]): readonly Branch[] {
  const branches = config['branches'] as unknown as readonly BranchFlow[]; // compiled from checked branches
  return branches.flatMap(({ id, optional, flow }, branch_index) => {
    const own = parts.filter((part) => part.flow === flow);
    const [first, last] = [own[0], own.at(-1)];
    return first && last ? [{ branch_id: id, branch_index, first_segment: first.id, last_segment: last.id, optional }] : [];
  });
}

/** What the state machine has to do after a segment tells more than what it does itself. */
const TYPE_OF_LAST: Readonly<Partial<Record<NodeType, SegmentType>>> = {
  parallel_group: 'parallel_group',
  human_approval: 'hitp',
  wait: 'wait',
  llm_chat: 'async_llm',
  for_each: 'map',
};

function segmentTypeOf(nodes: readonly CompiledNode[]): SegmentType {
  const last = nodes.find(({ hands_over }) => hands_over);
  return (last && TYPE_OF_LAST[last.type]) ?? (nodes.some(callsOutside) ? 'llm' : 'normal');
}
