import type { NodeId } from '@statebag/contracts';
import type { CompiledNode } from '../compile/flow.ts';
import type { FlowRun } from './flow-run.ts';
import type { WorkingState } from './working-state.ts';

/** The run as a node in open loops meets it: `$index` and the path are those of the iterations they are in, as in a closed body. */
export function inOpenLoops({ loops }: CompiledNode, run: FlowRun): FlowRun {
  if (loops === undefined) return run;
  const iterations = loops.map((id) => iterationOf({ id }, run.state));
  return { ...run, loop: iterations.join('.'), variables: { ...run.variables, index: iterations.at(-1) ?? 0 } };
}

/** Which iteration an open loop is in. Nothing is kept of the first one. */
export function iterationOf(loop: { readonly id: NodeId }, state: WorkingState): number {
  return Number(state.progressOf(loop) ?? 0);
}
