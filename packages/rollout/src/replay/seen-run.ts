import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { JsonObject } from '@statebag/contracts';
import { causeText } from '@statebag/contracts/cause-text';
import type { DefinitionId, ExecutionId, OwnerId } from '@statebag/contracts/ids';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { keptStateOf, openLegacyBag } from '@statebag/state-core/legacy';
import { openSession } from '@statebag/state-core/store/store-session';
import { compileWorkflow, type Workflow } from '@statebag/workflow';
import { type Comparison, compareRuns, type SeenRun, type WritersOf } from '../compare-runs.ts';
import type { ReplayDeps } from './replay-run.ts';

export interface SeenExecution {
  readonly executionArn: string;
  readonly owner_id: OwnerId;
  readonly execution_id: ExecutionId;
  readonly definition_id: DefinitionId;
}

/**
 * An ended execution of either generation as a comparison sees it: its state and history read through every
 * pointer.
 */
export async function seenRun(
  { sfn, process, bucket }: Pick<ReplayDeps, 'sfn' | 'process' | 'bucket'>,
  execution: SeenExecution,
): Promise<SeenRun> {
  const { executionArn, ...ids } = execution;
  const {
    status = '',
    output,
    error = '',
    cause = '',
  } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  if (output === undefined)
    return { status, error: { name: error, message: causeText(cause) }, state: {}, history: [] };
  const ended: { state_data: JsonObject } = JSON.parse(output);
  // what a machine ends with; both are read the same way
  const bag = openLegacyBag(ended.state_data) as unknown as StateBag;
  const { hydrator } = openSession(process, { bucket, ...ids });
  return {
    status,
    state: await hydrator.fields(keptStateOf(bag), 'all'),
    history: await hydrator.history(bag.state_history),
  };
}

/** Compares a run with its replay; the workflow tells who writes what. */
export function compareReplay(run: SeenRun, replay: SeenRun, workflow: Workflow): Comparison {
  return compareRuns(run, replay, writersOf(workflow));
}

/**
 * Compares what two runs of an owner came to: how they ended, and their states. The lines of their histories
 * are named after their runs, so they are not compared.
 */
export function compareEnds(left: SeenRun, right: SeenRun, workflow: Workflow): Comparison {
  return compareReplay({ ...left, history: [] }, { ...right, history: [] }, workflow);
}

function writersOf(workflow: Workflow): WritersOf {
  const nodes = [...compileWorkflow(workflow).segments.values()].flatMap(({ flow }) =>
    Object.values(flow.nodes),
  );
  return (field) => nodes.filter(({ writes }) => writes.includes(field)).map(({ id }) => id);
}
