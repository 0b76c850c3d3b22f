import { EVENTS_PER_RETRY, EVENTS_PER_TURN, THRESHOLDS } from '@statebag/contracts/limits';
import {
  type CompiledNode,
  type CompiledWorkflow,
  nestedFlows,
  type SegmentDefinition,
} from '@statebag/workflow';
import { waysFrom } from '@statebag/workflow/analysis';
import { type Counts, type Course, counted, mostOf, NO_COUNTS, sumOf, timesOf } from './counts.ts';
import { entryBytes } from './history-bound.ts';
import { countsOfNode, type NodeFacts, turnsInside } from './node-counts.ts';

/**
 * What the retriers of a task in the definitions allow together, besides the first try and besides tries that
 * wait for a free place among the functions, or until the account may start another execution: how full an
 * account is, no workflow says.
 */
export const FURTHER_TRIES = 9;
/** What their pauses take together, in seconds. */
const PAUSES_S = 5 * (2 ** 6 - 1) + 2 * (2 ** 3 - 1);

/**
 * StartOrContinue, NotifyWorkflowStarted, and the end, which is two states where it is a failure.
 * InitializeStateBag runs the first segment: it stands for the ExecuteSegment of that visit.
 */
const AROUND = counted({
  transitions: 4,
  events: 12,
  s3_puts: 4,
  s3_gets: 3,
  dynamodb_writes: 5,
});
/** A segment whose function failed for good: TakeSegmentFailure, SyncStateData, EvaluateNextAction. */
const A_FAILURE = counted({ transitions: 3, events: 9, requests: 1 });
/** ExecuteSegment and EvaluateNextAction. */
const A_VISIT = counted({ transitions: 2, events: EVENTS_PER_TURN, requests: 1 });
/** The Map, its join, and the choice after it. */
const A_GROUP = counted({ transitions: 3, events: 11, requests: 1, s3_gets: 1, s3_puts: 3 });
/**
 * The iteration's own events, and BranchDone, or RunBranchAsChild with StartOrContinue, EvaluateNextAction and
 * BranchEnded of the child.
 */
const A_BRANCH = counted({ transitions: 4, events: 15, s3_puts: 2, s3_gets: 2 });
/** WaitForCallback or WaitForAsyncLLM, the merge of what it gave, and the choice after it. */
const AN_ANSWER = counted({
  transitions: 4,
  events: 15,
  requests: 2,
  s3_puts: 3,
  s3_gets: 3,
  dynamodb_writes: 8,
});
const A_WAIT = counted({ transitions: 1, events: 2 });
/** RunDistributedMap and the choice after it; in the machine of maps two snapshots, plan, choice, map, join. */
const A_MAP = counted({ transitions: 9, events: 50, requests: 4, s3_puts: 12, s3_gets: 12 });
/** A worker's states, its iteration's events, or those of an execution of its own. */
const A_WORKER = counted({ transitions: 4, events: 14, requests: 1, s3_puts: 3, s3_gets: 4 });
/** ContinueAsNew, AfterContinuation, EvaluateNextAction, and in the new execution StartOrContinue, EvaluateNextAction and its end. */
const A_CONTINUATION = counted({ transitions: 6, events: 20 });

/** The most that a run of the workflow may come to, over all ways through it. */
export function countsOfRun(compiled: CompiledWorkflow, facts: NodeFacts): Counts {
  const { course } = facts;
  const walk = { compiled, facts, course, known: new Map<string, Counts>() };
  const whole = sumOf([AROUND, begunAgain(walk), failed(walk), enter(compiled.manifest.first_segment, walk)]);
  const continuations = Math.floor(whole.events / (THRESHOLDS.continueAsNewEvents - EVENTS_PER_TURN));
  return sumOf([whole, timesOf(A_CONTINUATION, continuations)]);
}

interface Walk {
  readonly compiled: CompiledWorkflow;
  readonly facts: NodeFacts;
  readonly course: Course;
  readonly known: Map<string, Counts>;
}

/** In the worst course every task is tried again and again. */
function tried({ requests }: Counts, tasks: number, { course }: Walk): Counts {
  if (course === 'undisturbed') return NO_COUNTS;
  const again = tasks * FURTHER_TRIES;
  return counted({
    requests: requests * FURTHER_TRIES,
    events: again * EVENTS_PER_RETRY,
    seconds: tasks * PAUSES_S,
  });
}

/** NotifyWorkflowStarted and InitializeStateBag are tried again, and ExecuteSegment runs the first segment. */
const begunAgain = (walk: Walk): Counts =>
  walk.course === 'worst' ? sumOf([A_VISIT, tried(A_VISIT, 2, walk)]) : NO_COUNTS;

/** A node that fails is told by its function like any other end of a segment. */
const failed = ({ course }: Walk): Counts => (course === 'worst' ? A_FAILURE : NO_COUNTS);

function enter(id: string, walk: Walk): Counts {
  const before = walk.known.get(id);
  if (before) return before;
  const segment = walk.compiled.segments.get(id as SegmentDefinition['segment_id']); // looked up by its text
  if (!segment) return NO_COUNTS;
  const nodes = Object.values(segment.flow.nodes);
  const turns = Math.max(1, ...nodes.map((node) => turnsOf(node, walk)));
  const counts = sumOf([timesOf(aVisit(segment, walk), turns), waysOf(segment, walk)]);
  walk.known.set(id, counts);
  return counts;
}

/** How often a node runs because of the open loops around it. */
function turnsOf({ id, loops = [] }: CompiledNode, { compiled }: Walk): number {
  return [...loops, id].reduce((product, loop) => product * (iterationsOf(compiled).get(loop) ?? 1), 1);
}

const iterations = new WeakMap<CompiledWorkflow, ReadonlyMap<string, number>>();

function iterationsOf(compiled: CompiledWorkflow): ReadonlyMap<string, number> {
  const known = iterations.get(compiled);
  if (known) return known;
  const nodes = [...compiled.segments.values()].flatMap(({ flow }) => Object.values(flow.nodes));
  const open = nodes.filter(({ begins_again_at }) => begins_again_at !== undefined);
  const found = new Map(open.map(({ id, config }) => [id as string, Number(config['max_iterations'] ?? 1)]));
  iterations.set(compiled, found);
  return found;
}

function aVisit(segment: SegmentDefinition, walk: Walk): Counts {
  const nodes = Object.values(segment.flow.nodes);
  const visits =
    walk.course === 'worst'
      ? Math.max(
          1,
          nodes.reduce((sum, node) => sum + stopsIn(node, walk), 0),
        )
      : 1;
  const reads = segment.reads?.length ?? nodes.length + 20;
  const stored = counted({ s3_gets: 4 + reads, s3_puts: 4 + segment.writes.length });
  // before it is entered again it may have to wait for the time of a further attempt
  const left = timesOf(A_WAIT, visits - 1);
  return sumOf([timesOf(sumOf([A_VISIT, stored, tried(A_VISIT, 1, walk)]), visits), left]);
}

/** Where a node may be left for want of time: after each attempt, item or iteration. */
function stopsIn(node: CompiledNode, { facts }: Walk): number {
  if (node.hands_over) return 1;
  const { retry } = node.config;
  const attempts =
    typeof retry === 'object' && retry !== null && 'attempts' in retry ? Number(retry.attempts) : 1;
  return (
    Math.max(
      1,
      node.type === 'for_each' || node.config['body'] !== undefined ? turnsInside(node, facts) : 1,
    ) +
    attempts -
    1
  );
}

function waysOf(segment: SegmentDefinition, walk: Walk): Counts {
  const known = new Map<string, Counts>();
  const from = (id: string): Counts => {
    const before = known.get(id);
    if (before) return before;
    const node = segment.flow.nodes[id];
    const counts = node ? passing(node, { segment, walk, from }) : enter(segment.exits[id] ?? '', walk);
    known.set(id, counts);
    return counts;
  };
  return from(segment.flow.entry);
}

interface Passage {
  readonly segment: SegmentDefinition;
  readonly walk: Walk;
  readonly from: (id: string) => Counts;
}

function passing(node: CompiledNode, { segment, walk, from }: Passage): Counts {
  const own = sumOf([
    countsOfNode(node, walk.facts),
    linesOf(node, segment, walk.facts),
    arranged(node, segment, walk),
  ]);
  const branches = (segment.branches[node.id] ?? []).map(({ first_segment }) => enter(first_segment, walk));
  return sumOf([
    timesOf(own, turnsOf(node, walk)),
    ...branches,
    mostOf(waysFrom(segment.flow, node).map(from)),
  ]);
}

/** What a segment adds to the history, in all turns of the loops around it. */
export function historyOf(segment: SegmentDefinition, compiled: CompiledWorkflow, facts: NodeFacts): number {
  const walk = { compiled, facts, course: facts.course, known: new Map<string, Counts>() };
  return Object.values(segment.flow.nodes).reduce(
    (sum, node) => sum + linesOf(node, segment, facts).history * turnsOf(node, walk),
    0,
  );
}

/**
 * Lines of the history: a closed loop has those of its body as well, a list only its own, and a second one where
 * workers did it. What is left to the state machine besides has segments of its own.
 */
function linesOf(node: CompiledNode, segment: SegmentDefinition, facts: NodeFacts): Counts {
  const isList = node.type === 'for_each';
  const isLeft = node.hands_over === true;
  const own = counted({ history: (entryBytes(node, segment) + 1) * (isLeft && isList ? 2 : 1) });
  if (isList || isLeft) return own;
  const inside = nestedFlows(node).flatMap(({ nodes }) => Object.values(nodes));
  const below = sumOf(inside.map((each) => linesOf(each, segment, facts)));
  return sumOf([own, timesOf(below, turnsInside(node, facts))]);
}

/** What the state machine does at a node that hands over, besides the segments of branches. */
function arranged(node: CompiledNode, segment: SegmentDefinition, walk: Walk): Counts {
  if (!node.hands_over) return NO_COUNTS;
  const branches = segment.branches[node.id];
  if (branches) {
    const each = sumOf([A_BRANCH, failed(walk), tried(counted({ requests: 1 }), 3, walk)]);
    return sumOf([A_GROUP, tried(A_GROUP, 1, walk), timesOf(each, branches.length)]);
  }
  if (node.type === 'for_each') {
    const workers = timesOf(aWorker(walk), turnsInside(node, walk.facts));
    return sumOf([A_MAP, tried(A_MAP, 5, walk), workers]);
  }
  if (node.type === 'wait')
    return sumOf([A_WAIT, A_VISIT, counted({ seconds: Number(node.config['seconds'] ?? Infinity) })]);
  return sumOf([AN_ANSWER, tried(AN_ANSWER, 2, walk), counted({ seconds: patience(node) })]);
}

/** A worker that was tried in vain is a task of its own once more. */
function aWorker(walk: Walk): Counts {
  const onceMore = walk.course === 'worst' ? counted({ transitions: 1, events: 5, requests: 1 }) : NO_COUNTS;
  return sumOf([A_WORKER, onceMore, tried(A_WORKER, 2, walk)]);
}

const DEFAULT_DEADLINE_S = 14 * 86_400;
const SHORTEST_TIMEOUT_S = 3_600;
const AFTER_DEADLINE_S = 300;
const WORKER_S = 960;

/** How long the state machine waits for an answer. */
function patience({ type, config }: CompiledNode): number {
  if (type !== 'human_approval') return WORKER_S;
  const deadline = Number(config['deadline_s'] ?? DEFAULT_DEADLINE_S);
  const longest = deadline * (config['on_deadline'] === 'escalate' ? 2 : 1);
  return Math.max(longest, SHORTEST_TIMEOUT_S) + AFTER_DEADLINE_S;
}
