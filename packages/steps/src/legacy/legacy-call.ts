import { isJsonObject, type Json, type JsonObject, type Timestamp } from '@statebag/contracts';
import type { BranchPath, ExecutionId, OwnerId } from '@statebag/contracts/ids';
import type { KeptState } from '@statebag/contracts/pointers';
import type { LegacyExecuteSegmentEvent } from '@statebag/contracts/schemas/legacy-events';
import { legacyIds, legacyStateOf, openLegacyBag } from '@statebag/state-core/legacy';
import type { SegmentRun } from '@statebag/workflow';
import { enteredAt } from './legacy-bag-step.ts';

/** What a first-generation event asks for, whichever of its shapes it has. */
export interface LegacyCall {
  readonly owner_id: OwnerId;
  readonly execution_id: ExecutionId;
  /** Everything the event holds: the bag's members, and over them what stands beside the bag. */
  readonly members: JsonObject;
  readonly state: KeptState;
  /** The segment to run: its id, or its number in the partition map. */
  readonly place: string | number | null;
  readonly isAggregator: boolean;
  readonly run: SegmentRun;
}

/**
 * One event as one call: the bag inside `state_data` or laid open, compressed or not. @throws
 * `Contract.EventRejected` where it is nobody's
 */
export function legacyCall(event: LegacyExecuteSegmentEvent): LegacyCall {
  const { state_data = {}, ...beside } = event as JsonObject & LegacyExecuteSegmentEvent; // an event is JSON
  const members = openLegacyBag({ ...openLegacyBag(state_data), ...(beside as JsonObject) }); // as above
  const ids = legacyIds(members);
  return {
    ...ids,
    members,
    state: legacyStateOf(members),
    place: placeOf(members),
    isAggregator: typeOf(members) === 'aggregator',
    run: { ...runOf(members, ids.execution_id), now: enteredAt(event) },
  };
}

/** A bag whose `segment_to_run` is null has nothing left to run: its `segment_id` is what ran last. */
function placeOf({ segment_to_run, segment_id = null }: JsonObject): LegacyCall['place'] {
  const place = segment_to_run === undefined ? segment_id : segment_to_run;
  return typeof place === 'number' || typeof place === 'string' ? place : null;
}

/** What the event says; what only the bag says is of the segment before. */
function typeOf({ segment_config, parallel_results, segment_type }: JsonObject): Json {
  if (parallel_results !== undefined) return segment_type ?? 'aggregator';
  return isJsonObject(segment_config)
    ? (segment_config['segment_type'] ?? segment_config['type'] ?? null)
    : null;
}

function runOf(members: JsonObject, execution_id: ExecutionId): Omit<SegmentRun, 'now'> {
  const { branch_path, loop_counter, resume_count, max_loop_iterations, cursor, start_time } = members;
  return {
    execution_id,
    // a bag of ours has one of the grammar; it is part of a hash only
    branch_path: (typeof branch_path === 'string' ? branch_path : '') as BranchPath,
    loop_counter: numberOf(loop_counter, 0),
    resume_count: numberOf(resume_count, 0),
    ...(typeof max_loop_iterations === 'number' && { max_loop_iterations }),
    // a bag of ours holds what the runner returned
    cursor: (isJsonObject(cursor) ? cursor : null) as SegmentRun['cursor'],
    start_time: (typeof start_time === 'string' ? start_time : EPOCH) as Timestamp, // likewise
  };
}

const EPOCH = '1970-01-01T00:00:00.000Z';

function numberOf(value: Json | undefined, fallback: number): number {
  return typeof value === 'number' ? value : fallback;
}
