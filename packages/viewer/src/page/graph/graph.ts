/** What a drawing shows: nodes, some of which hold others, and edges among nodes that see each other. */
export interface GraphScope {
  readonly nodes: readonly GraphNode[];
  readonly edges: readonly GraphEdge[];
}

export interface GraphNode {
  readonly id: string;
  readonly type: string;
  readonly inside?: GraphScope;
}

export interface GraphEdge {
  readonly from: string;
  readonly to: string;
  readonly label?: string;
}

/** Every node of a scope, those inside others too, in the order of the document. */
export function everyNode({ nodes }: GraphScope, path: readonly string[] = []): PlacedNode[] {
  return nodes.flatMap((node) => [
    { node, path },
    ...(node.inside ? everyNode(node.inside, [...path, node.id]) : []),
  ]);
}

/** Every edge, those inside nodes too. */
export function everyEdge({ nodes, edges }: GraphScope): GraphEdge[] {
  return [...edges, ...nodes.flatMap(({ inside }) => (inside ? everyEdge(inside) : []))];
}

export interface PlacedNode {
  readonly node: GraphNode;
  /** The nodes it lies in, outermost first. */
  readonly path: readonly string[];
}
