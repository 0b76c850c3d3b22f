import type { ExecutionId, SegmentId } from '@statebag/contracts/ids';
import type { Manifest } from '@statebag/contracts/schemas/manifest';
import type { Envelope, StateBag } from '@statebag/contracts/schemas/state-bag';
import { budgetBefore, seal } from './seal.ts';

/** Where a fork leaves the run that it shares the past with, and as what it goes on. */
export interface Forking {
  /** Before the segment that the fork begins with. */
  readonly envelope: Envelope;
  readonly execution_id: ExecutionId;
  /** Of the definition that the fork goes on with, and its segment. */
  readonly manifest: Manifest;
  readonly segment_to_run: SegmentId;
  readonly machine_arn: string;
}

/**
 * The envelope that a fork begins with: the state, history and clock of the run at that point, under an id
 * and a definition of its own. Pointers stay: a fork reads what the runs before it keep.
 */
export function forkedEnvelope(forking: Forking): Envelope {
  const { execution_id, manifest, segment_to_run, machine_arn } = forking;
  const { state_data, next_action } = forking.envelope;
  const bag: StateBag = {
    ...state_data,
    execution_id,
    idempotency_key: null,
    definition_id: manifest.definition_id,
    segment_to_run,
    total_segments: manifest.total_segments,
    max_loop_iterations: manifest.max_loop_iterations,
    max_branch_iterations: manifest.max_branch_iterations,
    max_concurrency: manifest.max_concurrency,
    resume_count: 0,
    history_events: 0,
  };
  return { ...seal(bag, budgetBefore(next_action)).envelope, machine_arn };
}
