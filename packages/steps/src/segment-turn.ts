import { StatebagError } from '@statebag/contracts';
import type { SegmentId } from '@statebag/contracts/ids';
import { EVENTS_PER_TURN } from '@statebag/contracts/limits';
import type { ExecuteSegmentEvent, SegmentTurnEvent } from '@statebag/contracts/schemas/events';
import type { Envelope, StateBag } from '@statebag/contracts/schemas/state-bag';
import { validateSegmentTurnEvent } from '@statebag/contracts/validators';
import { bagStep, type Step, type StepTools } from '@statebag/step-kit';
import { runOfBag } from './actions/on-bag.ts';
import { segmentChange } from './actions/sync.ts';
import { type Outside, placeFacts, segmentResult } from './execute-segment.ts';

/**
 * Runs one segment and merges its result in the same invocation, since nothing stands between the two. What
 * the result points to is stored first, so the merge reads as it does in a function of its own.
 */
export function segmentTurn(outside: Outside): Step<Envelope> {
  return bagStep<SegmentTurnEvent>({
    event: validateSegmentTurnEvent,
    facts: (event) => placeFacts(null, segmentEvent(event)),
    run: runOfBag,
    normalise: (event, tools) => turnChange(event, tools, outside),
  });
}

async function turnChange(event: SegmentTurnEvent, tools: StepTools, outside: Outside) {
  const result = await segmentResult(segmentEvent(event), tools, outside);
  const { state_data, now, retry_count, branch } = event;
  const execution_result = { ...result, retry_count: 0 };
  const action = branch ? 'sync_branch' : 'sync';
  const of = { state_data, now, retry_count, execution_result, ...(branch && { branch }) };
  return segmentChange({ action, ...of }, tools, EVENTS_PER_TURN);
}

type TurnOfBag = Pick<SegmentTurnEvent, 'state_data' | 'now' | 'branch'>;

/** What the segment is given of the bag: control fields, and the state with its pointers. */
export function segmentEvent({ state_data: bag, now, branch }: TurnOfBag): ExecuteSegmentEvent {
  const { schema_version, execution_id, owner_id, workflow_id, definition_id, branch_path } = bag;
  const { loop_counter, resume_count, cursor, start_time } = bag;
  const segment_id = segmentOfBag(bag);
  const max_loop_iterations = branch ? bag.max_branch_iterations : bag.max_loop_iterations;
  const ids = { schema_version, execution_id, owner_id, workflow_id, definition_id, branch_path };
  const place = { segment_id, loop_counter, resume_count, max_loop_iterations, cursor, start_time };
  const { current_state, state_s3_path } = bag;
  return { ...ids, ...place, now, current_state, state_s3_path };
}

/** The segment that a bag waits for. @throws `Contract.EventRejected` where there is none */
export function segmentOfBag({ execution_id, segment_to_run }: StateBag): SegmentId {
  if (segment_to_run !== null) return segment_to_run;
  throw new StatebagError('Contract.EventRejected', `the bag of ${execution_id} has no segment to run`);
}
