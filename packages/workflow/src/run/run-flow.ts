import {
  type Cursor,
  ERRORS,
  type HistoryStatus,
  isJsonObject,
  isStatebagError,
  type JsonObject,
  type NodeId,
  StatebagError,
  type Usage,
} from '@statebag/contracts';
import { addUsage, NO_USAGE } from '@statebag/state-core';
import type { CompiledNode, Flow } from '../compile/flow.ts';
import { expectedMillisOf } from '../compile/partition.ts';
import type { BranchFlow } from '../document/config-rules.ts';
import { createEvaluator, type ParseText, type Variables } from '../expressions/create-evaluator.ts';
import { toJson } from '../expressions/to-json.ts';
import type { HttpClient } from '../http/http-client.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { AnswerApproval, BodyResult, BodyRun, HandOverStatus, InvokeFunction, NodeContext, NodeOutcome } from '../nodes/define-node.ts';
import { NODES } from '../nodes/node-table.ts';
import type { LlmProviders } from '../providers/llm-provider.ts';
import type { WorkingState } from './working-state.ts';

/** What stays the same for every node of an invocation. */
export interface RunDeps {
  readonly execution_id: string;
  readonly start_time: string;
  readonly ledger: Ledger;
  readonly providers: LlmProviders;
  readonly http: HttpClient;
  readonly invoke: InvokeFunction | null;
  readonly answer: AnswerApproval | null;
  readonly now: number;
  readonly parse: ParseText;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** When this invocation must have replied; infinity where nothing presses. */
  readonly deadline: number;
}

/** One turn of one node, for the history. */
export interface Turn {
  readonly node: CompiledNode;
  readonly loop: string;
  readonly started: number;
  readonly ended: number;
  readonly status: HistoryStatus;
  readonly summary?: string;
  readonly usage: Usage;
}

/** Where a flow stands: the state it works on, and which turn of which loops and items this is. */
export interface FlowRun {
  readonly state: WorkingState;
  readonly variables: Variables;
  readonly loop: string;
  readonly item: string;
  readonly deps: RunDeps;
  /** Told about every finished turn; items keep theirs to themselves. */
  readonly onTurn: (turn: Turn) => void;
  readonly onUsage: (usage: Usage) => void;
}

/** How a flow was left: to a node outside of it (or to nowhere), in the middle for want of time, or because the state machine has to do something first. */
export type FlowEnd =
  | { readonly kind: 'left'; readonly next: NodeId | null }
  | { readonly kind: 'yield'; readonly cursor: Cursor }
  | { readonly kind: 'hand-over'; readonly status: HandOverStatus; readonly wait_until: number | null; readonly node: NodeId; readonly next: NodeId | null };

/** Time kept for storing and replying. */
const RESERVE_MILLIS = 500;

/** Runs nodes from `start` on until the way leads out of the flow. */
export async function runFlow(flow: Flow, start: Cursor, run: FlowRun): Promise<FlowEnd> {
  let id: NodeId | null = start.node_id;
  let item = start.item;
  for (let turns = 0; id !== null; turns += 1) {
    const node: CompiledNode | undefined = flow.nodes[id];
    if (!node) return { kind: 'left', next: id };
    if (turns > 0 && isShortOf(run.deps, expectedMillisOf(node))) return { kind: 'yield', cursor: { node_id: id, item: 0 } };
    const outcome: NodeOutcome = await runNode(node, item, run);
    if (outcome.kind === 'yield') return { kind: 'yield', cursor: { node_id: id, item: outcome.item } };
    if (outcome.kind === 'hand-over') return { ...outcome, node: id, next: flow.next[id] ?? null };
    id = (outcome.goto as NodeId | undefined) ?? flow.next[id] ?? null; // a condition's ways were checked to be nodes
    item = 0;
  }
  return { kind: 'left', next: null };
}

function isShortOf({ deadline, clock }: RunDeps, millis: number): boolean {
  return clock() + Math.min(millis, LONGEST_RESERVE) + RESERVE_MILLIS > deadline;
}

/** An expectation is not a promise: with this much time left it is worth beginning, since what is recorded is not lost. */
const LONGEST_RESERVE = 30_000;

async function runNode(node: CompiledNode, item: number, run: FlowRun): Promise<NodeOutcome> {
  const started = run.deps.clock();
  let usage = NO_USAGE;
  const tell = (status: Turn['status'], summary?: string) =>
    run.onTurn({ node, loop: run.loop, started, ended: run.deps.clock(), status, usage, ...(summary !== undefined && { summary }) });
  const onUsage = (more: Usage) => {
    usage = addUsage(usage, more);
    run.onUsage(more);
  };
  try {
    const outcome = await NODES[node.type].run(contextOf(node, item, { ...run, onUsage }), node.config);
    if (outcome.kind === 'yield') {
      run.state.keepProgress(node, toJson(outcome.progress));
      return outcome;
    }
    if (outcome.kind === 'hand-over') {
      tell('PAUSED', outcome.status);
      return outcome;
    }
    const writes = toJson(outcome.writes);
    if (isJsonObject(writes)) for (const [field, value] of Object.entries(writes)) run.state.write(node, field, value);
    if (item > 0) run.state.dropProgress(node);
    tell('SUCCEEDED', outcome.summary);
    return outcome;
  } catch (error) {
    const failure = failureOf(node, error);
    if (!ERRORS[failure.name].retryable) tell('FAILED', failure.name);
    throw failure;
  }
}

function failureOf(node: CompiledNode, error: unknown): StatebagError {
  if (isStatebagError(error) && 'node_id' in error.details) return error;
  const code = isStatebagError(error) ? error.name : 'Node.Failed';
  const message = error instanceof Error ? error.message : String(error);
  return new StatebagError(code, `node ${node.id}: ${message}`, { cause: error, details: { node_id: node.id } });
}

function contextOf(node: CompiledNode, item: number, run: FlowRun): NodeContext {
  const { deps, state, loop } = run;
  const place = { execution_id: deps.execution_id, start_time: deps.start_time, node_id: node.id, loop, item: run.item };
  const evaluatorOver = (written: JsonObject, variables: Variables) =>
    createEvaluator({ view: { ...state.view(node.reads), ...written }, variables: { ...run.variables, ...variables }, place, parse: deps.parse });
  return {
    node,
    evaluator: evaluatorOver({}, {}),
    evaluatorOver,
    providers: deps.providers,
    http: deps.http,
    invoke: deps.invoke,
    answer: deps.answer,
    now: deps.now,
    view: () => state.view(node.reads),
    resume: { item, progress: item === 0 ? null : state.progressOf(node) },
    isShortOf: (millis) => isShortOf(deps, millis),
    clock: deps.clock,
    runBody: (flow, body) => runBody(flow, body, run),
    runBranches: (branches) => runBranches(branches, run),
    call: async (call) => {
      const { result, usage } = await deps.ledger.call({ node_id: node.id, node_version: node.version, loop, item: run.item }, call);
      run.onUsage(usage);
      return result;
    },
  };
}

async function runBody(flow: Flow, { variables, step }: BodyRun, run: FlowRun): Promise<BodyResult> {
  const isItem = 'item' in step;
  const inner = {
    ...run,
    variables: { ...run.variables, ...variables },
    deps: { ...run.deps, deadline: Number.POSITIVE_INFINITY },
    ...(isItem ? { state: run.state.copy(), item: extended(run.item, step.item), onTurn: () => {} } : { loop: extended(run.loop, step.loop) }),
  };
  await runFlow(flow, { node_id: flow.entry, item: 0 }, inner);
  const { fields, last } = inner.state.written();
  return { written: fields, last };
}

/** Every branch is waited for; a failed one fails the group unless it is optional, the first in their order counts. */
async function runBranches(branches: readonly BranchFlow[], run: FlowRun): Promise<void> {
  const ended = await Promise.all(
    branches.map(async ({ flow, optional }) => {
      const inner = { ...run, state: run.state.copy(), deps: { ...run.deps, deadline: Number.POSITIVE_INFINITY } };
      try {
        await runFlow(flow, { node_id: flow.entry, item: 0 }, inner);
        return { state: inner.state, failure: null };
      } catch (error) {
        if (optional && isStatebagError(error) && !ERRORS[error.name].retryable) return { state: run.state.copy(), failure: null }; // its workflow said that it may fail
        return { state: inner.state, failure: { error } };
      }
    }),
  );
  for (const { failure } of ended) if (failure) throw failure.error;
  for (const { state } of ended) run.state.apply(state.operations());
}

function extended(path: string, index: number): string {
  return path === '' ? String(index) : `${path}.${index}`;
}
