import type { NodeId } from '@statebag/contracts/ids';
import type { CompiledNode, Flow } from '../nodes/flow.ts';
import { choosesItsWay, waysIn } from '../nodes/node-config.ts';

/**
 * Where a node can lead: its one successor, or the ways of a condition. The way back of an open loop does not
 * count: without it nothing leads in a circle.
 */
export function waysFrom({ next }: Flow, node: CompiledNode): readonly NodeId[] {
  const onwards = next[node.id];
  if (!choosesItsWay(node)) return onwards === undefined ? [] : [onwards];
  const ways = waysIn(node).map(({ to }) => to);
  return [...new Set(ways)] as NodeId[]; // they were checked to be ids of nodes
}

/** Nodes with everything that leads to a node before it; among equals in the order of the document. */
export function inOrder(flow: Flow): readonly CompiledNode[] {
  const waiting = new Map(Object.keys(flow.nodes).map((id) => [id, 0]));
  const nodes = Object.values(flow.nodes);
  for (const node of nodes)
    for (const to of waysFrom(flow, node)) waiting.set(to, (waiting.get(to) ?? 0) + 1);
  const ready = nodes.filter(({ id }) => waiting.get(id) === 0);
  const ordered: CompiledNode[] = [];
  for (let node = ready.shift(); node; node = ready.shift()) {
    ordered.push(node);
    for (const to of waysFrom(flow, node)) {
      const left = (waiting.get(to) ?? 0) - 1;
      waiting.set(to, left);
      const target = flow.nodes[to];
      if (left === 0 && target) ready.push(target);
    }
  }
  return ordered;
}

/** What leads to each node. */
export function predecessors(flow: Flow): ReadonlyMap<string, readonly CompiledNode[]> {
  const lists = new Map<string, CompiledNode[]>(Object.keys(flow.nodes).map((id) => [id, []]));
  for (const node of Object.values(flow.nodes))
    for (const to of waysFrom(flow, node)) lists.get(to)?.push(node);
  return lists;
}
