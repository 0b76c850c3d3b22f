import type { RoutedAction } from '@statebag/contracts/actions';
import type { SegmentId } from '@statebag/contracts/ids';
import type { FailedSegment, StateHistory, Usage } from '@statebag/contracts/schemas/history';
import type { BranchPointer, FieldPointer } from '@statebag/contracts/schemas/pointers';
import type { Delta, ResultId } from '@statebag/contracts/schemas/segment-result';
import type { ControlPlane, StateBag } from '@statebag/contracts/schemas/state-bag';
import type { SegmentStatus } from '@statebag/contracts/statuses';
import type { PlannedWrite } from './planned-write.ts';

/** Bag fields beside the state that a result may set. */
export type BagLists = Partial<
  Pick<
    StateBag,
    | 'pending_branches'
    | 'branch_pointer'
    | 'distributed_chunk_summary'
    | 'distributed_outputs'
    | 'chunk_count'
    | 'last_hitp_response'
    | 'scheduling_summary'
  >
>;

/** What every action's event becomes before it meets the bag: one typed change. */
export interface NormalisedResult {
  readonly action: RoutedAction;
  readonly result_id: ResultId;
  readonly status: SegmentStatus;
  readonly delta: Delta | FieldPointer;
  readonly history: StateHistory;
  readonly next_segment_to_run: SegmentId | null;
  readonly usage: Usage;
  /** Failures of this result, the one that decides first. */
  readonly failures: readonly FailedSegment[];
  readonly control: Partial<
    Pick<ControlPlane, 'cursor' | 'wait_until' | 'batch_count_actual' | 'distributed_strategy'>
  >;
  readonly lists: BagLists;
  /** Events that the execution's history grew by for this result. */
  readonly events: number;
  /** In the bag of a branch: how its group calls it, where the event says so. */
  readonly branch?: Pick<BranchPointer, 'branch_id' | 'branch_index'>;
  /** Objects the result itself needs, besides what the bag moves out. */
  readonly writes: readonly PlannedWrite[];
}
