import type { HistoryEntry, Usage } from '@statebag/contracts/schemas/history';
import { durationText, inOrder } from '../format.ts';
import { everyNode, type GraphScope, type PlacedNode } from '../graph/graph.ts';
import type { Drawn } from '../graph/graph-view.tsx';
import type { Standing } from '../parts/standing.ts';
import { standingOf } from '../runs/run-row.ts';
import type { RunData, State } from './run-data.ts';
import { runsSegment } from './transitions.ts';

/** What is known of a node of a run. */
export interface NodeFact extends Drawn {
  readonly id: string;
  readonly type: string;
  readonly path: readonly string[];
  /** Every time it ran, oldest first. */
  readonly entries: readonly HistoryEntry[];
  readonly usage: Usage | null;
}

export interface RunModel {
  readonly standing: Standing;
  readonly nodes: readonly NodeFact[];
  /** States that run a segment, in the order in which they were entered. */
  readonly segments: readonly State[];
  readonly failedNode: string | null;
}

export interface ModelAsked {
  readonly data: RunData;
  readonly scope: GraphScope;
  /** Segments of the manifest: which nodes each of them has. */
  readonly segments: readonly { readonly segment_id: string; readonly nodes: readonly string[] }[];
  readonly held: boolean;
  readonly failedNode: string | null;
}

/** The state of every node, from what the run has recorded and what it is doing. */
export function modelOf(asked: ModelAsked): RunModel {
  const { data, scope, held } = asked;
  const open = data.approvals.filter(({ state }) => state === 'OPEN');
  const standing = standingOf(data.run, { held, waits: open.length > 0 });
  const segments = data.executions
    .flatMap(({ states }) => states)
    .filter(runsSegment)
    .sort((left, right) => inOrder(left.entered_at, right.entered_at));
  const byNode = Map.groupBy(data.entries, ({ node_id }): string => node_id);
  const working = workingNodes(asked, segments);
  const nodes = everyNode(scope).map((placed) =>
    factOf(placed, {
      ...asked,
      entries: byNode.get(placed.node.id) ?? [],
      standing,
      waiting: open.some(({ node_id }) => node_id === placed.node.id),
      working: working.has(placed.node.id),
      notTaken: notTaken(placed.node.id, asked, byNode),
    }),
  );
  return { standing, nodes: withInsides(nodes), segments, failedNode: asked.failedNode };
}

/** Nodes of segments that are under way. */
function workingNodes({ data, segments }: ModelAsked, ran: readonly State[]): Set<string> {
  if (data.run.status !== 'RUNNING') return new Set();
  const open = data.executions.flatMap(({ states }) => states).filter(({ exited_at }) => exited_at === null);
  // the state that a run begins with names the segment it runs only when it is left: it is the first
  const first = open.some(({ state }) => state === 'InitializeStateBag')
    ? segments[0]?.segment_id
    : undefined;
  const under = [
    first,
    ...ran.filter(({ exited_at }) => exited_at === null).map(({ segment_id }) => segment_id),
  ];
  return new Set(
    segments.filter(({ segment_id }) => under.includes(segment_id)).flatMap(({ nodes }) => nodes),
  );
}

/** A condition that was passed and did not lead to it. */
function notTaken(id: string, { scope }: ModelAsked, byNode: ReadonlyMap<string, HistoryEntry[]>): boolean {
  const ways = scope.edges.filter(({ to, label }) => to === id && label !== undefined);
  return ways.length > 0 && ways.every(({ from }) => byNode.has(from));
}

interface FactAsked extends ModelAsked {
  readonly entries: readonly HistoryEntry[];
  readonly standing: Standing;
  readonly waiting: boolean;
  readonly working: boolean;
  readonly notTaken: boolean;
}

function factOf({ node: { id, type }, path }: PlacedNode, asked: FactAsked): NodeFact {
  const { entries } = asked;
  const usage = entries.reduce<Usage | null>((sum, { usage: each }) => (each ? plus(sum, each) : sum), null);
  const standing = nodeStanding(id, type, asked);
  return { id, type, path, entries, usage, standing, figure: figureOf(entries, type) };
}

function nodeStanding(id: string, type: string, asked: FactAsked): Standing {
  const { entries, failedNode, data, standing, waiting, working } = asked;
  if (waiting) return 'wait';
  const last = entries.at(-1);
  if (id === failedNode || last?.status === 'FAILED') return data.run.status === 'RUNNING' ? 'run' : 'fail';
  if (last && last.status !== 'PAUSED') return 'ok';
  if (type === 'output' && standing === 'ok') return 'ok';
  if (last) return standing === 'run' || standing === 'lost' ? standing : 'ok';
  if (working) return standing === 'lost' ? 'lost' : 'run';
  return data.run.status === 'SUCCEEDED' || asked.notTaken ? 'skip' : 'pend';
}

/** Entries of a node as it worked: what many workers did lies between the entry that began it and its end. */
export function workOf(
  entries: readonly HistoryEntry[],
): readonly { readonly entry: HistoryEntry; readonly from: number; readonly to: number }[] {
  return entries.flatMap((entry, index) => {
    const next = entries[index + 1];
    if (entry.type === 'for_each' && entry.status === 'PAUSED' && next) return [];
    const before = entries[index - 1];
    const begun = before?.type === 'for_each' && before.status === 'PAUSED' ? before : entry;
    return [{ entry, from: Date.parse(begun.started_at), to: Date.parse(entry.ended_at) }];
  });
}

export function tookOf(entries: readonly HistoryEntry[]): number {
  return workOf(entries).reduce((sum, { from, to }) => sum + to - from, 0);
}

function figureOf(entries: readonly HistoryEntry[], type: string): string {
  const last = entries.at(-1);
  if (!last) return '';
  if (type === 'conditional') return '';
  const took = tookOf(entries);
  const figure = /^\d+ (items|iterations)/.exec(last.summary ?? '')?.[0].replace('iterations', 'turns');
  const work = workOf(entries);
  const times = work.length > 1 ? `${work.length} ×, ` : '';
  return figure ? `${figure}, ${durationText(took)}` : `${times}${durationText(took)}`;
}

function plus(sum: Usage | null, more: Usage): Usage {
  if (!sum) return more;
  return {
    llm_calls: sum.llm_calls + more.llm_calls,
    input_tokens: sum.input_tokens + more.input_tokens,
    output_tokens: sum.output_tokens + more.output_tokens,
    cost_nano_usd: sum.cost_nano_usd + more.cost_nano_usd,
  };
}

const WORST: readonly Standing[] = ['fail', 'lost', 'wait', 'run'];

/** What lies in a list leaves no entries of its own; and a group has the worst state of what lies in it. */
function withInsides(nodes: readonly NodeFact[]): NodeFact[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  return nodes.map((node) => {
    const around = node.path.map((id) => byId.get(id)).find((each) => each?.type === 'for_each');
    if (around && node.entries.length === 0 && node.standing !== 'fail')
      return { ...node, standing: around.standing === 'fail' ? 'pend' : around.standing };
    const inside = nodes.filter(({ path }) => path.includes(node.id)).map(({ standing }) => standing);
    const worst = WORST.find((standing) => inside.includes(standing));
    return worst !== undefined && node.standing !== 'fail' ? { ...node, standing: worst } : node;
  });
}
