import { isJsonObject, type NodeId } from '@statebag/contracts';
import type { Path, Report } from './diagnostics.ts';
import type { Scope, WorkflowEdge, WorkflowNode } from './workflow.ts';

interface Surroundings {
  readonly report: Report;
  readonly places: ReadonlyMap<string, Path>;
}

/** Checks how nodes hang together, and gives the edges with those added that conditions and plain chains imply. */
export function checkGraph(
  { nodes, edges }: { readonly nodes: readonly WorkflowNode[]; readonly edges: readonly WorkflowEdge[] | null },
  at: Path,
  { report, places }: Surroundings,
): Scope {
  const known = new Set<string>(nodes.map(({ id }) => id));
  const written =
    edges === null ? impliedChain(nodes, at, report) : edges.filter((edge, index) => connectsNodes(edge, known, { at: [...at, 'edges', index], report }));
  const ways = nodes.flatMap((node) => waysOf(node, known, { at: places.get(node.id) ?? at, report }));
  const all = withoutRepeats([...written, ...ways]);
  const scope = { nodes, edges: all };
  const cycle = findCycle(scope);
  if (cycle) report.add({ code: 'cycle', at: places.get(cycle[0] ?? '') ?? at, message: `the edges lead in a circle: ${[...cycle, cycle[0]].join(' → ')}` });
  else
    for (const node of unreachableNodes(scope))
      report.add({ code: 'unreachable', at: places.get(node.id) ?? at, message: `nothing leads to node ${JSON.stringify(node.id)}` });
  return scope;
}

/** Where edges are left out, the nodes follow each other as they are written. */
function impliedChain(nodes: readonly WorkflowNode[], at: Path, report: Report): WorkflowEdge[] {
  if (nodes.some(({ type }) => type === 'conditional')) {
    report.add({ code: 'no-edges', at, message: '`edges` is missing and there is a condition, so the order of the nodes says nothing' });
    return [];
  }
  return nodes.slice(1).map((node, index) => ({ from: nodes[index]?.id ?? node.id, to: node.id }));
}

function connectsNodes({ from, to }: WorkflowEdge, known: ReadonlySet<string>, { at, report }: { readonly at: Path; readonly report: Report }): boolean {
  for (const [key, id] of [['from', from] as const, ['to', to] as const]) {
    if (!known.has(id)) report.add({ code: 'dangling-edge', at: [...at, key], message: `there is no node ${JSON.stringify(id)} here` });
  }
  return known.has(from) && known.has(to);
}

/** The ways of a condition are edges. */
function waysOf(node: WorkflowNode, known: ReadonlySet<string>, { at, report }: { readonly at: Path; readonly report: Report }): WorkflowEdge[] {
  if (node.type !== 'conditional') return [];
  const cases = Array.isArray(node.config['cases']) ? node.config['cases'] : [];
  const targets = cases.map((way, index) => ({ to: isJsonObject(way) ? way['to'] : undefined, at: [...at, 'config', 'cases', index, 'to'] }));
  return [...targets, { to: node.config['default'], at: [...at, 'config', 'default'] }].flatMap(({ to, at: place }) => {
    if (typeof to !== 'string') return [];
    if (known.has(to)) return [{ from: node.id, to: to as NodeId }]; // it is the id of a node
    report.add({ code: 'dangling-edge', at: place, message: `there is no node ${JSON.stringify(to)} here` });
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
function isDeclaration({ id, type }: WorkflowNode, edges: readonly WorkflowEdge[]): boolean {
  return (type === 'input' || type === 'output' || type === 'trigger') && !edges.some(({ from, to }) => from === id || to === id);
}

/** The nodes that run, the first one first: declarations without edges are left out. */
export function runningNodes({ nodes, edges }: Scope): readonly WorkflowNode[] {
  const running = nodes.length === 1 ? nodes : nodes.filter((node) => !isDeclaration(node, edges));
  const entered = new Set(edges.map(({ to }) => to));
  const starts = running.filter(({ id }) => !entered.has(id));
  const start = starts.find(({ type }) => type === 'trigger' || type === 'input') ?? starts[0];
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
