import { Graph, layout } from '@dagrejs/dagre';
import { type Arrangement, SPACE, type ToArrange } from './arrangement.ts';

/** Rows with as few crossings as dagre finds: of a graph of some hundred nodes that takes seconds. */
export function arrangeByDagre({ boxes, edges }: ToArrange): Arrangement {
  const graph = new Graph({ multigraph: true });
  const { beside: nodesep, below: ranksep, around } = SPACE;
  graph.setGraph({ rankdir: 'TB', nodesep, ranksep, marginx: around, marginy: around });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of boxes) graph.setNode(id, { width, height });
  for (const [index, { from, to, label }] of edges.entries())
    graph.setEdge(
      from,
      to,
      { label, width: label ? label.length * 6 + 8 : 0, height: label ? 12 : 0, labelpos: 'c' },
      `${index}`,
    );
  layout(graph);
  const { width = 0, height = 0 } = graph.graph();
  return {
    width: Math.max(0, width),
    height: Math.max(0, height),
    centres: new Map(
      boxes.map(({ id }) => {
        const { x = 0, y = 0 } = graph.node(id);
        return [id, { x, y }];
      }),
    ),
    lines: edges.map(({ from, to }, index) => graph.edge({ v: from, w: to, name: `${index}` }).points ?? []),
  };
}
