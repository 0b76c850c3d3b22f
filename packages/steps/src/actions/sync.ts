import { causeText } from '@statebag/contracts/cause-text';
import { EVENTS_PER_RETRY, EVENTS_PER_SEGMENT } from '@statebag/contracts/limits';
import { isFieldPointer } from '@statebag/contracts/pointers';
import type { SyncBranchEvent, SyncEvent } from '@statebag/contracts/schemas/actions';
import type { FailedSegment } from '@statebag/contracts/schemas/history';
import type { Branch, SegmentResult } from '@statebag/contracts/schemas/segment-result';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import type { NextAction } from '@statebag/contracts/statuses';
import { validateSyncEvent } from '@statebag/contracts/validators';
import { childBranchPath } from '@statebag/state-core/core/branch-path';
import type { BagLists, NormalisedResult } from '@statebag/state-core/core/normalised-result';
import { bagStep, type Change, type StepTools } from '@statebag/step-kit';
import { onBag } from './on-bag.ts';

/** Merges the result of one segment into the bag of its event. */
export const sync = bagStep<SyncEvent>({ ...onBag('sync', validateSyncEvent), normalise: segmentChange });

/** What a segment's event means, and beside the envelope what the state machine starts or arranges next. */
export function segmentChange(
  event: SyncEvent | SyncBranchEvent,
  tools: StepTools,
  events = EVENTS_PER_SEGMENT,
): Change {
  return {
    into: event.state_data,
    merge: normaliseSegmentResult(event, events),
    beside: (envelope) => besideResult(event, envelope, tools),
  };
}

/** What the state machine starts or arranges next. */
export async function besideResult(
  event: Pick<SyncEvent | SyncBranchEvent, 'execution_result'>,
  envelope: Envelope,
  tools: StepTools,
): Promise<Pick<Envelope, 'branches' | 'request'>> {
  return { ...(await groupToOpen(event, envelope, tools)), ...requestToMake(event, envelope) };
}

/** A segment's result as the core merges it. */
export function normaliseSegmentResult(event: SyncEvent | SyncBranchEvent, events: number): NormalisedResult {
  const { action, execution_result: result, retry_count } = event;
  const { result_id, status, delta, new_history_logs, next_segment_to_run, usage, cursor, wait_until } =
    result;
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
    events: events + retries * EVENTS_PER_RETRY,
    writes: [],
    ...('branch' in event && event.branch && { branch: event.branch }),
  };
}

function failuresOf({ status, result_id, error_info }: SegmentResult): readonly FailedSegment[] {
  if (status !== 'FAILED' && status !== 'LOOP_LIMIT_EXCEEDED') return [];
  const { segment_id, branch_path } = result_id;
  const reason = error_info ?? {
    error: REASONS[status],
    message: `segment ${segment_id} ended ${status} and gave no reason`,
    node_id: null,
  };
  return [
    {
      segment_id,
      branch_path,
      status,
      error: reason.error,
      message: causeText(reason.message),
      node_id: reason.node_id,
    },
  ];
}

const REASONS = { FAILED: 'Node.Failed', LOOP_LIMIT_EXCEEDED: 'Loop.LimitExceeded' } as const;

function pendingBranches({ branches }: SegmentResult): BagLists {
  if (branches === null) return {};
  if (!Array.isArray(branches)) return { pending_branches: branches };
  return { pending_branches: branches.map(({ branch_id, branch_index }) => ({ branch_id, branch_index })) };
}

/** What the state machine arranges while the run pauses. */
function requestToMake(
  { execution_result: { request } }: Pick<SyncEvent | SyncBranchEvent, 'execution_result'>,
  { next_action }: Envelope,
): Pick<Envelope, 'request'> {
  return request !== null && PAUSES.has(next_action) ? { request } : {};
}

const PAUSES: ReadonlySet<NextAction> = new Set<NextAction>([
  'PAUSED_FOR_HITP',
  'ASYNC_LLM',
  'MAP_REDUCE',
  'BATCHED',
]);

/**
 * The branches that the state machine starts, each with the path of its own bag: the runner knows it, since
 * it knows the loops around the group.
 */
async function groupToOpen(
  { execution_result: { branches } }: Pick<SyncEvent | SyncBranchEvent, 'execution_result'>,
  { next_action, state_data }: Envelope,
  { session }: StepTools,
): Promise<Pick<Envelope, 'branches'>> {
  if (next_action !== 'PARALLEL_GROUP' || branches === null) return {};
  // the result's schema, or the hash of what the runner wrote, says so
  const group = (isFieldPointer(branches)
    ? await session.hydrator.pointed(branches)
    : branches) as unknown as readonly Branch[];
  return {
    branches: group.map((branch) => ({
      branch_path: childBranchPath(state_data.branch_path, branch.branch_index),
      ...branch,
    })),
  };
}
