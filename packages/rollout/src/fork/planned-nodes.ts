import type { NodeId } from '@statebag/contracts/ids';
import type { HistoryEntry, Usage } from '@statebag/contracts/schemas/history';
import { addUsage, NO_USAGE } from '@statebag/state-core/core/usage';
import type { CompiledWorkflow } from '@statebag/workflow';
import type { Fate } from './node-fates.ts';

/** A node of the fork, and what it took in the run. */
export interface PlannedNode {
  readonly node_id: NodeId;
  readonly fate: Fate;
  /** Its calls in the run, since where the fork begins; nothing is known of a node that is new. */
  readonly usage: Usage;
}

/** Nodes that came to their end when they ran last. */
export function finishedNodes(history: readonly HistoryEntry[]): ReadonlySet<NodeId> {
  const last = new Map(history.map(({ node_id, status }) => [node_id, status]));
  return new Set([...last].flatMap(([id, status]) => (status === 'SUCCEEDED' ? [id] : [])));
}

interface Histories {
  readonly history: readonly HistoryEntry[];
  readonly shared: readonly HistoryEntry[];
}

export function behindOf({ history, shared }: Histories): readonly HistoryEntry[] {
  const known = new Set(shared.map(({ id }) => id));
  return history.filter(({ id }) => !known.has(id));
}

/** The nodes that ran behind the point, and those that are new, with what they took. */
export function plannedNodes(
  after: CompiledWorkflow,
  fates: ReadonlyMap<NodeId, Fate>,
  { history, shared }: Histories,
): PlannedNode[] {
  const usages = new Map<string, Usage>();
  for (const { node_id, usage = NO_USAGE } of behindOf({ history, shared }))
    usages.set(node_id, addUsage(usages.get(node_id) ?? NO_USAGE, usage));
  const nodes = [...after.segments.values()].flatMap(({ flow }) => Object.values(flow.nodes));
  return nodes.flatMap(({ id }) => {
    const fate = fates.get(id) ?? 'taken over';
    const usage = usages.get(id);
    return usage === undefined && fate === 'taken over'
      ? []
      : [{ node_id: id, fate, usage: usage ?? NO_USAGE }];
  });
}

/** What nodes of one fate took in the run, together. */
export function usageOf(nodes: readonly PlannedNode[], fate: Fate): Usage {
  return nodes
    .filter((node) => node.fate === fate)
    .reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE);
}
