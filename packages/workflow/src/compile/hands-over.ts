import type { NodeType } from '../nodes/node-types.ts';
import { expectedMillisOf } from './expected-cost.ts';
import type { CompiledNode, Flow } from './flow.ts';
import { mapNested } from './nested-flows.ts';

/** A list that would come back more often than this is left to many workers. */
const MOST_SEGMENTS_OF_A_LIST = 4;

type Rule = (node: CompiledNode, segmentMillis: number) => boolean;

/** Node types that may leave their work to the state machine, and when they do. All others never. */
const RULES: Readonly<Partial<Record<NodeType, Rule>>> = {
  parallel_group: () => true,
  human_approval: () => true,
  wait: () => true,
  llm_chat: (node, segmentMillis) => node.config['async'] === true || expectedMillisOf(node) > segmentMillis,
  for_each: (node, segmentMillis) => node.config['distributed'] !== undefined || expectedMillisOf(node) > MOST_SEGMENTS_OF_A_LIST * segmentMillis,
};

/** Whether the state machine has to act at this node before anything else runs. Inside of an item nothing hands over: the state machine does not see it. */
export function handsOver(node: CompiledNode, segmentMillis: number): boolean {
  return RULES[node.type]?.(node, segmentMillis) ?? false;
}

/** The node, marked if it hands over. */
export function marked(node: CompiledNode, segmentMillis: number): CompiledNode {
  return handsOver(node, segmentMillis) ? { ...node, hands_over: true } : node;
}

/** The flow with its nodes marked, those of branches too; bodies stay closed. */
export function withHandOvers(flow: Flow, segmentMillis: number): Flow {
  const nodes = Object.values(flow.nodes).map((node) => inBranches(marked(node, segmentMillis), (branch) => withHandOvers(branch, segmentMillis)));
  return { ...flow, nodes: Object.fromEntries(nodes.map((node) => [node.id, node])) };
}

/** A group with its branches changed; any other node as it is. */
export function inBranches(node: CompiledNode, change: (branch: Flow) => Flow): CompiledNode {
  return node.type === 'parallel_group' ? { ...node, config: mapNested<Flow, Flow>(node, change) } : node;
}
