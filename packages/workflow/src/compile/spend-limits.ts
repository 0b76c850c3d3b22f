import type { SpendLimits } from '@statebag/contracts/schemas/model-call';
import type { WorkflowOptions } from '../document/workflow.ts';

/**
 * What the options of a workflow limit; undefined where they limit nothing, so that its segments say
 * nothing.
 */
export function spendLimitsOf({
  max_cost_usd,
  max_tokens,
  node_limits,
  budget,
}: WorkflowOptions): SpendLimits | undefined {
  const run = {
    ...(max_cost_usd !== undefined && { max_cost_usd }),
    ...(max_tokens !== undefined && { max_tokens }),
  };
  const limitsRun = Object.keys(run).length > 0;
  if (!limitsRun && node_limits === undefined && budget === undefined) return undefined;
  return { ...(limitsRun && { run }), ...(node_limits && { nodes: node_limits }), ...(budget && { budget }) };
}
