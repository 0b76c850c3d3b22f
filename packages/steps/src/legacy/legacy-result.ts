import type { Json, JsonObject } from '@statebag/contracts';
import { isStatePointer } from '@statebag/contracts/pointers';
import { byteSizeOf, fieldPointer, planWrite } from '@statebag/state-core';
import { childBranchPath } from '@statebag/state-core/core/branch-path';
import type { SegmentDraft } from '@statebag/state-core/core/plan-result';
import { inCanonicalOrder, planLegacyState } from '@statebag/state-core/legacy';
import { storeAll } from '@statebag/state-core/store/store-all';
import type { StepTools } from '@statebag/step-kit';
import type { SegmentDefinition } from '@statebag/workflow';
import type { LegacyCall } from './legacy-call.ts';
import type { ResolvedSegment } from './resolve-segment.ts';

/** What a first-generation segment came to: its whole state as it stands, and where the run goes. */
export interface LegacyDraft
  extends Pick<SegmentDraft, 'status' | 'error_info' | 'segment_type' | 'new_history_logs'> {
  readonly state: JsonObject;
  readonly next_segment_to_run: Json;
  readonly branches: Json;
  readonly inner_partition_map: Json;
  /** What some results have besides: a yield its cursor, a wait its end, a pause its request. */
  readonly extras: JsonObject;
  /** The segment whose map other functions work on, where they would not find it; null otherwise. */
  readonly mapped: SegmentDefinition | null;
}

/**
 * A segment's draft in the words of the first generation. Numbers stay numbers: who counts segments is
 * answered with counts.
 */
export function legacyDraft(
  draft: SegmentDraft,
  state: JsonObject,
  { call, resolved }: { call: LegacyCall; resolved: ResolvedSegment },
): LegacyDraft {
  const { status, cursor, wait_until, request } = draft;
  const goesOn = status === 'COMPLETE' && resolved.follows !== null;
  const extras = {
    ...(cursor && { cursor }),
    ...(wait_until !== null && { wait_until }),
    ...(request && { request }),
  };
  return {
    state,
    status: goesOn ? 'CONTINUE' : status,
    error_info: draft.error_info,
    segment_type: draft.segment_type,
    new_history_logs: draft.new_history_logs,
    next_segment_to_run: goesOn ? resolved.follows : nextPlace(draft, resolved, call.place),
    branches: branchesOf(draft, call),
    inner_partition_map: innerMap(draft, resolved),
    extras: extras as JsonObject, // parts of a result are JSON
    mapped: request?.kind === 'map' && !resolved.isPublished ? resolved.segment : null,
  };
}

function nextPlace(
  { next_segment_to_run: next, status }: SegmentDraft,
  { order, follows }: ResolvedSegment,
  place: LegacyCall['place'],
): Json {
  if (next === null) return status === 'FAILED' || status === 'LOOP_LIMIT_EXCEEDED' ? null : follows;
  return typeof place === 'number' && order ? order.indexOf(next) : next;
}

/** Each branch with the path of its own bag. */
function branchesOf({ branches }: SegmentDraft, { run }: LegacyCall): Json {
  if (branches === null) return null;
  return branches.map((branch) => ({
    branch_path: childBranchPath(run.branch_path, branch.branch_index),
    ...branch,
  }));
}

/** The segments of each branch, where the run brought its partition map along. */
function innerMap({ branches }: SegmentDraft, { order }: ResolvedSegment): Json {
  if (branches === null || order === null) return null;
  return branches.map(({ branch_id, first_segment, last_segment }) => ({
    branch_id,
    segments: order.slice(order.indexOf(first_segment), order.indexOf(last_segment) + 1),
  }));
}

/**
 * Closes a first-generation segment: large fields leave, then the whole state; the reply names where it lies.
 */
export async function returnLegacyResult(
  call: LegacyCall,
  draft: LegacyDraft,
  { session, plan, tally }: StepTools,
): Promise<JsonObject> {
  const { bag, writes } = planLegacyState(
    { ...call.members, current_state: inCanonicalOrder(draft.state) },
    plan,
  );
  // a definition came as JSON
  const mapped = draft.mapped && planWrite(draft.mapped as unknown as Json, 'blobs', plan);
  await storeAll(mapped ? [...writes, mapped] : writes, session);
  const { current_state: final_state = {} } = bag;
  tally.bag_bytes = byteSizeOf(final_state);
  return {
    status: draft.status,
    final_state,
    final_state_s3_path: isStatePointer(final_state) ? final_state.__s3_path : null,
    next_segment_to_run: draft.next_segment_to_run,
    new_history_logs: draft.new_history_logs as Json, // entries are JSON
    error_info: draft.error_info as Json, // likewise
    branches: draft.branches,
    segment_type: draft.segment_type,
    inner_partition_map: draft.inner_partition_map,
    ...draft.extras,
    // a map has a request, and a pointer is JSON
    ...(mapped && {
      request: {
        ...(draft.extras['request'] as JsonObject),
        segment: fieldPointer(mapped, plan.now) as Json,
      },
    }),
  };
}
