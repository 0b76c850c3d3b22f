import { isStatebagError, StatebagError } from '@statebag/contracts';
import { ERRORS } from '@statebag/contracts/errors';
import type { NodeId } from '@statebag/contracts/ids';
import type { Items, Usage } from '@statebag/contracts/schemas/history';
import type { Cursor } from '@statebag/contracts/schemas/segment-result';
import { addUsage, NO_USAGE } from '@statebag/state-core/core/usage';
import { costOf } from '../compile/expected-cost.ts';
import { measuredJson } from '../expressions/to-json.ts';
import type { BodyResult, BodyRun, NodeContext, NodeOutcome } from '../nodes/define-node.ts';
import { scopedField } from '../nodes/field-scope.ts';
import type { BranchFlow, CompiledNode, Flow } from '../nodes/flow.ts';
import { definitionOf } from '../nodes/node-table.ts';
import {
  type FlowEnd,
  type FlowRun,
  inOpenLoops,
  isShortOf,
  iterationOf,
  type Turn,
  withoutYield,
} from './flow-run.ts';
import { contextOf } from './node-context.ts';
import type { WorkingState } from './working-state.ts';

/** Runs nodes from `start` on until the way leads out of the flow. */
export async function runFlow(flow: Flow, start: Cursor, run: FlowRun): Promise<FlowEnd> {
  let id: NodeId | null = start.node_id;
  let item = start.item;
  for (let turns = 0; id !== null; turns += 1) {
    const node: CompiledNode | undefined = flow.nodes[id];
    if (!node) return { kind: 'left', next: id };
    if (turns > 0 && isShortOf(run.deps, costOf(node).millis, { node_id: id, item: 0 }))
      return { kind: 'yield', cursor: { node_id: id, item: 0 } };
    const here = inOpenLoops(node, run);
    const outcome: NodeOutcome = await runNode(node, begunBefore(node, item, run), here);
    if (outcome.kind === 'yield') {
      const { item: from, wait_until } = outcome;
      return {
        kind: 'yield',
        cursor: { node_id: id, item: from },
        ...(wait_until !== undefined && { wait_until }),
      };
    }
    if (outcome.kind === 'hand-over')
      return { ...outcome, node: id, loop: here.loop, next: flow.next[id] ?? null };
    // where a condition or an open loop leads was checked to be a node
    id = (outcome.goto as NodeId | undefined) ?? flow.next[id] ?? null;
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
  let items: Items | undefined;
  const tell = (status: Turn['status'], summary?: string) =>
    run.onTurn({
      node,
      loop: run.loop,
      started,
      ended: run.deps.clock(),
      status,
      usage,
      ...(summary !== undefined && { summary }),
      ...(items && { items }),
    });
  const onUsage = (more: Usage) => {
    usage = addUsage(usage, more);
    run.onUsage(more);
  };
  const onItems = (told: Items) => {
    items = told;
  };
  try {
    const context = nodeContext(node, item, { ...run, onUsage, onItems });
    const outcome = await definitionOf(node).run(context, node.config);
    if (outcome.kind === 'yield') {
      run.state.keepProgress(node, measuredJson(outcome.progress));
      return outcome;
    }
    if (outcome.kind === 'hand-over') {
      tell('PAUSED', outcome.status);
      return outcome;
    }
    if (outcome.goto !== undefined && outcome.goto === node.begins_again_at) {
      run.state.keepProgress(node, { value: item + 1, units: 1 });
      return outcome;
    }
    outcome.drops?.forEach(run.state.drop);
    for (const field of Object.keys(outcome.writes).sort())
      run.state.write(node, scopedField(node.use?.writes ?? '', field), measuredJson(outcome.writes[field]));
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
  return new StatebagError(code, `node ${node.id}: ${message}`, {
    cause: error,
    details: { node_id: node.id },
  });
}

async function runBody(flow: Flow, { variables, step }: BodyRun, run: FlowRun): Promise<BodyResult> {
  const isItem = 'item' in step;
  const inner = {
    ...withoutYield(run),
    variables: { ...run.variables, ...variables },
    ...(isItem
      ? { state: run.state.copy(), item: extended(run.item, step.item), onTurn: () => {} }
      : { loop: extended(run.loop, step.loop) }),
  };
  try {
    await runWhole(flow, inner);
    const { fields, last } = inner.state.written();
    return { written: fields, last };
  } finally {
    if (isItem) inner.state.end();
  }
}

/**
 * To its end: what is inside of another node can neither stop half way nor leave anything to the state
 * machine.
 */
async function runWhole(flow: Flow, run: FlowRun): Promise<void> {
  const end = await runFlow(flow, { node_id: flow.entry, item: 0 }, run);
  if (end.kind === 'hand-over')
    throw new StatebagError(
      'Workflow.Invalid',
      `node ${end.node} needs the state machine inside of a node that runs without a break`,
    );
}

function extended(path: string, index: number): string {
  return path === '' ? String(index) : `${path}.${index}`;
}

/** Every branch is waited for, and what they did is taken over in their order, whichever was ready first. */
async function runBranches(branches: readonly BranchFlow[], run: FlowRun): Promise<void> {
  const ended = await Promise.all(branches.map((branch) => runBranch(branch, run)));
  for (const { turns } of ended) turns.forEach(run.onTurn);
  for (const { failure } of ended) if (failure) throw failure.error;
  for (const { state } of ended) if (state) run.state.apply(state);
}

interface EndedBranch {
  readonly turns: readonly Turn[];
  /** Null where nothing of it is taken over. */
  readonly state: WorkingState | null;
  readonly failure: { readonly error: unknown } | null;
}

async function runBranch({ flow, optional }: BranchFlow, run: FlowRun): Promise<EndedBranch> {
  const turns: Turn[] = [];
  const inner = { ...withoutYield(run), state: run.state.copy(), onTurn: (turn: Turn) => turns.push(turn) };
  try {
    await runWhole(flow, inner);
    return { turns, state: inner.state, failure: null };
  } catch (error) {
    const mayFail = optional && isStatebagError(error) && !ERRORS[error.name].retryable;
    // its workflow said that it may, or it is thrown once all have ended
    return { turns, state: null, failure: mayFail ? null : { error } };
  } finally {
    inner.state.end();
  }
}
