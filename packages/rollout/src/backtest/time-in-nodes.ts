import type { NodeId } from '@statebag/contracts/ids';
import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import { type CompiledWorkflow, type Flow, nestedFlows } from '@statebag/workflow';

/**
 * Working time of the nodes of a run, added up. Nodes that stand inside of another one count with it. In a
 * fork a node that made no call of its own took what it took in the run: its answers came from there.
 */
export function timeInNodes(
  history: readonly HistoryEntry[],
  workflow: CompiledWorkflow,
  taken?: { readonly over: readonly HistoryEntry[]; readonly calledBy: ReadonlySet<string> },
): number {
  const outer = outerNodes(workflow);
  const own = millisOf(history, outer);
  if (taken === undefined) return totalOf(own);
  const before = millisOf(taken.over, outer);
  const called = new Set([...taken.calledBy].map((node) => outer.get(node) ?? node));
  const times = [...own].map(([node, millis]) =>
    called.has(node) ? millis : Math.max(millis, before.get(node) ?? 0),
  );
  return times.reduce((sum, millis) => sum + millis, 0);
}

function totalOf(times: ReadonlyMap<string, number>): number {
  return [...times.values()].reduce((sum, millis) => sum + millis, 0);
}

/** Times of nodes that stand in no other one. */
function millisOf(history: readonly HistoryEntry[], outer: ReadonlyMap<string, string>): Map<string, number> {
  const times = new Map<string, number>();
  for (const { node_id, started_at, ended_at } of history) {
    if ((outer.get(node_id) ?? node_id) !== node_id) continue;
    const millis = Math.max(0, Date.parse(ended_at) - Date.parse(started_at));
    times.set(node_id, (times.get(node_id) ?? 0) + millis);
  }
  return times;
}

/** Every node with the outermost one that it stands in, in the order of the segments. */
export function outerNodes({ segments }: CompiledWorkflow): ReadonlyMap<string, string> {
  const outer = new Map<string, string>();
  const walk = ({ nodes }: Flow, within: NodeId | null): void => {
    for (const node of Object.values(nodes)) {
      const outermost = within ?? node.id;
      if (!outer.has(node.id) || within === null) outer.set(node.id, outermost);
      for (const flow of nestedFlows(node)) walk(flow, outermost);
    }
  };
  for (const { flow } of segments.values()) walk(flow, null);
  return outer;
}
