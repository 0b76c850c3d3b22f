import { StatebagError } from '@statebag/contracts';
import type { ResultId } from '@statebag/contracts/schemas/segment-result';
import type { ControlPlane } from '@statebag/contracts/schemas/state-bag';

/** Where a result stands to the bag it came to. */
export type ResultOrder = 'expected' | 'applied';

/**
 * A result is applied only when it answers what the bag waits for. One that was applied before leaves the bag
 * as it is.
 * @throws `Result.OutOfOrder` for anything else.
 */
export function orderOf(bag: ControlPlane, result: ResultId): ResultOrder {
  return place(result, { ...expectedOf(bag), segment_id: bag.segment_to_run });
}

/**
 * The same for an answer or a join: it carries the id of the pause or group it answers, the last result that
 * was applied.
 */
export function orderOfAnswer(bag: ControlPlane, result: ResultId): ResultOrder {
  const expected = expectedOf(bag);
  return place(result, { ...expected, loop_counter: expected.loop_counter - 1, segment_id: bag.segment_id });
}

type Expected = Omit<ResultId, 'segment_id'> & { readonly segment_id: ResultId['segment_id'] | null };

function expectedOf({ execution_id, branch_path, loop_counter }: ControlPlane): Omit<ResultId, 'segment_id'> {
  return { execution_id, branch_path, loop_counter };
}

function place(result: ResultId, expected: Expected): ResultOrder {
  const sameBranch =
    result.execution_id === expected.execution_id && result.branch_path === expected.branch_path;
  if (sameBranch && result.loop_counter < expected.loop_counter) return 'applied';
  if (
    sameBranch &&
    result.loop_counter === expected.loop_counter &&
    result.segment_id === expected.segment_id
  )
    return 'expected';
  throw new StatebagError(
    'Result.OutOfOrder',
    `the bag waits for ${idText(expected)}, the result is ${idText(result)}`,
  );
}

function idText({ execution_id, branch_path, loop_counter, segment_id }: Expected): string {
  return `${execution_id} / ${branch_path || 'root'} / ${loop_counter} / ${segment_id ?? 'nothing'}`;
}
