import type { Manifest } from '@statebag/contracts';
import type { WorkflowOptions } from '../document/workflow.ts';
import type { CompiledNode } from './flow.ts';
import { expectedMillisOf, type Part } from './partition.ts';

/** How many results a run and a branch may apply before something must be wrong with them. */
export function iterationLimits(
  parts: readonly Part[],
  options: WorkflowOptions,
  segmentMillis: number,
): Pick<Manifest, 'max_loop_iterations' | 'max_branch_iterations'> {
  const weight = parts.reduce((sum, { nodes }) => sum + Math.max(1, ...nodes.map((node) => weightOf(node, segmentMillis))), 0);
  const estimated = Math.max(Math.floor(1.5 * weight) + 20, 100);
  return {
    max_loop_iterations: options.max_loop_iterations ?? Math.ceil(estimated + Math.max(0.25 * estimated, 20)),
    max_branch_iterations: options.max_branch_iterations ?? Math.ceil(estimated + Math.max(0.5 * estimated, 50)),
  };
}

/** How often a segment may come back because of this node: a loop between its iterations, a long list between its items. */
function weightOf(node: CompiledNode, segmentMillis: number): number {
  const { max_iterations, max_items = 10_000 } = node.config;
  if (node.type === 'loop') return Number(max_iterations);
  if (node.type !== 'for_each') return 1;
  const slowest = { ...node, config: { ...node.config, expected_items: max_items } };
  return 1 + Math.ceil(expectedMillisOf(slowest) / segmentMillis);
}
