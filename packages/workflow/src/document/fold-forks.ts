import type { NodeId } from '@statebag/contracts/ids';
import { choosesItsWay } from '../nodes/node-config.ts';
import { runningNodes, successors } from './check-graph.ts';
import type { Report } from './diagnostics.ts';
import { groupBehind, type Places } from './made-nodes.ts';
import { postDominators } from './post-dominators.ts';
import type { Scope, WorkflowNode } from './workflow.ts';

export interface FoldSurroundings {
  readonly report: Report;
  readonly places: Places;
}

/** A node with several plain edges begins a parallel group, which ends where all of them meet. */
export function foldForks(scope: Scope, around: FoldSurroundings): Scope {
  const next = successors(scope);
  const forks = scope.nodes.filter((node) => !choosesItsWay(node) && (next.get(node.id) ?? []).length > 1);
  if (forks.length === 0) return scope;
  const meeting = postDominators(scope);
  let folded = scope;
  for (const fork of inFlowOrder(scope, forks)) {
    // else it went into a branch
    if (folded.nodes.some(({ id }) => id === fork.id))
      folded = foldOne(folded, { fork, join: meeting.get(fork.id) ?? null }, around);
  }
  return folded;
}

interface Fork {
  readonly fork: WorkflowNode;
  readonly join: NodeId | null;
}

function foldOne(scope: Scope, { fork, join }: Fork, around: FoldSurroundings): Scope {
  const next = successors(scope);
  const starts = (next.get(fork.id) ?? []).filter((id) => id !== join);
  // the other way leads straight to the meeting point
  if (starts.length === 1)
    return { ...scope, edges: scope.edges.filter(({ from, to }) => from !== fork.id || to !== join) };
  const branches = starts.map((start) => ({ start, ids: reachedBefore(join, start, next) }));
  const inside = new Set(branches.flatMap(({ ids }) => [...ids]));
  const shared = [...inside].find(
    (id) =>
      branches.filter(({ ids }) => ids.has(id)).length > 1 ||
      isEnteredFromOutside(id, { scope, inside, fork }),
  );
  if (shared !== undefined) {
    const message = `the branches that begin at ${JSON.stringify(fork.id)} come together in ${JSON.stringify(shared)} before all of them have met`;
    around.report.add({ code: 'tangled-fork', at: around.places.get(shared) ?? [], message });
    return scope;
  }
  const scopes = branches.map(({ start, ids }) => ({
    id: start,
    scope: foldForks(subScope(scope, start, ids), around),
  }));
  const outside = {
    nodes: scope.nodes.filter(({ id }) => !inside.has(id)),
    edges: scope.edges.filter(({ from, to }) => !inside.has(from) && !inside.has(to) && from !== fork.id),
  };
  return withGroup(outside, { fork, join }, { scopes, around });
}

function reachedBefore(
  join: NodeId | null,
  start: NodeId,
  next: ReadonlyMap<NodeId, readonly NodeId[]>,
): ReadonlySet<NodeId> {
  const reached = new Set([start]);
  for (const id of reached) for (const to of next.get(id) ?? []) if (to !== join) reached.add(to);
  return reached;
}

function isEnteredFromOutside(
  id: NodeId,
  {
    scope,
    inside,
    fork,
  }: { readonly scope: Scope; readonly inside: ReadonlySet<NodeId>; readonly fork: WorkflowNode },
): boolean {
  return scope.edges.some(({ from, to }) => to === id && from !== fork.id && !inside.has(from));
}

/** The start stands first: a scope begins with its first node that nothing leads to. */
function subScope({ nodes, edges }: Scope, start: NodeId, ids: ReadonlySet<NodeId>): Scope {
  const own = nodes.filter(({ id }) => ids.has(id));
  return {
    nodes: [...own.filter(({ id }) => id === start), ...own.filter(({ id }) => id !== start)],
    edges: edges.filter(({ from, to }) => ids.has(from) && ids.has(to)),
  };
}

interface Branches {
  readonly scopes: readonly { readonly id: NodeId; readonly scope: Scope }[];
  readonly around: FoldSurroundings;
}

function withGroup(
  { nodes, edges }: Scope,
  { fork, join }: Fork,
  { scopes, around: { places } }: Branches,
): Scope {
  const group = groupBehind(fork, scopes, places);
  const onwards = join === null ? [] : [{ from: group.id, to: join }];
  return { nodes: [...nodes, group], edges: [...edges, { from: fork.id, to: group.id }, ...onwards] };
}

/** Outer forks before those in their branches. */
function inFlowOrder(scope: Scope, forks: readonly WorkflowNode[]): readonly WorkflowNode[] {
  const next = successors(scope);
  const waiting = new Map(
    scope.nodes.map(({ id }) => [id, scope.edges.filter(({ to }) => to === id).length]),
  );
  const ordered = runningNodes(scope)
    .filter(({ id }) => waiting.get(id) === 0)
    .map(({ id }) => id);
  for (const id of ordered) {
    for (const to of next.get(id) ?? []) {
      waiting.set(to, (waiting.get(to) ?? 0) - 1);
      if (waiting.get(to) === 0) ordered.push(to);
    }
  }
  return [...forks].sort((left, right) => ordered.indexOf(left.id) - ordered.indexOf(right.id));
}
