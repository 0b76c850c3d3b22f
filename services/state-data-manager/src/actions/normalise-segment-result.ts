import {
  causeText,
  EVENTS_PER_RETRY,
  EVENTS_PER_SEGMENT,
  type FailedSegment,
  type SegmentResult,
  type SyncBranchEvent,
  type SyncEvent,
} from '@statebag/contracts';
import type { BagLists, NormalisedResult } from '@statebag/state-core';

/** A segment's result as the core merges it. */
export function normaliseSegmentResult({ action, execution_result: result, retry_count }: SyncEvent | SyncBranchEvent): NormalisedResult {
  const { result_id, status, delta, new_history_logs, next_segment_to_run, usage, cursor, wait_until } = result;
  const retries = retry_count + (result.retry_count ?? 0);
  return {
    action,
    result_id,
    status,
    delta,
    history: new_history_logs,
    next_segment_to_run,
    usage,
    failures: failuresOf(result),
    control: { cursor, wait_until },
    lists: pendingBranches(result),
    events: EVENTS_PER_SEGMENT + retries * EVENTS_PER_RETRY,
    writes: [],
  };
}

function failuresOf({ status, result_id, error_info }: SegmentResult): readonly FailedSegment[] {
  if (status !== 'FAILED' && status !== 'LOOP_LIMIT_EXCEEDED') return [];
  const { segment_id, branch_path } = result_id;
  const reason = error_info ?? { error: REASONS[status], message: `segment ${segment_id} ended ${status} and gave no reason`, node_id: null };
  return [{ segment_id, branch_path, status, error: reason.error, message: causeText(reason.message), node_id: reason.node_id }];
}

const REASONS = { FAILED: 'Node.Failed', LOOP_LIMIT_EXCEEDED: 'Loop.LimitExceeded' } as const;

function pendingBranches({ branches }: SegmentResult): BagLists {
  if (branches === null) return {};
  if (!Array.isArray(branches)) return { pending_branches: branches };
  return { pending_branches: branches.map(({ branch_id, branch_index }) => ({ branch_id, branch_index })) };
}
