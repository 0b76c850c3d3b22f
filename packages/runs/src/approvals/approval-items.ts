import type { Answer } from '@statebag/contracts';
import { approvalKey, expiresAfter, OPEN_APPROVALS } from '../item-keys.ts';
import type { Item, ItemKey } from '../runs-table.ts';
import type { Decision, HeldApproval } from './approval.ts';

const TABLE_ATTRIBUTES = new Set(['pk', 'sk', 'gsi2pk', 'gsi2sk', 'expires_at']);

/** An approval as an item. The answer is kept as its text: a person's data may hold numbers that DynamoDB cannot. */
export function approvalItem({ decision, ...approval }: HeldApproval): Item & ItemKey {
  return {
    ...approvalKey(approval.execution_id, approval.approval_id),
    ...approval,
    ...(decision && { decision: { ...decision, answer: JSON.stringify(decision.answer) } }),
    ...(approval.due_at !== undefined && { gsi2pk: OPEN_APPROVALS, gsi2sk: approval.due_at }),
    expires_at: expiresAfter(approval.deadline),
  };
}

/** The approval of an item that `approvalItem` wrote. */
export function approvalOf(item: Item): HeldApproval {
  const { decision, ...kept } = Object.fromEntries(Object.entries(item).filter(([name]) => !TABLE_ATTRIBUTES.has(name)));
  const approval = kept as unknown as HeldApproval; // only this package writes these items
  return decision === undefined ? approval : { ...approval, decision: decisionOf(decision as DecisionItem) };
}

type DecisionItem = Omit<Decision, 'answer'> & { readonly answer: string };

function decisionOf({ answer, ...decision }: DecisionItem): Decision {
  return { ...decision, answer: JSON.parse(answer) as Answer }; // as `approvalItem` wrote it
}
