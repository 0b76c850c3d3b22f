import type { Timestamp } from '@statebag/contracts';
import type {
  BranchPath,
  DefinitionId,
  ExecutionId,
  NodeId,
  OwnerId,
  SegmentId,
  WorkflowId,
} from '@statebag/contracts/ids';
import type { StoreTaskTokenEvent } from '@statebag/contracts/schemas/events';
import type { ApprovalRequest } from '@statebag/contracts/schemas/pause-request';
import type { HeldApproval } from '../src/approvals/approval.ts';
import { asked } from '../src/approvals/transitions.ts';
import type { RunRecord } from '../src/run-record.ts';

export const ASKED_AT = '2026-03-01T08:00:00.000Z';

/** So many seconds after the question. */
export function after(seconds: number): Timestamp {
  // the one form toISOString has
  return new Date(Date.parse(ASKED_AT) + seconds * 1_000).toISOString() as Timestamp;
}

const IDS = {
  execution_id: 'run-1' as ExecutionId,
  owner_id: 'acme' as OwnerId,
  workflow_id: 'triage' as WorkflowId,
  definition_id: 'd'.repeat(64) as DefinitionId,
};

export function aRequest(more: Partial<ApprovalRequest> = {}): ApprovalRequest {
  return {
    kind: 'approval',
    node_id: 'ask' as NodeId,
    field: 'decision',
    message: 'Go on?',
    choices: ['approve', 'reject'],
    default: null,
    on_reject: 'go_on',
    on_deadline: 'fail',
    deadline: after(3_600),
    timeout_seconds: 3_900,
    ...more,
  };
}

export function aQuestion({
  request,
  ...more
}: Partial<Omit<StoreTaskTokenEvent, 'request'>> & {
  request?: Partial<ApprovalRequest>;
} = {}): StoreTaskTokenEvent {
  return {
    schema_version: 3,
    ...IDS,
    branch_path: '' as BranchPath,
    segment_id: 's1' as SegmentId,
    loop_counter: 4,
    resume_count: 0,
    now: ASKED_AT as Timestamp,
    task_token: 'token-1',
    execution_arn: 'arn:1',
    request: aRequest(request),
    ...more,
  };
}

/** An approval as it is right after the question was stored. */
export function anApproval(
  question: Parameters<typeof aQuestion>[0] = {},
  more: Partial<HeldApproval> = {},
): HeldApproval {
  return { ...asked(undefined, aQuestion(question)), revision: 1, ...more };
}

export function aRun(more: Partial<RunRecord> = {}): RunRecord {
  return {
    ...IDS,
    generation: 'v3',
    machine_arn: 'arn:m',
    started_at: ASKED_AT as Timestamp,
    execution_arns: ['arn:1'],
    status: 'RUNNING',
    reported: false,
    ...more,
  };
}
