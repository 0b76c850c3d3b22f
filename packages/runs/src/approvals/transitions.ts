import { type Timestamp, timestampOf } from '@statebag/contracts';
import { approvalId } from '../item-keys.ts';
import type { Decision, HeldApproval, Question } from './approval.ts';

/**
 * An open approval is beaten this often: well within the hour (HeartbeatSeconds) after which its task is
 * given up.
 */
const BEAT_EVERY_MS = 600_000;

/**
 * A run asks, or asks again with another token. A decision that is there already is waiting to be delivered.
 */
export function asked(previous: HeldApproval | undefined, question: Question): HeldApproval {
  return { ...askedBy(previous, question), waits_since: question.now };
}

function askedBy(previous: HeldApproval | undefined, question: Question): HeldApproval {
  const { task_token, execution_arn, now } = question;
  if (!previous) return opened(question, { asked_at: now, deadline: question.request.deadline, revision: 0 });
  if (previous.decision && !isAskedAgain(previous, question))
    return {
      ...previous,
      task_token,
      execution_arn,
      state: 'RECORDED',
      due_at: now,
      closed_at: undefined,
      closed_reason: undefined,
    };
  if (previous.state === 'OPEN' && !previous.decision)
    return postponed({ ...previous, task_token, execution_arn }, now);
  return opened(question, {
    asked_at: now,
    deadline: deadlineAnew(previous, now),
    revision: previous.revision,
  });
}

/**
 * A run that failed by what a person decided, or did not, and was resumed: the same decision would only fail
 * it again.
 */
function isAskedAgain({ decision, resume_count }: HeldApproval, question: Question): boolean {
  return decision?.answer.status === 'FAILED' && question.resume_count > resume_count;
}

function opened(
  question: Question,
  known: Pick<HeldApproval, 'asked_at' | 'deadline' | 'revision'>,
): HeldApproval {
  const { schema_version: _version, now, ...pause } = question;
  const { node_id } = question.request;
  return postponed(
    { ...pause, ...known, approval_id: approvalId({ ...pause, node_id }), state: 'OPEN', escalated: false },
    now,
  );
}

/** A run that was resumed asks again and gives as long as the first time. */
function deadlineAnew({ asked_at, request }: HeldApproval, now: Timestamp): Timestamp {
  return later(now, Math.max(0, Date.parse(request.deadline) - Date.parse(asked_at)));
}

/**
 * Next looked after when it is to be beaten, or at its deadline. One that was decided has no deadline any
 * more.
 */
export function postponed(approval: HeldApproval, now: Timestamp): HeldApproval {
  const { decision, deadline } = approval;
  const beat = later(now, BEAT_EVERY_MS);
  return { ...approval, due_at: decision || Date.parse(beat) < Date.parse(deadline) ? beat : deadline };
}

/** Somebody else is asked too, and the same time passes once more. */
export function escalated(approval: HeldApproval, now: Timestamp): HeldApproval {
  const given = Date.parse(approval.deadline) - Date.parse(approval.asked_at);
  return postponed({ ...approval, escalated: true, deadline: later(approval.deadline, given) }, now);
}

/** Recorded before it is delivered: a crash in between loses nothing, since it is due at once. */
export function decided(approval: HeldApproval, decision: Decision): HeldApproval {
  return { ...approval, state: 'RECORDED', decision, due_at: decision.decided_at };
}

export function delivered(approval: HeldApproval, at: Timestamp): HeldApproval {
  return { ...approval, state: 'DELIVERED', delivered_at: at, due_at: undefined };
}

/**
 * Its run has ended. What was decided stays and answers the same question if the run is resumed; what a
 * resumed run asked since is not touched.
 */
export function closed(
  approval: HeldApproval,
  { reason, at }: { reason: string; at: Timestamp },
): HeldApproval {
  const { state, waits_since = approval.asked_at } = approval;
  if ((state !== 'OPEN' && state !== 'RECORDED') || Date.parse(waits_since) > Date.parse(at)) return approval;
  return { ...approval, state: 'CLOSED', closed_at: at, closed_reason: reason, due_at: undefined };
}

function later(time: Timestamp, ms: number): Timestamp {
  return timestampOf(Date.parse(time) + ms);
}
