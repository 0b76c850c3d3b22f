import type { NodeId } from '@statebag/contracts/ids';
import { successors } from './check-graph.ts';
import type { Scope } from './workflow.ts';

/**
 * For every node of an acyclic scope the next node that all ways from it pass; nothing where they end apart.
 */
export function postDominators(scope: Scope): ReadonlyMap<NodeId, NodeId> {
  const next = successors(scope);
  const meeting = new Map<NodeId, NodeId>();
  const height = new Map<NodeId, number>();
  for (const id of leavesFirst(scope, next)) {
    const meet = commonMeeting(next.get(id) ?? [], { meeting, height });
    if (meet !== null) meeting.set(id, meet);
    height.set(id, meet === null ? 0 : (height.get(meet) ?? 0) + 1);
  }
  return meeting;
}

interface Known {
  readonly meeting: ReadonlyMap<NodeId, NodeId>;
  /** How many meeting points lie behind a node. */
  readonly height: ReadonlyMap<NodeId, number>;
}

/** Walks up from all of them, always from the one that is farther away, until they are at one node. */
function commonMeeting(ids: readonly NodeId[], { meeting, height }: Known): NodeId | null {
  const [first, ...others] = ids;
  let common: NodeId | null = first ?? null;
  for (const other of others) {
    let walker: NodeId | null = other;
    while (common !== walker && common !== null && walker !== null) {
      if ((height.get(common) ?? 0) > (height.get(walker) ?? 0)) common = meeting.get(common) ?? null;
      else walker = meeting.get(walker) ?? null;
    }
    if (common !== walker) return null;
  }
  return common;
}

function leavesFirst({ nodes }: Scope, next: ReadonlyMap<NodeId, readonly NodeId[]>): readonly NodeId[] {
  const ordered: NodeId[] = [];
  const seen = new Set<NodeId>();
  for (const { id } of nodes) {
    const stack: { readonly id: NodeId; readonly done: boolean }[] = [{ id, done: false }];
    for (let top = stack.pop(); top; top = stack.pop()) {
      if (top.done) ordered.push(top.id);
      else if (!seen.has(top.id)) {
        seen.add(top.id);
        stack.push(
          { id: top.id, done: true },
          ...(next.get(top.id) ?? []).map((to) => ({ id: to, done: false })),
        );
      }
    }
  }
  return ordered;
}
