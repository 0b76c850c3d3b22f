import { arrangeByDagre } from './arrange-by-dagre.ts';
import { arrangeInRows } from './arrange-in-rows.ts';
import type { Arrangement, ToArrange } from './arrangement.ts';
import type { GraphNode, GraphScope } from './graph.ts';

/** Where everything of a drawing stands, in its own units. */
export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Box[];
  readonly lines: readonly Line[];
}

export interface Box {
  readonly id: string;
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** Its inside is drawn. */
  readonly open: boolean;
  /** It has an inside. */
  readonly group: boolean;
}

export interface Line {
  readonly from: string;
  readonly to: string;
  readonly label: string | null;
  readonly points: readonly { readonly x: number; readonly y: number }[];
}

export interface LayoutAsked {
  readonly scope: GraphScope;
  /** Nodes whose inside is not drawn. */
  readonly folded: readonly string[];
  /** Characters of the figure beside a name, by node. */
  readonly figures: Readonly<Record<string, number>>;
}

const [ROW, HEAD, PAD, CHARACTER, ICON] = [26, 30, 9, 7.25, 36];

/** Lays a graph out inside out: what lies in a node is laid out first and gives the node its size. */
export function layoutOf(asked: LayoutAsked): Layout {
  return scopeLayout(asked.scope, asked);
}

/** Beyond this many nodes dagre takes longer than somebody waits. */
const MANY = 120;

function scopeLayout(scope: GraphScope, asked: LayoutAsked): Layout {
  const insides = new Map<string, Layout>();
  for (const { id, inside } of scope.nodes)
    if (inside && !asked.folded.includes(id)) insides.set(id, scopeLayout(inside, asked));
  const boxes = scope.nodes.map((node) => ({ id: node.id, ...sizeOf(node, insides.get(node.id), asked) }));
  const known = new Set(scope.nodes.map(({ id }) => id));
  const edges = scope.edges
    .filter(({ from, to }) => known.has(from) && known.has(to))
    .map(({ from, to, label }) => ({ from, to, label }));
  const arrange = boxes.length > MANY ? arrangeInRows : arrangeByDagre;
  return placed(scope, { boxes, edges }, { arrangement: arrange({ boxes, edges }), insides });
}

function sizeOf(node: GraphNode, inside: Layout | undefined, { figures }: LayoutAsked) {
  const figure = figures[node.id] ?? 0;
  const text = ICON + node.id.length * CHARACTER + (figure === 0 ? 0 : 14 + figure * 6.4);
  if (!inside) return { width: Math.max(92, Math.ceil(text)), height: ROW };
  return {
    width: Math.max(Math.ceil(text), Math.ceil(inside.width) + 2 * PAD),
    height: Math.ceil(inside.height) + HEAD + PAD,
  };
}

function placed(
  scope: GraphScope,
  { boxes: sized, edges }: ToArrange,
  {
    arrangement: { centres, lines: ways, width, height },
    insides,
  }: { readonly arrangement: Arrangement; readonly insides: ReadonlyMap<string, Layout> },
): Layout {
  const boxes: Box[] = [];
  const lines: Line[] = [];
  const groups = new Set(scope.nodes.filter(({ inside }) => inside !== undefined).map(({ id }) => id));
  for (const { id, width: wide, height: high } of sized) {
    const { x = 0, y = 0 } = centres.get(id) ?? {};
    const [left, top] = [x - wide / 2, y - high / 2];
    const drawn = insides.get(id);
    boxes.push({
      id,
      x: left,
      y: top,
      width: wide,
      height: high,
      open: drawn !== undefined,
      group: groups.has(id),
    });
    if (!drawn) continue;
    const [dx, dy] = [left + (wide - drawn.width) / 2, top + HEAD];
    boxes.push(...drawn.boxes.map((box) => ({ ...box, x: box.x + dx, y: box.y + dy })));
    lines.push(
      ...drawn.lines.map((line) => ({
        ...line,
        points: line.points.map(({ x: px, y: py }) => ({ x: px + dx, y: py + dy })),
      })),
    );
  }
  for (const [index, { from, to, label = null }] of edges.entries())
    lines.push({ from, to, label, points: ways[index] ?? [] });
  return { width, height, boxes, lines };
}
