import { type CompiledWorkflow, compileWorkflow, type Workflow } from '@statebag/workflow';

/**
 * The workflow with a budget that all forks and judges of a backtest share; it takes the place of one of its
 * own. Without a limit it is as it is.
 */
export function withBudget(workflow: Workflow, name: string, max_cost_usd: number | null): CompiledWorkflow {
  if (max_cost_usd === null) return compileWorkflow(workflow);
  return compileWorkflow({
    ...workflow,
    options: { ...workflow.options, budget: { name, max_cost_usd } },
  });
}
