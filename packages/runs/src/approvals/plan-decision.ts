import { type Json, type Sha256, StatebagError, type Timestamp } from '@statebag/contracts';
import { THRESHOLDS } from '@statebag/contracts/limits';
import type { Answer } from '@statebag/contracts/schemas/answer';
import type { ErrorInfo } from '@statebag/contracts/schemas/history';
import type { FieldPointer } from '@statebag/contracts/schemas/pointers';
import {
  byteSizeOf,
  canonicalJson,
  fieldPointer,
  type PlannedWrite,
  planWrite,
  sha256Of,
} from '@statebag/state-core';
import type { Approval, Decision } from './approval.ts';

/** What a person says. */
export interface Verdict {
  readonly choice: string;
  readonly comment?: string | undefined;
  /** Whatever the workflow wants to know besides the choice. */
  readonly data?: Json | undefined;
}

/** A decision, and what must lie in the store before it is recorded. */
export interface DecisionPlan {
  readonly decision: Decision;
  readonly writes: readonly PlannedWrite[];
}

const COMMENT_BYTES = 4_096;

/**
 * Tells a repeated verdict from another one. @throws `Contract.EventRejected` for a comment that is too long
 */
export function verdictHash({ choice, comment, data }: Verdict): Sha256 {
  const size = Buffer.byteLength(comment ?? '');
  if (size > COMMENT_BYTES) {
    throw new StatebagError(
      'Contract.EventRejected',
      `the comment takes ${size} bytes of at most ${COMMENT_BYTES}; put more into the data`,
    );
  }
  return sha256Of(canonicalJson({ choice, comment: comment ?? null, data: data ?? null }));
}

/**
 * What a person's decision makes of an approval. Data too large to travel is stored first and sent as its
 * pointer.
 */
export function planDecision(
  approval: Approval,
  verdict: Verdict,
  { by, now, bucket }: { by: string; now: Timestamp; bucket: string },
): DecisionPlan {
  const { choice, comment, data } = verdict;
  const value = {
    choice,
    ...(comment !== undefined && { comment }),
    ...(data !== undefined && { data }),
    by,
    decided_at: now,
  };
  const { content, writes } = carried(approval, value, { now, bucket });
  const decision = {
    how: 'person',
    choice,
    comment,
    by,
    decided_at: now,
    sha256: verdictHash(verdict),
    answer: answering(approval, choice, content),
  } as const;
  return { decision, writes };
}

/** What the request itself decides at the deadline: its default, or that nobody answered. */
export function decisionAtDeadline(approval: Approval, now: Timestamp): Decision {
  const { default: choice, on_deadline } = approval.request;
  const how = on_deadline === 'fail' || choice === null ? 'expired' : 'default';
  const decided = { how, by: null, decided_at: now, choice: how === 'default' ? choice : null } as const;
  const value = { choice: decided.choice, by: null, decided_at: now };
  const sha256 = verdictHash({ choice: decided.choice ?? '' });
  return { ...decided, sha256, answer: answering(approval, decided.choice, { value }) };
}

type Content = { readonly value: Json } | { readonly pointer: FieldPointer };

function carried(
  { owner_id, execution_id }: Approval,
  value: Json,
  { now, bucket }: { now: Timestamp; bucket: string },
) {
  if (byteSizeOf(value) <= THRESHOLDS.field) return { content: { value }, writes: [] };
  const write = planWrite(value, 'blobs', {
    location: { bucket, owner_id, execution_id },
    now,
    thresholds: THRESHOLDS,
  });
  return { content: { pointer: fieldPointer(write, now) }, writes: [write] };
}

/** The answer to the pause that asked: the bag counted it when it was applied. No choice: nobody answered. */
function answering(
  { execution_id, branch_path, loop_counter, segment_id, request }: Approval,
  choice: string | null,
  content: Content,
): Answer {
  const result_id = { execution_id, branch_path, loop_counter: loop_counter - 1, segment_id };
  const error_info = failureOf(request, choice);
  return {
    result_id,
    ...fieldOf(request),
    ...content,
    ...(error_info ? { status: 'FAILED', error_info } : { status: 'CONTINUE' }),
  };
}

function fieldOf({ field, reducer }: Approval['request']): Pick<Answer, 'field' | 'reducer'> {
  return { field, ...(reducer !== undefined && { reducer }) };
}

function failureOf(
  { node_id, deadline, on_reject }: Approval['request'],
  choice: string | null,
): ErrorInfo | undefined {
  if (choice === null)
    return {
      error: 'Approval.Expired',
      message: `nobody decided ${node_id} in time; the first deadline was ${deadline}`,
      node_id,
    };
  if (choice === 'reject' && on_reject === 'fail')
    return { error: 'Node.Failed', message: `${node_id}: it was rejected`, node_id };
  return undefined;
}
