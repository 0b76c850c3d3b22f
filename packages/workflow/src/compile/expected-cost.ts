import type { NodeId } from '@statebag/contracts/ids';
import type { CompiledNode, Flow } from '../nodes/flow.ts';
import { nestedFlows } from '../nodes/node-config.ts';
import { definitionOf } from '../nodes/node-table.ts';
import { inOrder, predecessors } from './flow-order.ts';

/** What a node takes, or a way through several of them. */
export interface Cost {
  readonly millis: number;
  /** Nodes that make outside calls. */
  readonly calls: number;
}

/** What a node adds to the invocation that runs it; one that hands over is paid for elsewhere. */
export function costOf(node: CompiledNode): Cost {
  if (node.hands_over) return { millis: 0, calls: 0 };
  return { millis: expectedMillisOf(node), calls: callsOutside(node) ? 1 : 0 };
}

/** Of ways that meet: the longest time and the most calls. */
export function mostOf(costs: readonly Cost[]): Cost {
  return {
    millis: Math.max(0, ...costs.map(({ millis }) => millis)),
    calls: Math.max(0, ...costs.map(({ calls }) => calls)),
  };
}

export function sumOf(left: Cost, right: Cost): Cost {
  return { millis: left.millis + right.millis, calls: left.calls + right.calls };
}

/** Along the longest way through a flow. */
export function costOfLongestWay(flow: Flow): Cost {
  const leading = predecessors(flow);
  const reached = new Map<NodeId, Cost>();
  for (const node of inOrder(flow)) {
    const before = (leading.get(node.id) ?? []).flatMap(({ id }) => reached.get(id) ?? []);
    reached.set(node.id, sumOf(mostOf(before), costOf(node)));
  }
  return mostOf([...reached.values()]);
}

/** How long a node is expected to take, bodies included. */
export function expectedMillisOf(node: CompiledNode): number {
  return definitionOf(node).expectedMillis(node.config, millisOfBody);
}

/** How long the nodes of a body are expected to take, one after the other. */
export function millisOfBody(flow: Flow): number {
  return Object.values(flow.nodes).reduce((sum, inner) => sum + expectedMillisOf(inner), 0);
}

/** Whether the node, or one in its body, makes outside calls. */
export function callsOutside(node: CompiledNode): boolean {
  return (
    definitionOf(node).outsideCall ||
    nestedFlows(node).some(({ nodes }) => Object.values(nodes).some(callsOutside))
  );
}
