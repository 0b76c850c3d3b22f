import type { Sha256, Timestamp } from '@statebag/contracts';
import type {
  BranchPath,
  DefinitionId,
  ExecutionId,
  OwnerId,
  SegmentId,
  WorkflowId,
} from '@statebag/contracts/ids';
import type { Answer } from '@statebag/contracts/schemas/answer';
import type { StoreTaskTokenEvent } from '@statebag/contracts/schemas/events';
import type { ApprovalRequest } from '@statebag/contracts/schemas/pause-request';

/**
 * OPEN waits for a decision, RECORDED has one that is not yet delivered, DELIVERED reached the run, CLOSED
 * ended with its run.
 */
export type ApprovalState = 'OPEN' | 'RECORDED' | 'DELIVERED' | 'CLOSED';

/** What was decided. Never changes once recorded. */
export interface Decision {
  /** By a person, or at the deadline by the request's own default, or not at all. */
  readonly how: 'person' | 'default' | 'expired';
  readonly choice: string | null;
  readonly comment?: string | undefined;
  readonly by: string | null;
  readonly decided_at: Timestamp;
  /** Of choice, comment and further data: tells a repeat from another decision. */
  readonly sha256: Sha256;
  /** What the run is told. */
  readonly answer: Answer;
}

/** One question to a person, as anybody of its owner may see it. */
export interface Approval {
  /** `<branch_path>#<loop_counter>#<node_id>`: one question of one run. */
  readonly approval_id: string;
  readonly execution_id: ExecutionId;
  readonly owner_id: OwnerId;
  readonly workflow_id: WorkflowId;
  readonly definition_id: DefinitionId;
  readonly branch_path: BranchPath;
  readonly segment_id: SegmentId;
  readonly loop_counter: number;
  /** Of the run when it asked: a later one asks again what a person refused. */
  readonly resume_count: number;
  readonly execution_arn: string;
  readonly request: ApprovalRequest;
  readonly state: ApprovalState;
  readonly asked_at: Timestamp;
  /**
   * When the request's own choice is taken. Later than the request's where it was asked anew or escalated.
   */
  readonly deadline: Timestamp;
  readonly escalated: boolean;
  readonly decision?: Decision | undefined;
  readonly delivered_at?: Timestamp | undefined;
  readonly closed_at?: Timestamp | undefined;
  readonly closed_reason?: string | undefined;
}

/** An approval with what it takes to answer it. */
export interface HeldApproval extends Approval {
  readonly task_token: string;
  /**
   * Since when the task waits whose token this is: later than `asked_at` where a run that goes on asks again.
   */
  readonly waits_since?: Timestamp | undefined;
  /** When somebody has to look after it; never where it is settled. */
  readonly due_at?: Timestamp | undefined;
  /** Counts the changes: of two writers one finds that it came second. */
  readonly revision: number;
}

/** What the state machine says when a run waits for a person. */
export type Question = StoreTaskTokenEvent;

/** An approval without its token, which answers for whoever holds it. */
export function shownApproval({
  task_token: _token,
  waits_since: _since,
  due_at: _due,
  revision: _revision,
  ...approval
}: HeldApproval): Approval {
  return approval;
}
