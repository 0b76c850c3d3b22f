import { isFieldPointer } from '@statebag/contracts/pointers';
import type { ApprovalView } from '@statebag/contracts/schemas/api';
import type { Approval } from '@statebag/runs';
import type { StoreSession } from '@statebag/state-core/store/store-session';

/** An approval as the owner of its run sees it: without the token that answers for whoever holds it. */
export async function approvalView(
  approval: Approval,
  { hydrator }: Pick<StoreSession, 'hydrator'>,
): Promise<ApprovalView> {
  const { approval_id, branch_path, state, asked_at, deadline, escalated, decision, closed_reason, request } =
    approval;
  const { node_id, message, choices } = request;
  const text = isFieldPointer(message) ? await hydrator.pointed(message) : message;
  return {
    approval_id,
    node_id,
    branch_path,
    state,
    choices,
    asked_at,
    deadline,
    escalated,
    message: typeof text === 'string' ? text : JSON.stringify(text),
    decision: decision ? decisionView(decision) : null,
    closed_reason: closed_reason ?? null,
  };
}

function decisionView({
  how,
  choice,
  comment,
  by,
  decided_at,
}: NonNullable<Approval['decision']>): NonNullable<ApprovalView['decision']> {
  return { how, choice, comment: comment ?? null, by, decided_at };
}
