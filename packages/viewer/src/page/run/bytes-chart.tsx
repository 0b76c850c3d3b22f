import { AWS_LIMITS, BUDGET } from '@statebag/contracts/limits';
import type { StateView } from '@statebag/contracts/schemas/api';
import type { ComponentChildren, JSX } from 'preact';
import { ask } from '../ask.ts';
import { bytesText, percentText, plural } from '../format.ts';
import { AsTable, type Table, useTable } from '../parts/as-table.tsx';
import { Broken, Card } from '../parts/bits.tsx';
import { DrawnIcon, Icon } from '../parts/icon.tsx';
import { Text } from '../parts/text.tsx';
import { useWidth } from '../parts/use-width.ts';
import { useAsked } from '../use-asked.ts';
import { isNear, type Transition } from './transitions.ts';

export interface BytesProps {
  readonly transitions: readonly Transition[];
  /** A machine of somebody else has no budget; the limit of the service holds for all. */
  readonly budget: number | null;
  readonly selected: number | null;
  readonly onSelect: (transition: number | null) => void;
  /** What is told of the selected one. */
  readonly children?: ComponentChildren;
}

const [LEFT, TOP, HEIGHT] = [52, 8, 130];
const LIMIT = AWS_LIMITS.transitionBytes;

/** Bytes at every transition, always beside the limit of the service: the room above is the message. */
export function BytesChart(props: BytesProps): JSX.Element {
  const { transitions, budget, selected, children } = props;
  const [pane, width] = useWidth();
  const near = budget === null ? 0 : transitions.filter(isNear).length;
  const { asTable, button } = useTable();
  const tools = (
    <>
      {near > 0 && (
        <span class="st wait">
          <Icon name="warn" />
          {near} above 75 % of the budget
        </span>
      )}
      {button}
    </>
  );
  return (
    <Card
      title="Bytes at every transition"
      note={plural(transitions.length, 'transition')}
      tools={tools}
      area="b"
    >
      <div class="in">
        <div class="ch" ref={pane}>
          {asTable ? <AsTable {...tableOf(transitions)} /> : width > 0 && <Chart {...props} width={width} />}
        </div>
        <div class="top5">
          {selected === null ? <p class="dim">Choose a bar to see its largest fields.</p> : children}
        </div>
      </div>
    </Card>
  );
}

function tableOf(transitions: readonly Transition[]): Table {
  return {
    caption: 'Bytes at every transition',
    heads: ['Number', 'After the state', 'Segment', 'Bytes', 'Of the limit'],
    rows: transitions.map(({ state, segment, bytes }, index) => [
      index + 1,
      state,
      segment ?? '',
      bytesText(bytes),
      percentText(bytes / LIMIT),
    ]),
  };
}

function Chart({
  transitions,
  budget,
  selected,
  onSelect,
  width,
}: BytesProps & { readonly width: number }): JSX.Element {
  const plot = Math.max(10, width - LEFT);
  const columns = columnsOf(transitions, plot);
  const step = plot / Math.max(1, columns.length);
  const y = (bytes: number) => TOP + HEIGHT - (Math.min(bytes, LIMIT * 1.04) / LIMIT) * HEIGHT;
  const largest = transitions.reduce((most, { bytes }) => Math.max(most, bytes), 0);
  const move = (by: number) => {
    const at = columns.findIndex(({ from, to }) => selected !== null && selected >= from && selected <= to);
    const next = columns[Math.min(columns.length - 1, Math.max(0, at + by))];
    if (next) onSelect(next.worst);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === 'Escape') return onSelect(null);
    if (event.key !== 'ArrowLeft' && event.key !== 'ArrowRight') return;
    event.preventDefault();
    move(event.key === 'ArrowRight' ? 1 : -1);
  };
  const pick = (event: MouseEvent) => {
    const column =
      event.target instanceof Element
        ? event.target.closest('[data-column]')?.getAttribute('data-column')
        : null;
    const found = columns[Number(column ?? -1)];
    if (found) onSelect(found.worst);
  };
  return (
    <div
      tabIndex={0}
      role="application"
      onKeyDown={onKeyDown}
      onClick={pick}
      aria-label={`Bytes at ${transitions.length} transitions, at most ${bytesText(largest)}: arrows move. ${saidOf(transitions, selected)}`}
    >
      <svg width={width} height={TOP + HEIGHT + 24} aria-hidden="true">
        {[LIMIT, ...(budget === null ? [] : [budget]), 0].map((bytes) => (
          <text key={bytes} class="s" x={LEFT - 8} y={y(bytes) + 4} text-anchor="end">
            {bytes === 0 ? '0' : `${bytes / 1_024} KB`}
          </text>
        ))}
        {columns.map((column, index) => {
          const transition = transitions[column.worst];
          const bytes = transition?.bytes ?? 0;
          const near = budget !== null && transition !== undefined && isNear(transition);
          const isChosen = selected !== null && selected >= column.from && selected <= column.to;
          return (
            <g
              key={column.from}
              class={`tb${near ? ' near' : ''}${isChosen ? ' sel' : ''}`}
              data-column={index}
            >
              <rect class="hit" x={LEFT + index * step} y={TOP} width={step} height={HEIGHT} />
              <rect
                class="v"
                x={LEFT + index * step + step * 0.18}
                y={y(bytes)}
                width={Math.max(1, Math.min(40, step * 0.64))}
                height={Math.max(1, y(0) - y(bytes))}
                rx={1}
              />
              {near && step > 10 && (
                <DrawnIcon
                  name="warn"
                  x={LEFT + index * step + step * 0.18 + Math.min(40, step * 0.64) / 2 - 6}
                  y={y(bytes) - 15}
                  size={12}
                  tone="wait"
                />
              )}
              <title>{titleOf(transitions, column)}</title>
            </g>
          );
        })}
        <line class="lim" x1={LEFT} x2={width} y1={y(LIMIT)} y2={y(LIMIT)} />
        {budget !== null && <line class="bud" x1={LEFT} x2={width} y1={y(budget)} y2={y(budget)} />}
        <line class="base" x1={LEFT} x2={width} y1={y(0)} y2={y(0)} />
        <text class="s" x={LEFT + 4} y={y(LIMIT) + 14}>
          the service ends a run here
        </text>
        {budget !== null && (
          <text class="s" x={LEFT + 4} y={y(budget) - 5}>
            budget of a sealed bag
          </text>
        )}
        <Segments {...{ transitions, columns, step }} />
      </svg>
    </div>
  );
}

function saidOf(transitions: readonly Transition[], selected: number | null): string {
  const chosen = selected === null ? undefined : transitions[selected];
  return chosen ? `Selected: ${(selected ?? 0) + 1}, ${chosen.state}, ${bytesText(chosen.bytes)}.` : '';
}

interface Column {
  readonly from: number;
  readonly to: number;
  /** The largest of them. */
  readonly worst: number;
}

/** One column a transition, or, where that is less than a pixel, the largest of several: never the mean. */
function columnsOf(transitions: readonly Transition[], pixels: number): Column[] {
  const each = Math.max(1, Math.ceil(transitions.length / Math.max(1, Math.floor(pixels / 2))));
  return Array.from({ length: Math.ceil(transitions.length / each) }, (_, index) => {
    const from = index * each;
    const to = Math.min(transitions.length, from + each) - 1;
    let worst = from;
    for (let at = from; at <= to; at += 1)
      if ((transitions[at]?.bytes ?? 0) > (transitions[worst]?.bytes ?? 0)) worst = at;
    return { from, to, worst };
  });
}

function titleOf(transitions: readonly Transition[], { from, to, worst }: Column): string {
  const { state = '', bytes = 0 } = transitions[worst] ?? {};
  const which = from === to ? `${from + 1}` : `largest of ${from + 1} to ${to + 1}`;
  return `${which} · after ${state}: ${bytesText(bytes)}, ${percentText(bytes / LIMIT)} of the limit`;
}

/** Which transitions belong to which segment, as brackets below. */
function Segments({
  transitions,
  columns,
  step,
}: {
  readonly transitions: readonly Transition[];
  readonly columns: readonly Column[];
  readonly step: number;
}): JSX.Element {
  const marks: { name: string; from: number; to: number }[] = [];
  for (const [index, { worst }] of columns.entries()) {
    const name = transitions[worst]?.segment;
    const before = marks.at(-1);
    if (name === null || name === undefined) continue;
    if (before?.name === name) before.to = index;
    else marks.push({ name, from: index, to: index });
  }
  return (
    <>
      {marks.map(({ name, from, to }) => {
        const [x1, x2] = [LEFT + from * step + 2, LEFT + (to + 1) * step - 2];
        const room = Math.floor((x2 - x1) / 6.2);
        return x2 - x1 < 12 ? null : (
          <g key={`${name} ${from}`}>
            <path class="bracket" d={`M${x1} ${TOP + HEIGHT + 4}v4H${x2}v-4`} />
            <text class="s" x={(x1 + x2) / 2} y={TOP + HEIGHT + 20} text-anchor="middle">
              {name.length <= room
                ? name
                : name.slice(0, Math.min(room, name.indexOf('-') > 0 ? name.indexOf('-') : room))}
            </text>
          </g>
        );
      })}
    </>
  );
}

const SHOWN = 5;

/** The five largest fields of the bag that a transition carried, or of the last bag before it. */
export function LargestFields({
  run,
  transitions,
  selected,
  onOpen,
}: {
  readonly run: string;
  readonly transitions: readonly Transition[];
  readonly selected: number;
  readonly onOpen: (at: string) => void;
}): JSX.Element {
  const chosen = transitions[selected];
  const at =
    transitions
      .slice(0, selected + 1)
      .findLast(({ sealed, execution }) => sealed !== null && execution === chosen?.execution)?.sealed ??
    null;
  const { value, error, again } = useAsked(at, () =>
    ask<StateView>(`/api/runs/${encodeURIComponent(run)}/state?at=${encodeURIComponent(at ?? '')}`),
  );
  if (!chosen) return <p class="dim">There is no such transition.</p>;
  const own = chosen.sealed !== null;
  const fields = (value?.fields ?? [])
    .toSorted((left, right) => right.bag_bytes - left.bag_bytes)
    .slice(0, SHOWN);
  const stored = (value?.fields ?? [])
    .filter(({ stored }) => stored)
    .reduce((sum, { bytes }) => sum + bytes, 0);
  return (
    <>
      <h3 class="t-accent">
        {selected + 1} · after {chosen.state}
      </h3>
      <p class="dim">
        {bytesText(chosen.bytes)}, {percentText(chosen.bytes / BUDGET.bag)} of the budget
        {at === null ? '' : own ? '; the largest fields:' : '; fields of the bag before:'}
      </p>
      {error !== undefined && error !== null && (
        <Broken what="Its fields could not be read" error={error} again={again} />
      )}
      {fields.map(({ name, bag_bytes, stored: apart }) => (
        <div class="fld" key={name}>
          <code>
            <Text text={name} most={60} />
            {apart && <span class="dim"> pointer</span>}
          </code>
          <span>{bytesText(bag_bytes)}</span>
          <svg viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true">
            <rect class="all" width="100" height="4" />
            <rect
              class="used"
              width={Math.min(100, (bag_bytes / Math.max(1, value?.bag_bytes ?? 1)) * 100)}
              height="4"
            />
          </svg>
        </div>
      ))}
      {at !== null && value && (
        <p class="pager-like">
          <span class="dim">in S3: {bytesText(stored)} </span>
          <button type="button" class="btn sm" onClick={() => onOpen(at)}>
            State and diff
          </button>
        </p>
      )}
    </>
  );
}
