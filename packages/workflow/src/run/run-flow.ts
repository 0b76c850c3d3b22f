import { type Cursor, type DeltaOperation, ERRORS, isJsonObject, isStatebagError, type NodeId, StatebagError, type Usage } from '@statebag/contracts';
import { addUsage, NO_USAGE } from '@statebag/state-core';
import { costOf } from '../compile/expected-cost.ts';
import type { CompiledNode, Flow } from '../compile/flow.ts';
import type { BranchFlow } from '../document/config-rules.ts';
import { toJson } from '../expressions/to-json.ts';
import type { BodyResult, BodyRun, NodeContext, NodeOutcome } from '../nodes/define-node.ts';
import { NODES } from '../nodes/node-table.ts';
import { type FlowEnd, type FlowRun, isShortOf, type Turn, withoutYield } from './flow-run.ts';
import { contextOf } from './node-context.ts';
import { inOpenLoops, iterationOf } from './open-loops.ts';

/** Runs nodes from `start` on until the way leads out of the flow. */
export async function runFlow(flow: Flow, start: Cursor, run: FlowRun): Promise<FlowEnd> {
  let id: NodeId | null = start.node_id;
  let item = start.item;
  for (let turns = 0; id !== null; turns += 1) {
    const node: CompiledNode | undefined = flow.nodes[id];
    if (!node) return { kind: 'left', next: id };
    if (turns > 0 && isShortOf(run.deps, costOf(node).millis)) return { kind: 'yield', cursor: { node_id: id, item: 0 } };
    const here = inOpenLoops(node, run);
    const outcome: NodeOutcome = await runNode(node, begunBefore(node, item, run), here);
    if (outcome.kind === 'yield') return { kind: 'yield', cursor: { node_id: id, item: outcome.item } };
    if (outcome.kind === 'hand-over') return { ...outcome, node: id, loop: here.loop, next: flow.next[id] ?? null };
    id = (outcome.goto as NodeId | undefined) ?? flow.next[id] ?? null; // where a condition or an open loop leads was checked to be a node
    item = 0;
  }
  return { kind: 'left', next: null };
}

/** How far a node had come in earlier invocations: for a list its items, for an open loop its iterations. */
function begunBefore(node: CompiledNode, item: number, { state }: FlowRun): number {
  return node.begins_again_at === undefined ? item : iterationOf(node, state);
}

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
    const outcome = await NODES[node.type].run(nodeContext(node, item, { ...run, onUsage }), node.config);
    if (outcome.kind === 'yield') {
      run.state.keepProgress(node, toJson(outcome.progress));
      return outcome;
    }
    if (outcome.kind === 'hand-over') {
      tell('PAUSED', outcome.status);
      return outcome;
    }
    if (outcome.goto !== undefined && outcome.goto === node.begins_again_at) {
      run.state.keepProgress(node, item + 1);
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

/** What a node has at hand, to run what is inside of it too. */
export function nodeContext(node: CompiledNode, item: number, run: FlowRun): NodeContext {
  return contextOf(node, item, run, { runBody, runBranches });
}

function failureOf(node: CompiledNode, error: unknown): StatebagError {
  if (isStatebagError(error) && 'node_id' in error.details) return error;
  const code = isStatebagError(error) ? error.name : 'Node.Failed';
  const message = error instanceof Error ? error.message : String(error);
  return new StatebagError(code, `node ${node.id}: ${message}`, { cause: error, details: { node_id: node.id } });
}

async function runBody(flow: Flow, { variables, step }: BodyRun, run: FlowRun): Promise<BodyResult> {
  const isItem = 'item' in step;
  const inner = {
    ...withoutYield(run),
    variables: { ...run.variables, ...variables },
    ...(isItem ? { state: run.state.copy(), item: extended(run.item, step.item), onTurn: () => {} } : { loop: extended(run.loop, step.loop) }),
  };
  await runWhole(flow, inner);
  const { fields, last } = inner.state.written();
  return { written: fields, last };
}

/** To its end: what is inside of another node can neither stop half way nor leave anything to the state machine. */
async function runWhole(flow: Flow, run: FlowRun): Promise<void> {
  const end = await runFlow(flow, { node_id: flow.entry, item: 0 }, run);
  if (end.kind === 'hand-over')
    throw new StatebagError('Workflow.Invalid', `node ${end.node} needs the state machine inside of a node that runs without a break`);
}

function extended(path: string, index: number): string {
  return path === '' ? String(index) : `${path}.${index}`;
}

/** Every branch is waited for, and what they did is taken over in their order, whichever was ready first. */
async function runBranches(branches: readonly BranchFlow[], run: FlowRun): Promise<void> {
  const ended = await Promise.all(branches.map((branch) => runBranch(branch, run)));
  for (const { turns } of ended) turns.forEach(run.onTurn);
  for (const { failure } of ended) if (failure) throw failure.error;
  for (const { operations } of ended) run.state.apply(operations);
}

interface EndedBranch {
  readonly turns: readonly Turn[];
  readonly operations: readonly DeltaOperation[];
  readonly failure: { readonly error: unknown } | null;
}

async function runBranch({ flow, optional }: BranchFlow, run: FlowRun): Promise<EndedBranch> {
  const turns: Turn[] = [];
  const inner = { ...withoutYield(run), state: run.state.copy(), onTurn: (turn: Turn) => turns.push(turn) };
  try {
    await runWhole(flow, inner);
    return { turns, operations: inner.state.operations(), failure: null };
  } catch (error) {
    const mayFail = optional && isStatebagError(error) && !ERRORS[error.name].retryable;
    return { turns, operations: [], failure: mayFail ? null : { error } }; // its workflow said that it may, or it is thrown once all have ended
  }
}
