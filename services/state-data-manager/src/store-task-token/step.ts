import { SendTaskFailureCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { StoreTaskTokenEvent } from '@statebag/contracts';
import { validateStoreTaskTokenEvent } from '@statebag/contracts/validators';
import { type ApprovalState, answerOf, deliverDecision, type HeldApproval, isTaskGone, type LifecycleEvents, type Runs } from '@statebag/runs';
import type { Step } from '@statebag/step-kit';
import { placeOf } from '../place-of.ts';

export interface TokenDeps {
  readonly runs: Runs;
  readonly sfn: SFNClient;
  readonly events: LifecycleEvents;
}

/** What became of the question. The run is answered through its token, never through this reply. */
export interface TokenStored {
  readonly approval_id: string | null;
  readonly state: ApprovalState | 'REFUSED';
}

/** Keeps the token of a run that waits for a person. Where the decision is there already, the run gets it at once; a cancelled run asks nobody. */
export function storeTaskToken(deps: TokenDeps): Step<StoreTaskTokenEvent, null, TokenStored, TokenStored> {
  return {
    event: validateStoreTaskTokenEvent,
    reader: ({ execution_id, owner_id, definition_id }) => ({ execution_id, owner_id, definition_id }),
    facts: ({ execution_id, segment_id, branch_path, loop_counter }) => ({ execution_id, action: null, segment_id, branch_path, loop_counter }),
    now: ({ now }) => now,
    reads: async () => null,
    run: (event) => keepToken(deps, event),
    finish: async (_event, reply) => ({ reply, sizes: { bag_bytes: 0, control_plane_bytes: 0 } }),
  };
}

async function keepToken(deps: TokenDeps, event: StoreTaskTokenEvent): Promise<TokenStored> {
  if (await deps.runs.isCancelled(event.execution_id)) return refuse(deps, event);
  const approval = await deps.runs.openApproval(event);
  const { approval_id } = approval;
  if (!approval.decision) return ask(deps, approval, event);
  return { approval_id, state: (await deliverDecision(deps, approval, event.now)) === 'delivered' ? 'DELIVERED' : 'RECORDED' };
}

async function refuse({ sfn }: TokenDeps, { execution_id, task_token }: StoreTaskTokenEvent): Promise<TokenStored> {
  const command = new SendTaskFailureCommand({ taskToken: task_token, error: 'Run.Cancelled', cause: `run ${execution_id} was cancelled` });
  try {
    await answerOf(`refusal to ${execution_id}`, () => sfn.send(command));
  } catch (error) {
    if (!isTaskGone(error)) throw error;
  }
  return { approval_id: null, state: 'REFUSED' };
}

/** At least once: `approval_id` names the question that a repeated event tells of. */
async function ask({ events }: TokenDeps, approval: HeldApproval, { now }: StoreTaskTokenEvent): Promise<TokenStored> {
  const { approval_id, deadline, state } = approval;
  await events.put({ event_type: 'HITP_REQUESTED', ...placeOf(approval), at: now, approval_id, deadline });
  return { approval_id, state };
}
