import type { JSX } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { durationText } from '../format.ts';
import { AsTable, type Table, useTable } from '../parts/as-table.tsx';
import { Card } from '../parts/bits.tsx';
import { DrawnIcon, Icon, type IconName } from '../parts/icon.tsx';
import type { Tone } from '../parts/standing.ts';
import { useWidth } from '../parts/use-width.ts';
import { type Axis, timeAxis } from './time-axis.ts';
import { busySpans, type Row } from './timeline-rows.ts';

export interface TimelineProps {
  readonly rows: readonly Row[];
  readonly now: number;
  readonly running: boolean;
  readonly selected: string | null;
  readonly onSelect: (node: string) => void;
}

const ROW = 27;
const TOP = 28;
const MARGIN = 14;
/** Rows above and below what is seen that are drawn, too. */
const MORE = 20;

/** What happened when: segments, nodes, attempts and waits on one axis. */
export function Timeline(props: TimelineProps): JSX.Element {
  const [folding, setFolding] = useState(true);
  const [pane, width] = useWidth();
  const labels = width < 420 ? 132 : 168;
  const axis = timeAxis(busySpans(props.rows), { width: Math.max(60, width - labels - MARGIN), folding });
  const { asTable, button } = useTable();
  const tools = (
    <>
      {button}
      <fieldset class="seg">
        <legend class="sr">Axis</legend>
        <button type="button" aria-pressed={folding} onClick={() => setFolding(true)}>
          Folded
        </button>
        <button type="button" aria-pressed={!folding} onClick={() => setFolding(false)}>
          Real time
        </button>
      </fieldset>
    </>
  );
  const folds = axis.pieces.some(({ folded }) => folded);
  return (
    <Card title="Timeline" note={folding && folds ? 'idle time folded' : undefined} tools={tools} area="t">
      <div ref={pane}>
        {asTable ? (
          <AsTable {...tableOf(props.rows)} />
        ) : (
          width > 0 && <Rows {...props} {...{ axis, width, labels }} />
        )}
      </div>
      <Legend segments={props.rows.some(({ kind }) => kind === 'segment')} />
    </Card>
  );
}

const KINDS: Readonly<Record<Row['kind'], string>> = {
  segment: 'segment',
  node: 'node',
  wait: 'wait',
  child: 'child execution',
  pending: 'not reached',
};
const SAID: Readonly<Record<Tone, string>> = {
  ok: 'succeeded',
  run: 'running',
  wait: 'waited',
  fail: 'failed',
  lost: 'unheld',
  mute: '',
};

function tableOf(rows: readonly Row[]): Table {
  return {
    caption: 'Timeline: what happened when',
    heads: ['What', 'Kind', 'State', 'Began', 'Took', 'Failed attempts'],
    rows: rows.map(({ name, kind, tone, from, to, failures }) =>
      kind === 'pending'
        ? [name, KINDS[kind], SAID[tone], '', '', '']
        : [
            name,
            KINDS[kind],
            SAID[tone],
            new Date(from).toLocaleTimeString(),
            durationText(to - from),
            failures.map(({ error }) => error).join(', '),
          ],
    ),
  };
}

function Rows({
  rows,
  axis,
  width,
  labels,
  now,
  running,
  selected,
  onSelect,
}: TimelineProps & { readonly axis: Axis; readonly width: number; readonly labels: number }): JSX.Element {
  const pane = useRef<HTMLDivElement>(null);
  const [top, setTop] = useState(0);
  const height = TOP + rows.length * ROW + 10;
  const first = Math.max(0, Math.floor(top / ROW) - MORE);
  const shown = rows.slice(first, first + Math.ceil(640 / ROW) + 2 * MORE);
  const move = (step: number) => {
    const chosen = rows.findIndex(({ node }) => node !== null && node === selected);
    const next = rows.slice(step > 0 ? chosen + 1 : 0, step > 0 ? undefined : Math.max(0, chosen));
    const row =
      step > 0
        ? next.find(({ node }) => node !== null && node !== selected)
        : next.findLast(({ node }) => node !== null && node !== selected);
    if (row?.node) onSelect(row.node);
  };
  useEffect(() => {
    const row = rows.findIndex(({ node }) => node !== null && node === selected);
    const [y, view] = [TOP + row * ROW, pane.current];
    if (row >= 0 && view && (y < view.scrollTop || y + ROW > view.scrollTop + view.clientHeight))
      view.scrollTop = y - view.clientHeight / 2;
  }, [selected]);
  const pick = ({ target }: MouseEvent) => {
    const node = target instanceof Element ? target.closest('[data-node]')?.getAttribute('data-node') : null;
    if (node) onSelect(node);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'ArrowDown' && event.key !== 'ArrowUp') return;
    event.preventDefault();
    move(event.key === 'ArrowDown' ? 1 : -1);
  };
  return (
    <div
      class="rows"
      ref={pane}
      tabIndex={0}
      role="application"
      aria-label={`Timeline, ${rows.length} rows: arrows move up and down`}
      onKeyDown={onKeyDown}
      onClick={pick}
      onScroll={(event) => setTop(event.currentTarget.scrollTop)}
    >
      <svg width={width} height={height} aria-hidden="true">
        <defs>
          <pattern
            id="hatch"
            class="hatch"
            width="5"
            height="5"
            patternUnits="userSpaceOnUse"
            patternTransform="rotate(45)"
          >
            <rect width="5" height="5" />
            <line x1="0" y1="0" x2="0" y2="5" />
          </pattern>
        </defs>
        <Scale {...{ axis, labels, height }} />
        {shown.map((row, index) => (
          <RowMark
            key={row.key}
            {...{ row, axis, width, labels }}
            y={TOP + (first + index) * ROW}
            selected={row.node !== null && row.node === selected}
          />
        ))}
        <line class="grid" x1={labels - 8} x2={labels - 8} y1="0" y2={height} />
        {running && (
          <line
            class="now"
            x1={labels + axis.at(now)}
            x2={labels + axis.at(now)}
            y1={TOP - 4}
            y2={height - 6}
          />
        )}
      </svg>
    </div>
  );
}

function Scale({
  axis,
  labels,
  height,
}: {
  readonly axis: Axis;
  readonly labels: number;
  readonly height: number;
}): JSX.Element {
  return (
    <>
      {axis.pieces.map(({ from, to, left, width, folded }) =>
        folded ? (
          <g key={from}>
            <rect class="fold" x={labels + left} y={TOP - 4} width={width} height={height - TOP - 2} />
            <path
              class="fold-edge"
              d={`M${labels + left} ${TOP - 4}V${height - 6}M${labels + left + width} ${TOP - 4}V${height - 6}`}
            />
            <text class="s" x={labels + left + width / 2} y={17} text-anchor="middle">
              {durationText(to - from)}
            </text>
          </g>
        ) : (
          <g key={from}>
            <line class="grid" x1={labels + left} x2={labels + left} y1={TOP - 4} y2={height - 6} />
            {width > 64 && (
              <text class="s" x={labels + left + 3} y={17}>
                {new Date(from).toLocaleTimeString()}
              </text>
            )}
            {width > 170 && (
              <>
                <line
                  class="grid"
                  x1={labels + left + width / 2}
                  x2={labels + left + width / 2}
                  y1={TOP - 4}
                  y2={height - 6}
                />
                <text class="s" x={labels + left + width / 2 + 3} y={17}>
                  +{durationText((to - from) / 2)}
                </text>
              </>
            )}
          </g>
        ),
      )}
    </>
  );
}

const ICONS: Readonly<Record<Tone, IconName>> = {
  ok: 'ok',
  run: 'run',
  wait: 'wait',
  fail: 'fail',
  lost: 'lost',
  mute: 'pend',
};
const INDENT = 12;

function RowMark({
  row,
  axis,
  width,
  labels,
  y,
  selected,
}: {
  readonly row: Row;
  readonly axis: Axis;
  readonly width: number;
  readonly labels: number;
  readonly y: number;
  readonly selected: boolean;
}): JSX.Element {
  const { kind, name, depth, tone, node } = row;
  const middle = y + ROW / 2;
  const strong = kind === 'segment' || kind === 'child';
  const x = strong ? 10 : 27 + Math.max(0, depth - 1) * INDENT;
  const room = Math.floor((labels - x - 12) / 7.3);
  return (
    <g class={`row${selected ? ' sel' : ''}`} data-node={node}>
      <rect class="hit" x={1} y={y} width={width - 2} height={ROW} />
      <title>{titleOf(row)}</title>
      {!strong && (
        <DrawnIcon
          name={kind === 'wait' ? 'person' : ICONS[tone]}
          x={x - 17}
          y={middle - 6}
          size={12}
          tone={tone}
        />
      )}
      <text class={strong ? 'strong' : 'n'} x={x} y={middle + 4}>
        {name.length > room ? `${name.slice(0, Math.max(1, room - 1))}…` : name}
      </text>
      {kind !== 'pending' && <Bar {...{ row, axis, labels, middle }} />}
    </g>
  );
}

function titleOf({ name, kind, from, to, failures }: Row): string {
  if (kind === 'pending') return `${name}: not reached`;
  const failed = failures.length === 0 ? '' : `, ${failures.length} failed attempts`;
  return `${name}: ${durationText(to - from)} from ${new Date(from).toISOString()}${failed}`;
}

function Bar({
  row,
  axis,
  labels,
  middle,
}: {
  readonly row: Row;
  readonly axis: Axis;
  readonly labels: number;
  readonly middle: number;
}): JSX.Element {
  const { kind, tone, open, failures } = row;
  const left = labels + axis.at(row.from);
  const wide = Math.max(2, labels + axis.at(row.to) - left);
  return (
    <>
      {kind === 'segment' || kind === 'child' ? (
        <path
          class="bracket"
          d={`M${left} ${middle + 5}V${middle - 3}H${left + wide}${open ? '' : `V${middle + 5}`}`}
        />
      ) : wide <= 2 && row.to - row.from < 2 ? (
        <path class={`bar ${tone}`} d={`M${left} ${middle - 5}l5 5-5 5-5-5z`} />
      ) : (
        <rect class={`bar ${tone}`} x={left} y={middle - 4.5} width={wide} height={9} rx={2} />
      )}
      {marksOf(failures, (time) => labels + axis.at(time)).map(({ x, count }) => (
        <g key={x}>
          <circle class="mark" cx={x} cy={middle} r={7.5} />
          <DrawnIcon name="fail" x={x - 6} y={middle - 6} size={12} tone="fail" />
          {count > 1 && (
            <text class="s" x={x + 9} y={middle + 4}>
              {count}
            </text>
          )}
        </g>
      ))}
    </>
  );
}

const APART = 16;

/** Marks that would cover each other are one with a count. */
function marksOf(failures: Row['failures'], place: (time: number) => number): { x: number; count: number }[] {
  const marks: { x: number; count: number }[] = [];
  for (const { at } of failures) {
    const x = place(at);
    const before = marks.at(-1);
    if (before && x - before.x < APART) before.count += 1;
    else marks.push({ x, count: 1 });
  }
  return marks;
}

function Legend({ segments }: { readonly segments: boolean }): JSX.Element {
  return (
    <div class="legend">
      {segments && (
        <span>
          <svg width="18" height="10" aria-hidden="true">
            <path class="bracket" d="M1 9V2H17V9" />
          </svg>
          segment
        </span>
      )}
      <span>
        <svg width="18" height="10" aria-hidden="true">
          <rect class="bar ok" y="1.5" width="18" height="7" rx="1.5" />
        </svg>
        {segments ? 'node' : 'state'}
      </span>
      <span>
        <svg width="18" height="10" aria-hidden="true">
          <rect class="bar wait" y="1.5" width="18" height="7" />
        </svg>
        wait
      </span>
      <span class="t-fail">
        <Icon name="fail" />
        failed attempt
      </span>
    </div>
  );
}
