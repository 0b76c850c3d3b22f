import { type JsonObject, StatebagError } from '@statebag/contracts';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { SnapshotRecord } from '@statebag/contracts/schemas/snapshot';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import type { NextAction, SnapshotType } from '@statebag/contracts/statuses';
import { canonicalJson, sha256Of } from './canonical-json.ts';
import type { MergePlan } from './merge-result.ts';
import { planState } from './plan-state.ts';
import { type PlanContext, planWrite } from './planned-write.ts';

/** A snapshot to be stored: the bag that knows it, its record's address, and all writes. */
export interface SnapshotPlan extends MergePlan {
  readonly snapshot_s3_path: S3Uri;
  readonly record: SnapshotRecord;
}

/**
 * Keeps the state by its index: pointers, not copies. An index that lies in the store already is not written
 * again.
 */
export function planSnapshot(
  bag: StateBag,
  { type, standing }: { type: SnapshotType; standing: JsonObject | null },
  context: PlanContext,
): SnapshotPlan {
  const index = standing === null ? null : planWrite(standing, 'blobs', context);
  // without fields of its own the state is behind its index
  const state_s3_path = index?.uri ?? (bag.state_s3_path as S3Uri);
  const { execution_id, loop_counter } = bag;
  const facts = { snapshot_type: type, execution_id, state_s3_path, ...placeToGoOn(bag), loop_counter };
  const record: SnapshotRecord = {
    snapshot_id: sha256Of(canonicalJson(facts)),
    ...facts,
    created_at: context.now,
  };
  const write = planWrite(record, 'snapshots', context);
  const changed = { ...bag, ...PATH_OF[type](write.uri), last_update_time: context.now };
  return { bag: changed, writes: [...(index ? [index] : []), write], snapshot_s3_path: write.uri, record };
}

/**
 * Where a run goes on that is taken back here. A pause is entered anew: what was asked then has been answered
 * since, or not.
 */
function placeToGoOn({
  next_action,
  segment_id,
  segment_to_run,
  cursor,
  state_history,
}: StateBag): Pick<SnapshotRecord, 'segment_to_run' | 'cursor'> {
  if (ONWARDS.has(next_action)) return { segment_to_run, ...(cursor && { cursor }) };
  const last = state_history.at(-1);
  const paused =
    last && 'node_id' in last && last.status === 'PAUSED' && last.segment_id === segment_id
      ? last.node_id
      : undefined;
  return {
    segment_to_run: segment_id,
    ...(paused !== undefined && { cursor: { node_id: paused, item: 0 } }),
  };
}

const ONWARDS: ReadonlySet<NextAction> = new Set(['STARTED', 'CONTINUE', 'CONTINUE_AS_NEW', 'COMPLETE']);

/** Where the bag remembers a snapshot; a manual one is remembered by whoever asked for it. */
const PATH_OF = {
  pre: (path) => ({ pre_snapshot_s3_path: path }),
  post: (path) => ({ post_snapshot_s3_path: path }),
  manual: () => ({}),
} as const satisfies Record<SnapshotType, (path: S3Uri) => Partial<StateBag>>;

/** The bag as it was at a snapshot, one resume later. History and usage are not taken back: they happened. */
export function restoredBag(
  bag: StateBag,
  { record, index, context }: { record: SnapshotRecord; index: JsonObject; context: PlanContext },
): MergePlan {
  if (record.execution_id !== bag.execution_id)
    throw new StatebagError(
      'Pointer.Foreign',
      `the snapshot is of run ${record.execution_id}, the bag of ${bag.execution_id}`,
    );
  const { state, state_s3_path, writes } = planState(index, { ...context, written: new Set(), facts: bag });
  const { failed_segments: _failed, failed_segments_s3_path: _all, ...rest } = bag;
  const goesOn = record.segment_to_run !== null;
  return {
    bag: {
      ...rest,
      current_state: state,
      state_s3_path,
      segment_to_run: record.segment_to_run,
      loop_counter: record.loop_counter,
      resume_count: bag.resume_count + 1,
      cursor: record.cursor ?? null,
      wait_until: null,
      status: goesOn ? 'CONTINUE' : 'COMPLETE',
      next_action: goesOn ? 'CONTINUE' : 'COMPLETE',
      last_update_time: context.now,
    },
    writes,
  };
}
