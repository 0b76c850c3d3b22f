import type { Manifest } from '@statebag/contracts/schemas/manifest';
import type { WorkflowOptions } from '../document/workflow.ts';
import type { CompiledNode } from '../nodes/flow.ts';
import { definitionOf } from '../nodes/node-table.ts';
import { millisOfBody } from './expected-cost.ts';
import type { Part } from './partition.ts';

/**
 * Loops in loops multiply to more than any run can apply, and at some point to more than a number can hold.
 */
const MOST = 1_000_000_000;

/** How many results a run and a branch may apply before something must be wrong with them. */
export function iterationLimits(
  parts: readonly Part[],
  options: WorkflowOptions,
  segmentMillis: number,
): Pick<Manifest, 'max_loop_iterations' | 'max_branch_iterations'> {
  const planned = { segmentMillis, ofBody: millisOfBody };
  const turnsOf = (node: CompiledNode) => definitionOf(node).mostTurns(node.config, planned);
  const turns = new Map(parts.flatMap(({ nodes }) => nodes.map((node) => [node.id, turnsOf(node)])));
  const runs = ({ loops = [] }: CompiledNode) =>
    loops.reduce((product, loop) => product * (turns.get(loop) ?? 1), 1);
  const weightIn = (node: CompiledNode) => runs(node) * turnsOf(node);
  const weight = parts.reduce((sum, { nodes }) => sum + Math.max(1, ...nodes.map(weightIn)), 0);
  const estimated = Math.min(Math.max(Math.floor(1.5 * weight) + 20, 100), MOST);
  return {
    max_loop_iterations: options.max_loop_iterations ?? Math.ceil(estimated + Math.max(0.25 * estimated, 20)),
    max_branch_iterations:
      options.max_branch_iterations ?? Math.ceil(estimated + Math.max(0.5 * estimated, 50)),
  };
}
