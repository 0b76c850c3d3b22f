import { SendTaskFailureCommand } from '@aws-sdk/client-sfn';
import type { StoreTaskTokenEvent } from '@statebag/contracts/schemas/events';
import { validateStoreTaskTokenEvent } from '@statebag/contracts/validators';
import { type ApprovalState, answerOf, deliverDecision, type HeldApproval, isTaskGone } from '@statebag/runs';
import { plainStep, type Step } from '@statebag/step-kit';
import type { RunsDeps } from '../open-runs-deps.ts';
import { placeOf } from '../place-of.ts';

/** What became of the question. The run is answered through its token, never through this reply. */
export interface TokenStored {
  readonly approval_id: string | null;
  readonly state: ApprovalState | 'REFUSED';
}

/**
 * Keeps the token of a run that waits for a person. Where the decision is there already, the run gets it at
 * once; a cancelled run asks nobody.
 */
export function storeTaskToken(deps: RunsDeps): Step<TokenStored> {
  return plainStep<StoreTaskTokenEvent, TokenStored>({
    event: validateStoreTaskTokenEvent,
    facts: ({ execution_id, segment_id, branch_path, loop_counter }) => ({
      execution_id,
      action: null,
      segment_id,
      branch_path,
      loop_counter,
    }),
    run: (event) => keepToken(deps, event),
  });
}

async function keepToken(deps: RunsDeps, event: StoreTaskTokenEvent): Promise<TokenStored> {
  if (await deps.runs.isCancelled(event.execution_id)) return refuse(deps, event);
  const approval = await deps.runs.openApproval(event);
  const { approval_id } = approval;
  if (!approval.decision) return ask(deps, approval, event);
  return {
    approval_id,
    state: (await deliverDecision(deps, approval, event.now)) === 'delivered' ? 'DELIVERED' : 'RECORDED',
  };
}

async function refuse(
  { sfn }: RunsDeps,
  { execution_id, task_token }: StoreTaskTokenEvent,
): Promise<TokenStored> {
  const command = new SendTaskFailureCommand({
    taskToken: task_token,
    error: 'Run.Cancelled',
    cause: `run ${execution_id} was cancelled`,
  });
  try {
    await answerOf(`refusal to ${execution_id}`, () => sfn.send(command));
  } catch (error) {
    if (!isTaskGone(error)) throw error;
  }
  return { approval_id: null, state: 'REFUSED' };
}

/** At least once: `approval_id` names the question that a repeated event tells of. */
async function ask(
  { events }: RunsDeps,
  approval: HeldApproval,
  { now }: StoreTaskTokenEvent,
): Promise<TokenStored> {
  const { approval_id, deadline, state } = approval;
  await events.put({ event_type: 'HITP_REQUESTED', ...placeOf(approval), at: now, approval_id, deadline });
  return { approval_id, state };
}
