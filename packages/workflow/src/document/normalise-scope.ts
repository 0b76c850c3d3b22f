import type { NodeId } from '@statebag/contracts/ids';
import { choosesItsWay, mapWays } from '../nodes/node-config.ts';
import { definitionOf } from '../nodes/node-table.ts';
import { runningNodes } from './check-graph.ts';
import { type FoldSurroundings, foldForks } from './fold-forks.ts';
import { approvalOn } from './made-nodes.ts';
import type { Scope, WorkflowEdge, WorkflowNode } from './workflow.ts';

/**
 * The same graph in fewer forms: subgraphs and groups of one branch laid flat, approval edges turned into
 * nodes, forks folded into groups.
 * After it every node but a condition has one successor at most.
 */
export function normaliseScope(scope: Scope, around: FoldSurroundings): Scope {
  const running = runningNodes(scope);
  const isRunning = new Set(running);
  const declarations = scope.nodes.filter((node) => !isRunning.has(node));
  const folded = foldForks(
    withApprovalNodes(laidFlat({ nodes: running, edges: scope.edges }), around),
    around,
  );
  const lasting = withoutLastMarkers(folded);
  return {
    nodes: [
      ...lasting.nodes,
      ...declarations,
      ...folded.nodes.filter((node) => !lasting.nodes.includes(node)),
    ],
    edges: lasting.edges,
  };
}

/**
 * An output node at the end only declares something: running it would cost a segment of its own where several
 * ways meet in it.
 */
function withoutLastMarkers({ nodes, edges }: Scope): Scope {
  const conditions = new Set(nodes.filter(choosesItsWay).map(({ id }) => id));
  const isLast = (id: NodeId) =>
    !edges.some(({ from, to }) => from === id || (to === id && conditions.has(from)));
  const ends = nodes.filter((node) => definitionOf(node).marks === 'end' && isLast(node.id));
  const last = new Set(ends.map(({ id }) => id));
  if (last.size === nodes.length) return { nodes, edges };
  return { nodes: nodes.filter(({ id }) => !last.has(id)), edges: edges.filter(({ to }) => !last.has(to)) };
}

/** The scope a node merely wraps: a subgraph's body, or the only branch of a group that may not fail. */
function wrappedScope(node: WorkflowNode): Scope | null {
  return (definitionOf(node).wraps?.(node.config) ?? null) as Scope | null; // checked to be a scope
}

/** Inner scopes were laid flat when they were checked, so one pass is enough. */
function laidFlat(scope: Scope): Scope {
  const wraps = new Map(
    scope.nodes.flatMap((node) => {
      const inner = wrappedScope(node);
      return inner ? [[node.id, seams(inner)] as const] : [];
    }),
  );
  if (wraps.size === 0) return scope;
  const enter = (id: NodeId): NodeId => wraps.get(id)?.first ?? id;
  const edges = scope.edges.flatMap(({ from, to, ...rest }) =>
    (wraps.get(from)?.ends ?? [from]).map((end): WorkflowEdge => ({ from: end, to: enter(to), ...rest })),
  );
  return {
    nodes: scope.nodes.flatMap((node) => [...(wraps.get(node.id)?.nodes ?? [withWays(node, enter)])]),
    edges: [...edges, ...[...wraps.values()].flatMap((wrap) => wrap.edges)],
  };
}

/** Where edges into and out of a wrapped scope go. */
function seams(inner: Scope) {
  const nodes = runningNodes(inner);
  const left = new Set(inner.edges.map(({ from }) => from));
  return {
    nodes,
    edges: inner.edges,
    first: nodes[0]?.id,
    ends: nodes.filter(({ id }) => !left.has(id)).map(({ id }) => id),
  };
}

/** A condition that led to a wrapped scope leads to its first node. */
function withWays(node: WorkflowNode, enter: (id: NodeId) => NodeId): WorkflowNode {
  return choosesItsWay(node) ? { ...node, config: mapWays(node, enter) } : node;
}

/**
 * An edge of type `hitp` waits for a person: it is an approval between two nodes, and a refusal ends the run.
 */
function withApprovalNodes(scope: Scope, { places }: FoldSurroundings): Scope {
  const pausing = scope.edges.filter(({ type }) => type === 'hitp');
  if (pausing.length === 0) return scope;
  const approvals = pausing.map((edge) => ({ edge, node: approvalOn(edge, places) }));
  const edges = approvals.flatMap(({ edge, node }) => [
    { from: edge.from, to: node.id },
    { from: node.id, to: edge.to },
  ]);
  return {
    nodes: [...scope.nodes, ...approvals.map(({ node }) => node)],
    edges: [...scope.edges.filter(({ type }) => type !== 'hitp'), ...edges],
  };
}
