import type { ApprovalView } from '@statebag/contracts';
import { table } from './amounts.ts';

/** Approvals for a reader: a line each, oldest first. */
export function approvalsText(approvals: readonly ApprovalView[]): string {
  if (approvals.length === 0) return 'nothing was asked\n';
  return `${table([...approvals].sort((left, right) => left.asked_at.localeCompare(right.asked_at)).map(rowOf))}\n`;
}

function rowOf({ node_id, state, asked_at, deadline, choices, decision, closed_reason, message }: ApprovalView): string[] {
  if (decision)
    return [
      node_id,
      state,
      asked_at,
      `${decision.choice ?? 'nobody answered'} by ${decision.by ?? 'the deadline'} at ${decision.decided_at}`,
      decision.comment ?? '',
    ];
  return [node_id, state, asked_at, closed_reason ?? `until ${deadline}: ${choices.join(' | ')}`, message];
}
