import type { NodeId } from '@statebag/contracts/ids';
import { nearestName } from '../expressions/nearest-name.ts';
import { choosesItsWay, waysIn } from '../nodes/node-config.ts';
import { definitionOf } from '../nodes/node-table.ts';
import type { Path, Report } from './diagnostics.ts';
import type { Scope, WorkflowEdge, WorkflowNode } from './workflow.ts';

interface Surroundings {
  readonly report: Report;
  readonly places: ReadonlyMap<string, Path>;
}

/**
 * Checks how nodes hang together, and gives the edges with those added that conditions and plain chains
 * imply.
 */
export function checkGraph(
  { nodes, edges, named }: WrittenGraph,
  at: Path,
  { report, places }: Surroundings,
): Scope {
  const known = new Set<string>(nodes.map(({ id }) => id));
  const foundBefore = report.findings.length;
  const written =
    edges === null
      ? impliedChain(nodes, at, report)
      : edges.filter((edge, index) =>
          connectsNodes(edge, { known, named }, { at: [...at, 'edges', index], report }),
        );
  const ways = nodes.flatMap((node) =>
    waysOf(node, { known, named }, { at: places.get(node.id) ?? at, report }),
  );
  const all = withoutRepeats([...written, ...ways]);
  const scope = { nodes, edges: all };
  const cycle = findCycle(scope);
  if (cycle)
    report.add({
      code: 'cycle',
      at: places.get(cycle[0] ?? '') ?? at,
      message: `the edges lead in a circle: ${[...cycle, cycle[0]].join(' → ')}`,
    });
  // where an edge or a node is missing because of a mistake, what cannot be reached only echoes it
  else if (report.findings.length === foundBefore && nodes.length === named.size)
    for (const node of unreachableNodes(scope))
      report.add({
        code: 'unreachable',
        at: places.get(node.id) ?? at,
        message: `nothing leads to node ${JSON.stringify(node.id)}`,
      });
  return scope;
}

/** Nodes and edges as they were read; `named` has the ids of those nodes too that could not be. */
interface WrittenGraph {
  readonly nodes: readonly WorkflowNode[];
  readonly edges: readonly WorkflowEdge[] | null;
  readonly named: ReadonlySet<string>;
}

interface Known {
  readonly known: ReadonlySet<string>;
  readonly named: ReadonlySet<string>;
}

/** Where edges are left out, the nodes follow each other as they are written. */
function impliedChain(nodes: readonly WorkflowNode[], at: Path, report: Report): WorkflowEdge[] {
  if (nodes.some(choosesItsWay)) {
    report.add({
      code: 'no-edges',
      at,
      message: '`edges` is missing and there is a condition, so the order of the nodes says nothing',
    });
    return [];
  }
  return nodes.slice(1).map((node, index) => ({ from: nodes[index]?.id ?? node.id, to: node.id }));
}

function connectsNodes(
  { from, to }: WorkflowEdge,
  { known, named }: Known,
  { at, report }: { readonly at: Path; readonly report: Report },
): boolean {
  for (const [key, id] of [['from', from] as const, ['to', to] as const]) {
    if (!named.has(id))
      report.add({
        code: 'dangling-edge',
        at: [...at, key],
        message: `there is no node ${JSON.stringify(id)} here`,
        ...mendOfId(id, named),
      });
  }
  return known.has(from) && known.has(to);
}

function mendOfId(id: string, named: ReadonlySet<string>): { readonly mend?: string } {
  const nearest = nearestName(id, named);
  return nearest === undefined ? {} : { mend: `did you mean ${JSON.stringify(nearest)}?` };
}

/** The ways of a condition are edges. */
function waysOf(
  node: WorkflowNode,
  { known, named }: Known,
  { at, report }: { readonly at: Path; readonly report: Report },
): WorkflowEdge[] {
  return waysIn(node).flatMap((way) => {
    if (known.has(way.to)) return [{ from: node.id, to: way.to as NodeId }]; // it is the id of a node
    if (!named.has(way.to))
      report.add({
        code: 'dangling-edge',
        at: [...at, 'config', ...way.at],
        message: `there is no node ${JSON.stringify(way.to)} here`,
        ...mendOfId(way.to, named),
      });
    return [];
  });
}

function withoutRepeats(edges: readonly WorkflowEdge[]): WorkflowEdge[] {
  return [...new Map(edges.map((edge) => [`${edge.from} ${edge.to}`, edge])).values()];
}

/** Successors of every node. */
export function successors({ nodes, edges }: Scope): ReadonlyMap<NodeId, readonly NodeId[]> {
  const lists = new Map<NodeId, NodeId[]>(nodes.map(({ id }) => [id, []]));
  for (const { from, to } of edges) lists.get(from)?.push(to);
  return lists;
}

/** Nodes that stand alone and only declare something. */
function isDeclaration(node: WorkflowNode, edges: readonly WorkflowEdge[]): boolean {
  return (
    definitionOf(node).marks !== null && !edges.some(({ from, to }) => from === node.id || to === node.id)
  );
}

/** The nodes that run, the first one first: declarations without edges are left out. */
export function runningNodes({ nodes, edges }: Scope): readonly WorkflowNode[] {
  const running = nodes.length === 1 ? nodes : nodes.filter((node) => !isDeclaration(node, edges));
  const entered = new Set(edges.map(({ to }) => to));
  const starts = running.filter(({ id }) => !entered.has(id));
  const start = starts.find((node) => definitionOf(node).marks === 'start') ?? starts[0];
  return start ? [start, ...running.filter((node) => node !== start)] : running;
}

function unreachableNodes(scope: Scope): WorkflowNode[] {
  const running = runningNodes(scope);
  const next = successors(scope);
  const reached = new Set<NodeId>(running.slice(0, 1).map(({ id }) => id));
  for (const id of reached) for (const to of next.get(id) ?? []) reached.add(to);
  return running.filter(({ id }) => !reached.has(id));
}

/** Ids along some circle, or null. Depth first without recursion, so a long chain is no danger. */
function findCycle(scope: Scope): readonly NodeId[] | null {
  const next = successors(scope);
  const done = new Set<NodeId>();
  for (const { id } of scope.nodes) {
    const trail: NodeId[] = [id];
    const untried = [[...(next.get(id) ?? [])]];
    while (trail.length > 0) {
      const candidate = untried.at(-1)?.pop();
      if (candidate === undefined) {
        done.add(trail.pop() ?? id);
        untried.pop();
      } else if (trail.includes(candidate)) return trail.slice(trail.indexOf(candidate));
      else if (!done.has(candidate)) {
        trail.push(candidate);
        untried.push([...(next.get(candidate) ?? [])]);
      }
    }
  }
  return null;
}
