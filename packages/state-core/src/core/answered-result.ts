import { StatebagError } from '@statebag/contracts';
import type { ResultId } from '@statebag/contracts/schemas/segment-result';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import type { NextAction } from '@statebag/contracts/statuses';

/**
 * The id of the pause or group a bag is in: what a join or an answer without an id of its own answers.
 * @throws `Result.OutOfOrder` where the bag waits for no such thing
 */
export function answeredResult(
  { execution_id, branch_path, loop_counter, segment_id, next_action }: StateBag,
  waitingFor: readonly NextAction[],
): ResultId {
  if (segment_id !== null && waitingFor.includes(next_action))
    return { execution_id, branch_path, loop_counter: loop_counter - 1, segment_id };
  throw new StatebagError(
    'Result.OutOfOrder',
    `the bag of ${execution_id} waits for ${next_action}, not for ${waitingFor.join(' or ')}`,
  );
}
