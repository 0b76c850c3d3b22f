import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { DefinitionId, ExecutionId, JsonObject, OwnerId, StateBag } from '@statebag/contracts';
import { causeText } from '@statebag/contracts';
import type { SeenRun } from '@statebag/rollout';
import { openSession } from '@statebag/state-core';
import { openLegacyBag } from '@statebag/state-core/legacy';
import type { ReplayDeps } from './replay-deps.ts';

export interface SeenExecution {
  readonly executionArn: string;
  readonly owner_id: OwnerId;
  readonly execution_id: ExecutionId;
  readonly definition_id: DefinitionId;
}

/** An ended execution of either generation as a comparison sees it: its state and history read through every pointer. */
export async function seenRun({ sfn, process, bucket }: Pick<ReplayDeps, 'sfn' | 'process' | 'bucket'>, execution: SeenExecution): Promise<SeenRun> {
  const { executionArn, ...ids } = execution;
  const { status = '', output, error = '', cause = '' } = await sfn.send(new DescribeExecutionCommand({ executionArn }));
  if (output === undefined) return { status, error: { name: error, message: causeText(cause) }, state: {}, history: [] };
  const ended: { state_data: JsonObject } = JSON.parse(output);
  const bag = openLegacyBag(ended.state_data) as unknown as StateBag; // what a machine ends with; both are read the same way
  const { hydrator } = openSession(process, { bucket, ...ids });
  return { status, state: await hydrator.fields(bag.current_state, 'all'), history: await hydrator.history(bag.state_history) };
}
