import { SendTaskSuccessCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { Timestamp } from '@statebag/contracts';
import { answerOf } from '../aws-failure.ts';
import type { HeldApproval } from './approval.ts';
import type { ApprovalRecords } from './approval-records.ts';

export interface Delivery {
  readonly runs: Pick<ApprovalRecords, 'markDelivered'>;
  readonly sfn: SFNClient;
}

/** What the service says of a token that nobody waits on any more. */
const GONE = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']);

/** True for the answer to a call on a task that is over. */
export function isTaskGone(error: unknown): boolean {
  return error instanceof Error && GONE.has(error.name);
}

/**
 * Tells the run what was decided. A token that is gone leaves the decision RECORDED: whoever stores the next one, or the next beat, delivers it.
 * @throws `Store.Unavailable`, `Store.AccessDenied`
 */
export async function deliverDecision({ runs, sfn }: Delivery, approval: HeldApproval, at: Timestamp): Promise<'delivered' | 'recorded'> {
  const { decision, task_token: taskToken, approval_id } = approval;
  if (!decision) return 'recorded';
  const command = new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(decision.answer) });
  try {
    await answerOf(`answer to ${approval_id}`, () => sfn.send(command));
  } catch (error) {
    if (isTaskGone(error)) return 'recorded';
    throw error;
  }
  await runs.markDelivered(approval, at);
  return 'delivered';
}
