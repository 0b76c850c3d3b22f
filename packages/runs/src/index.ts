export type { Approval, ApprovalState, Decision, HeldApproval, Question } from './approvals/approval.ts';
export type { ApprovalRecords, DuePage } from './approvals/approval-records.ts';
export {
  type ApprovalDecision,
  type DecisionDeps,
  type DecisionOutcome,
  type Delivery,
  decideApproval,
  deliverDecision,
  isTaskGone,
} from './approvals/decide-approval.ts';
export { decisionAtDeadline, planDecision, type Verdict } from './approvals/plan-decision.ts';
export { escalated, postponed } from './approvals/transitions.ts';
export { answerOf } from './aws-failure.ts';
export type { EndedRun, EndedRuns } from './ended-runs.ts';
export {
  base32,
  freshExecutionId,
  keyedExecutionId,
  readableExecutionId,
  workflowIdOf,
} from './execution-id.ts';
export { endedPartition } from './item-keys.ts';
export { type LargeOwners, largeOwnersIn } from './large-owners.ts';
export type { LeaseClaim, LeaseOutcome, Leases } from './leases.ts';
export type { KeyHolder, KeyOutcome, LegacyKeys } from './legacy-keys.ts';
export {
  type BusRequests,
  type LifecycleEvent,
  type LifecycleEvents,
  lifecycleEvents,
} from './lifecycle-events.ts';
export { everyRun, type RunFilter, type RunPage, runFilterOf } from './list-runs.ts';
export { type Runs, runsOver } from './open-runs.ts';
export type { RolloutChange, RolloutChanges } from './rollout-changes.ts';
export type {
  Cancellation,
  Divergence,
  Generation,
  NewRun,
  RunEnd,
  RunRecord,
  RunStatus,
  TerminalStatus,
} from './run-record.ts';
export type { ClaimedEnd, Created, RunRecords } from './run-records.ts';
export type { ItemRequests, TableAccess } from './runs-table.ts';
export { openRuns } from './sdk-runs.ts';
