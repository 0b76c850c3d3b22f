import type { Items } from '@statebag/contracts/schemas/history';
import type { JSX, TargetedMouseEvent } from 'preact';
import { useMemo } from 'preact/hooks';
import { go, withQuery } from '../address.ts';
import { countText } from '../format.ts';
import { bodiesOf } from '../graph/graph-of-workflow.ts';
import { Section } from '../parts/bits.tsx';
import { Icon } from '../parts/icon.tsx';
import { useWidth } from '../parts/use-width.ts';
import { cellsOf, type Grid, gridOf, type ItemCells, type ItemState } from './item-cells.ts';
import type { NodeProps } from './node-props.ts';

const WORDS: Readonly<Record<ItemState, string>> = { fail: 'failed', ok: 'done', pend: 'not reached' };

/**
 * The items of a list as cells, failed ones first; one that is chosen is chosen in the prompts and answers
 * too.
 */
export function ItemStrip(props: NodeProps): JSX.Element | null {
  const { node, address } = props;
  const items = node.entries.findLast((entry) => entry.items)?.items;
  if (!items || items.total === 0) return null;
  const wanted = address.searchParams.get('item');
  const item =
    wanted !== null && /^\d+$/.test(wanted) && Number(wanted) < items.total ? Number(wanted) : null;
  const choose = (next: number | null) =>
    go(withQuery(address, { item: next === null ? null : String(next) }), { replace: true });
  return (
    <Section title="Items" note={`${countText(items.total)} in all`}>
      <Strip {...{ items, item, choose }} />
      <Caption items={items} />
      {item !== null && <OfItem {...props} item={item} state={stateOf(cellsOf(items), item)} />}
    </Section>
  );
}

function stateOf({ place, state }: ItemCells, item: number): string {
  const at = place(item);
  return at === null ? 'failed or done' : WORDS[state(at)];
}

function Strip({
  items,
  item,
  choose,
}: {
  readonly items: Items;
  readonly item: number | null;
  readonly choose: (item: number | null) => void;
}): JSX.Element {
  const [pane, width] = useWidth();
  const cells = cellsOf(items);
  const grid = gridOf(items.total, Math.max(60, width));
  const chosen = item === null ? null : cells.place(item);
  const paths = useMemo(
    () => STATES.map((state) => ({ state, d: pathOf(state, cells, grid) })),
    [items, width],
  );
  const cell = chosen === null ? null : Math.floor(chosen / grid.each);
  const chooseAt = (place: number) => {
    const next = Math.min(items.total - 1, Math.max(0, place));
    const found = cells.item(next);
    if (found !== null) choose(found);
  };
  const pick = ({ currentTarget, clientX, clientY }: TargetedMouseEvent<SVGSVGElement>) => {
    const { left, top } = currentTarget.getBoundingClientRect();
    const column = Math.min(grid.columns - 1, Math.floor((clientX - left) / grid.size));
    chooseAt((Math.floor((clientY - top) / grid.size) * grid.columns + column) * grid.each);
  };
  const steps: Readonly<Record<string, number>> = {
    ArrowLeft: -1,
    ArrowRight: 1,
    ArrowUp: -grid.columns * grid.each,
    ArrowDown: grid.columns * grid.each,
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = steps[event.key];
    if (event.key === 'Escape') choose(null);
    else if (step !== undefined) chooseAt((chosen ?? -1) + (chosen === null ? 1 : step));
    else return;
    event.preventDefault();
    event.stopPropagation();
  };
  const said =
    item === null ? 'None is chosen.' : `Item ${item + 1} of ${items.total}, ${stateOf(cells, item)}.`;
  return (
    <div
      ref={pane}
      class="strip"
      tabIndex={0}
      role="application"
      aria-label={`Items, failed ones first: arrows move. ${said}`}
      onKeyDown={onKeyDown}
    >
      <svg width={grid.columns * grid.size} height={grid.rows * grid.size} onClick={pick} aria-hidden="true">
        {paths.map(({ state, d }) => (
          <path key={state} class={`cell ${state}`} d={d} />
        ))}
        {cell !== null && (
          <rect
            class="cell chosen"
            x={(cell % grid.columns) * grid.size}
            y={Math.floor(cell / grid.columns) * grid.size}
            width={grid.size}
            height={grid.size}
          />
        )}
      </svg>
      {grid.each > 1 && <p class="dim">A cell is the worst of {grid.each} items.</p>}
    </div>
  );
}

const STATES: readonly ItemState[] = ['fail', 'ok', 'pend'];

/** One path for each state, whatever the number of cells. Several items in a cell show the worst of them. */
function pathOf(wanted: ItemState, cells: ItemCells, { size, columns, each }: Grid): string {
  const side = size - (size > 5 ? 1.5 : 0.5);
  let path = '';
  for (let at = 0; at * each < cells.total; at += 1)
    if (cells.state(at * each) === wanted)
      path += `M${(at % columns) * size} ${Math.floor(at / columns) * size}h${side}v${side}h${-side}z`;
  return path;
}

function Caption({ items: { total, begun, failed } }: { readonly items: Items }): JSX.Element {
  const counts = [
    ['fail', failed],
    ['ok', begun - failed],
    ['pend', total - begun],
  ] as const;
  return (
    <p class="meta caption">
      {counts
        .filter(([, count]) => count > 0)
        .map(([state, count]) => (
          <span key={state} class={`t-${state === 'pend' ? 'mute' : state}`}>
            <Icon name={state} /> {countText(count)} {WORDS[state]}
          </span>
        ))}
    </p>
  );
}

/** Where more is told of an item: the nodes that ran for it. */
function OfItem({
  written,
  address,
  item,
  state,
}: NodeProps & { readonly item: number; readonly state: string }): JSX.Element {
  const inside = written ? bodiesOf(written).flatMap(({ nodes = [] }) => nodes) : [];
  return (
    <p class="meta">
      <span>
        <b>Item {item + 1}</b>, {state}
      </span>
      {inside.map(({ id }) => (
        <a key={id} class="chip" href={withQuery(address, { node: id, item: String(item), tab: 'answer' })}>
          {id}
        </a>
      ))}
    </p>
  );
}
