import type { ComponentChildren, JSX } from 'preact';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { AsTable, type Table, useTable } from '../parts/as-table.tsx';
import { Card } from '../parts/bits.tsx';
import { DrawnIcon } from '../parts/icon.tsx';
import { type Standing, TONES, WORDS } from '../parts/standing.ts';
import { everyEdge, everyNode, type GraphScope } from './graph.ts';
import type { Box, Layout, Line } from './layout.ts';
import { nearestBox } from './steps.ts';
import { useLayout } from './use-layout.ts';
import { isWithin, type Seen, useSeen } from './use-seen.ts';

/** What a drawing says of a node. */
export interface Drawn {
  readonly standing: Standing;
  /** One figure beside its name. */
  readonly figure: string;
}

export interface GraphProps {
  readonly title: string;
  readonly scope: GraphScope;
  readonly drawn: ReadonlyMap<string, Drawn>;
  /** Runs of nodes behind which a tinted band is drawn: planned segments. */
  readonly bands?: readonly { readonly name: string; readonly nodes: readonly string[] }[];
  readonly selected: string | null;
  readonly onSelect: (id: string | null) => void;
  readonly tool?: ComponentChildren;
}

/** Beyond this many nodes, groups start folded. */
const MANY = 60;
const PANE = 334;
const SMALLEST = 0.5;

/** The graph, with the state of each node. One place for the keyboard, with the arrows inside. */
export function GraphView(props: GraphProps): JSX.Element {
  const { title, scope, drawn, selected } = props;
  const nodes = everyNode(scope);
  const [folds, setFolds] = useState<Readonly<Record<string, boolean>>>({});
  const folded = nodes
    .filter(
      ({ node }) => node.inside && (folds[node.id] ?? (node.type === 'for_each' || nodes.length > MANY)),
    )
    .map(({ node }) => node.id);
  const figures = Object.fromEntries([...drawn].map(([id, { figure }]) => [id, figure.length]));
  const layout = useLayout({ scope, folded, figures });
  const [zoom, setZoom] = useState<number | null>(null);
  const scale = zoom ?? Math.max(SMALLEST, Math.min(1, PANE / (layout?.width ?? PANE)));
  const fold = (id: string) => setFolds({ ...folds, [id]: !folded.includes(id) });
  const { asTable, button } = useTable();
  const tools = (
    <>
      {props.tool}
      {button}
      <button
        type="button"
        class="ib"
        aria-label="Zoom out"
        onClick={() => setZoom(Math.max(0.2, scale / 1.25))}
      >
        −
      </button>
      <button type="button" class="btn sm" onClick={() => setZoom(null)}>
        Fit
      </button>
      <button
        type="button"
        class="ib"
        aria-label="Zoom in"
        onClick={() => setZoom(Math.min(3, scale * 1.25))}
      >
        +
      </button>
    </>
  );
  return (
    <Card title={title} note={props.tool ? undefined : `${nodes.length} nodes`} tools={tools} area="g">
      {asTable ? (
        <AsTable {...tableOf(title, scope, drawn)} />
      ) : (
        <Canvas {...props} {...{ layout, scale, fold }} selected={shownFor(selected, nodes, folded)} />
      )}
    </Card>
  );
}

function tableOf(caption: string, scope: GraphScope, drawn: GraphProps['drawn']): Table {
  const next = Map.groupBy(everyEdge(scope), ({ from }) => from);
  return {
    caption: `${caption}: its nodes`,
    heads: ['Node', 'Type', 'Inside of', 'State', 'Figure', 'Leads to'],
    rows: everyNode(scope).map(({ node: { id, type }, path }) => {
      const { standing = 'pend', figure = '' } = drawn.get(id) ?? {};
      const ways = (next.get(id) ?? []).map(({ to, label }) =>
        label === undefined ? to : `${to} (${label})`,
      );
      return [id, type, path.join(' › '), WORDS[standing], figure, ways.join(', ')];
    }),
  };
}

/** A node inside a folded one is shown by the one it lies in. */
function shownFor(
  selected: string | null,
  nodes: ReturnType<typeof everyNode>,
  folded: readonly string[],
): string | null {
  const path = nodes.find(({ node }) => node.id === selected)?.path ?? [];
  return path.find((id) => folded.includes(id)) ?? selected;
}

function Canvas({
  title,
  layout,
  scale,
  fold,
  drawn,
  bands = [],
  selected,
  onSelect,
}: GraphProps & {
  readonly layout: Layout | undefined;
  readonly scale: number;
  readonly fold: (id: string) => void;
}): JSX.Element {
  const pane = useRef<HTMLDivElement>(null);
  const seen = useSeen(pane, layout, scale);
  const shapes = useMemo(() => shapesOf(layout, drawn, selected), [layout, drawn, selected]);
  useEffect(() => {
    const box = layout?.boxes.find(({ id }) => id === selected);
    const view = pane.current;
    if (!box || !view || isWithin(box, view, scale)) return;
    view.scrollLeft = (box.x + box.width / 2) * scale - view.clientWidth / 2;
    view.scrollTop = (box.y + box.height / 2) * scale - view.clientHeight / 2;
  }, [selected, layout]);
  const onKeyDown = (event: KeyboardEvent) => {
    if (!layout) return;
    if (event.key === 'f' && selected !== null) fold(selected);
    else if (event.key.startsWith('Arrow')) {
      const next = nearestBox(layout, selected, event.key);
      if (next !== undefined) onSelect(next);
    } else if (event.key === 'Escape') onSelect(null);
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const pick = (event: MouseEvent) => {
    const id =
      event.target instanceof Element ? event.target.closest('[data-id]')?.getAttribute('data-id') : null;
    if (id === null || id === undefined) return;
    if (event.detail > 1) fold(id);
    else onSelect(id);
  };
  return (
    <div
      class="cv"
      ref={pane}
      tabIndex={0}
      role="application"
      aria-label={`${title}: arrows move along the edges, f folds, Escape leaves. ${selectedText(selected, drawn)}`}
      onKeyDown={onKeyDown}
      onClick={pick}
    >
      {layout && (
        <svg
          width={layout.width * scale}
          height={layout.height * scale}
          viewBox={`0 0 ${layout.width} ${layout.height}`}
          aria-hidden="true"
        >
          {bands.map(({ name, nodes }) => (
            <Band key={name} name={name} boxes={layout.boxes.filter(({ id }) => nodes.includes(id))} />
          ))}
          {shapes.filter(({ near }) => near(seen)).map(({ shape }) => shape)}
        </svg>
      )}
    </div>
  );
}

/**
 * Made once until something changes, so that scrolling compares none of them: groups, edges, and nodes
 * above both.
 */
function shapesOf(layout: Layout | undefined, drawn: GraphProps['drawn'], selected: string | null) {
  const { boxes = [], lines = [] } = layout ?? {};
  const boxShape = (box: Box) => ({
    near: (seen: Seen) => seen.box(box),
    shape: <NodeBox key={box.id} box={box} drawn={drawn.get(box.id)} selected={box.id === selected} />,
  });
  return [
    ...boxes.filter(({ open }) => open).map(boxShape),
    ...lines.map((line) => ({
      near: (seen: Seen) => seen.line(line),
      shape: <Edge key={`${line.from} ${line.to} ${line.label}`} line={line} drawn={drawn} />,
    })),
    ...boxes.filter(({ open }) => !open).map(boxShape),
  ];
}

function selectedText(selected: string | null, drawn: GraphProps['drawn']): string {
  if (selected === null) return 'Nothing is selected.';
  const { standing = 'pend', figure = '' } = drawn.get(selected) ?? {};
  return `Selected: ${selected}, ${WORDS[standing]}${figure === '' ? '' : `, ${figure}`}.`;
}

function NodeBox({
  box: { id, x, y, width, height, open, group },
  drawn = { standing: 'pend', figure: '' },
  selected,
}: {
  readonly box: Box;
  readonly drawn: Drawn | undefined;
  readonly selected: boolean;
}): JSX.Element {
  const { standing, figure } = drawn;
  return (
    <g
      class={`nd ${standing}${open ? ' group' : ''}${selected ? ' sel' : ''}`}
      data-id={id}
      transform={`translate(${x} ${y})`}
    >
      <rect class="ring" x={-3} y={-3} width={width + 6} height={height + 6} rx={8} />
      <rect class="bx" x={0.5} y={0.5} width={width - 1} height={height - 1} rx={5.5} />
      <DrawnIcon name={standing} x={8} y={6.5} tone={TONES[standing]} />
      <text x={27} y={17}>
        {id}
        {group && !open ? ' ▸' : ''}
      </text>
      {figure !== '' && (
        <text class="s" x={width - 9} y={17} text-anchor="end">
          {figure}
        </text>
      )}
    </g>
  );
}

function Edge({
  line,
  drawn,
}: {
  readonly line: Line;
  readonly drawn: GraphProps['drawn'];
}): JSX.Element | null {
  const last = line.points.at(-1);
  if (!last) return null;
  const idle = ['skip', 'pend'].some((each) => each === (drawn.get(line.to)?.standing ?? 'ok'));
  const middle = line.points[Math.floor(line.points.length / 2)];
  const path = line.points
    .map(
      ({ x, y }, index) =>
        `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${(index === line.points.length - 1 ? y - 3 : y).toFixed(1)}`,
    )
    .join('');
  return (
    <g>
      <path class={`ed${idle ? ' no' : ''}`} d={path} />
      <path class={`ah${idle ? ' no' : ''}`} d={`M${last.x - 3.5} ${last.y - 5}h7l-3.5 5z`} />
      {line.label !== null && middle && (
        <text class="s edge-label" x={middle.x} y={middle.y + 3} text-anchor="middle">
          {line.label}
        </text>
      )}
    </g>
  );
}

function Band({
  name,
  boxes,
}: {
  readonly name: string;
  readonly boxes: readonly Box[];
}): JSX.Element | null {
  if (boxes.length === 0) return null;
  const left = Math.min(...boxes.map(({ x }) => x)) - 4;
  const top = Math.min(...boxes.map(({ y }) => y)) - 4;
  const right = Math.max(...boxes.map(({ x, width }) => x + width)) + 4;
  const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + 4;
  return (
    <rect class="band" x={left} y={top} width={right - left} height={bottom - top} rx={8}>
      <title>{name}</title>
    </rect>
  );
}
