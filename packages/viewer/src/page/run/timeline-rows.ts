import type { HistoryEntry } from '@statebag/contracts/schemas/history';
import { inOrder } from '../format.ts';
import type { Tone } from '../parts/standing.ts';
import type { RunData, State } from './run-data.ts';
import { type RunModel, workOf } from './run-model.ts';
import type { Span } from './time-axis.ts';

/** A row of the timeline. */
export interface Row extends Span {
  readonly key: string;
  readonly kind: 'segment' | 'node' | 'wait' | 'child' | 'pending';
  readonly name: string;
  readonly depth: number;
  readonly tone: Tone;
  /** What is selected with it. */
  readonly node: string | null;
  /** It goes on. */
  readonly open: boolean;
  readonly failures: readonly { readonly at: number; readonly error: string }[];
}

const WAITS: Readonly<Record<string, string>> = {
  WaitForCallback: 'waits for a person',
  WaitUntil: 'waits',
  WaitForAsyncLLM: 'waits for a model',
};
const CHILDREN: Readonly<Record<string, string>> = {
  RunDistributedMap: 'distributed map',
  RunBranchAsChild: 'branch',
  ContinueAsNew: 'goes on in a child',
};

/**
 * Segments, in each of them its nodes, waits and children, in the order of time; at the end what was not
 * reached.
 */
export function timelineRows(data: RunData, model: RunModel, now: number): Row[] {
  const states = data.executions
    .flatMap((execution) => execution.states)
    .sort((left, right) => inOrder(left.entered_at, right.entered_at));
  const segments = new Set(model.segments);
  const taken = entriesBySegment(data.entries, model.segments);
  const begun = new Map(
    model.nodes.flatMap(({ entries }) => workOf(entries)).map(({ entry, from }) => [entry.id, from]),
  );
  const known = new Set(model.nodes.flatMap(({ entries }) => entries.map(({ id }) => id)));
  const paths = new Map(model.nodes.map(({ id, path }) => [id, path]));
  const rows = states.flatMap((state): Row[] => {
    if (segments.has(state)) {
      const nodes = (taken.get(state) ?? [])
        .filter(({ id }) => begun.has(id) || !known.has(id))
        .map((entry) => {
          const row = nodeRow(entry, paths);
          return { ...row, from: begun.get(entry.id) ?? row.from };
        });
      return [segmentRow(state, model, now), ...nodes.sort(outerFirst)];
    }
    const waits = WAITS[state.state];
    if (waits !== undefined) return [waitRow(state, data, now)];
    return CHILDREN[state.state] === undefined ? [] : [childRow(state, now)];
  });
  return [...rows, ...pendingRows(model)];
}

/** An entry belongs to the run of its segment during which it began, else to the last one before. */
function entriesBySegment(
  entries: readonly HistoryEntry[],
  segments: readonly State[],
): Map<State, HistoryEntry[]> {
  const bySegment = Map.groupBy(segments, ({ segment_id }) => segment_id);
  const taken = new Map<State, HistoryEntry[]>();
  for (const entry of entries) {
    const runs = bySegment.get(entry.segment_id) ?? [];
    const state = lastBefore(runs, entry.started_at) ?? runs[0];
    if (!state) continue;
    const list = taken.get(state);
    if (list) list.push(entry);
    else taken.set(state, [entry]);
  }
  return taken;
}

/** The last of these, which are in the order of time, that had begun. */
function lastBefore(runs: readonly State[], time: string): State | undefined {
  let [low, high] = [0, runs.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((runs[middle]?.entered_at ?? '') <= time) low = middle + 1;
    else high = middle;
  }
  return runs[low - 1];
}

function spanOf({ entered_at, exited_at }: State, now: number): Span & { open: boolean } {
  const from = Date.parse(entered_at);
  return {
    from,
    to: exited_at === null ? Math.max(from, now) : Date.parse(exited_at),
    open: exited_at === null,
  };
}

function failuresOf({ failures }: State): Row['failures'] {
  return failures.map(({ at, error }) => ({ at: Date.parse(at), error }));
}

function segmentRow(state: State, model: RunModel, now: number): Row {
  const span = spanOf(state, now);
  const tone = span.open ? (model.standing === 'lost' ? 'lost' : 'run') : 'mute';
  return {
    ...span,
    key: `s${state.event}${state.entered_at}`,
    kind: 'segment',
    name: state.segment_id ?? state.state,
    depth: 0,
    tone,
    node: null,
    failures: failuresOf(state),
  };
}

function nodeRow(entry: HistoryEntry, paths: ReadonlyMap<string, readonly string[]>): Row {
  const { id, node_id, status, started_at, ended_at } = entry;
  return {
    key: id,
    kind: 'node',
    name: node_id,
    depth: 1 + (paths.get(node_id)?.length ?? 0),
    tone: status === 'FAILED' ? 'fail' : 'ok',
    node: node_id,
    from: Date.parse(started_at),
    to: Date.parse(ended_at),
    open: false,
    failures: [],
  };
}

/** A group is recorded when it ends, after what lies in it. */
function outerFirst(left: Row, right: Row): number {
  return left.from - right.from || left.depth - right.depth;
}

function waitRow(state: State, { approvals }: RunData, now: number): Row {
  const span = spanOf(state, now);
  const asked = approvals.filter(
    ({ asked_at }) => Date.parse(asked_at) >= span.from - 1 && Date.parse(asked_at) <= span.to,
  );
  const node = state.state === 'WaitForCallback' ? (asked[0]?.node_id ?? null) : null;
  return {
    ...span,
    key: `w${state.event}${state.entered_at}`,
    kind: 'wait',
    name: node ?? WAITS[state.state] ?? state.state,
    depth: 0,
    tone: 'wait',
    node,
    failures: failuresOf(state),
  };
}

function childRow(state: State, now: number): Row {
  const span = spanOf(state, now);
  return {
    ...span,
    key: `c${state.event}${state.entered_at}`,
    kind: 'child',
    name: CHILDREN[state.state] ?? state.state,
    depth: 0,
    tone: span.open ? 'run' : 'mute',
    node: null,
    failures: failuresOf(state),
  };
}

function pendingRows({ nodes }: RunModel): Row[] {
  const reached = new Set(['pend', 'run', 'lost']);
  return nodes
    .filter(
      ({ standing, entries, path }) => reached.has(standing) && entries.length === 0 && path.length === 0,
    )
    .map(({ id, standing }) => ({
      key: `p${id}`,
      kind: 'pending',
      name: id,
      depth: 1,
      tone: standing === 'pend' ? 'mute' : standing === 'lost' ? 'lost' : 'run',
      node: id,
      from: 0,
      to: 0,
      open: false,
      failures: [],
    }));
}

/** When anything worked; waiting is no work. */
export function busySpans(rows: readonly Row[]): Span[] {
  const working = rows.filter(({ kind }) => kind !== 'wait' && kind !== 'pending');
  const ends = rows
    .filter(({ kind }) => kind === 'wait')
    .flatMap(({ from, to }) => [
      { from, to: from },
      { from: to, to },
    ]);
  return [...working, ...ends].map(({ from, to }) => ({ from, to }));
}
