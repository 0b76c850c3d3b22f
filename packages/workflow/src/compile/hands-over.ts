import type { CompiledNode, Flow } from '../nodes/flow.ts';
import { hasBranches, mapNested } from '../nodes/node-config.ts';
import { definitionOf } from '../nodes/node-table.ts';
import { expectedMillisOf } from './expected-cost.ts';

/**
 * Whether the state machine has to act at this node before anything else runs. Inside of an item nothing
 * hands over: the state machine does not see it.
 */
export function handsOver(node: CompiledNode, segmentMillis: number): boolean {
  const planned = { segmentMillis, expectedMillis: () => expectedMillisOf(node) };
  return definitionOf(node).handsOver?.when(node.config, planned) ?? false;
}

/** The node, marked if it hands over. */
export function marked(node: CompiledNode, segmentMillis: number): CompiledNode {
  return handsOver(node, segmentMillis) ? { ...node, hands_over: true } : node;
}

/** The flow with its nodes marked, those of branches too; bodies stay closed. */
export function withHandOvers(flow: Flow, segmentMillis: number): Flow {
  const nodes = Object.values(flow.nodes).map((node) =>
    inBranches(marked(node, segmentMillis), (branch) => withHandOvers(branch, segmentMillis)),
  );
  return { ...flow, nodes: Object.fromEntries(nodes.map((node) => [node.id, node])) };
}

/** A group with its branches changed; any other node as it is. */
export function inBranches(node: CompiledNode, change: (branch: Flow) => Flow): CompiledNode {
  return hasBranches(node) ? { ...node, config: mapNested<Flow, Flow>(node, change) } : node;
}
