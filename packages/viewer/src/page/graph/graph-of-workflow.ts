import type { GraphEdge, GraphNode, GraphScope } from './graph.ts';

/** The part of a compiled document that is drawn. */
interface Drawn {
  readonly nodes?: readonly DocumentNode[];
  readonly edges?: readonly { readonly from: string; readonly to: string; readonly type?: string }[];
}

export interface DocumentNode {
  readonly id: string;
  readonly type: string;
  readonly output_key?: string | null;
  readonly config: Readonly<Record<string, unknown>>;
}

/** The graph of a document, with bodies of lists, loops, subgraphs and branches inside their nodes. */
export function graphOfWorkflow(document: object): GraphScope {
  const { nodes = [], edges = [] }: Drawn = document;
  const conditions = nodes.flatMap(waysOf);
  const labels = new Map(conditions.map(({ from, to, label }) => [`${from}>${to}`, label]));
  const drawn = edges.map(({ from, to }) => edge(from, to, labels.get(`${from}>${to}`)));
  const known = new Set(drawn.map(({ from, to }) => `${from}>${to}`));
  const scope = {
    nodes: nodes.map(drawnNode),
    edges: [...drawn, ...conditions.filter(({ from, to }) => !known.has(`${from}>${to}`))],
  };
  return { nodes: scope.nodes, edges: [...scope.edges, ...toOutputs(scope)] };
}

function edge(from: string, to: string, label: string | undefined): GraphEdge {
  return label === undefined ? { from, to } : { from, to, label };
}

function drawnNode(node: DocumentNode): GraphNode {
  const inside = insideOf(node);
  return { id: node.id, type: node.type, ...(inside && { inside }) };
}

/** The documents inside a node. */
export function bodiesOf({ config }: DocumentNode): Drawn[] {
  const { body, branches } = config;
  const flows = Array.isArray(branches) ? branches.map((branch: { flow?: Drawn }) => branch.flow ?? {}) : [];
  return [...(typeof body === 'object' && body !== null ? [body] : []), ...flows];
}

function insideOf(node: DocumentNode): GraphScope | undefined {
  const scopes = bodiesOf(node).map(graphOfWorkflow);
  if (scopes.length === 0) return undefined;
  return { nodes: scopes.flatMap(({ nodes }) => nodes), edges: scopes.flatMap(({ edges }) => edges) };
}

/** The ways of a condition. */
function waysOf({ id, type, config }: DocumentNode): GraphEdge[] {
  if (type !== 'conditional') return [];
  const cases = Array.isArray(config['cases']) ? config['cases'] : [];
  const ways = cases.map(({ to }: { to: string }, index) =>
    edge(id, to, cases.length > 1 ? `case ${index + 1}` : 'if'),
  );
  const other = config['default'];
  return typeof other === 'string' ? [...ways, edge(id, other, 'default')] : ways;
}

/** An output takes the state as it is at the end, so nothing leads to it in the document. */
function toOutputs({ nodes, edges }: GraphScope): GraphEdge[] {
  const outputs = nodes.filter(({ type, id }) => type === 'output' && !edges.some(({ to }) => to === id));
  const ends = nodes.filter(({ type, id }) => type !== 'output' && !edges.some(({ from }) => from === id));
  return outputs.flatMap(({ id }) => ends.map((end) => ({ from: end.id, to: id })));
}
