import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';
import { causeText } from '@statebag/contracts/cause-text';
import { SEGMENT_STATUSES } from '@statebag/contracts/statuses';
import { updateLegacyBag } from './update-legacy-bag.ts';

/** What a turn says about itself only: gone from the bag when the next turn does not say it again. */
const OF_ONE_TURN = ['branches', 'error_info', 'inner_partition_map', 'request'] as const;

/**
 * The bag after a turn of the first generation's own machine. The runner's state is the whole state, so it
 * takes the old one's place,
 * and the turn is counted: `segment_id` is what ran, `segment_to_run` what runs next.
 * @throws `Result.Unroutable`
 */
export function applyLegacyTurn(bag: JsonObject, result: JsonObject): JsonObject {
  const updated = updateLegacyBag(withoutOldTurn(bag), result);
  requireRoute(updated);
  return {
    ...updated,
    ...whyFailed(updated),
    ...(isJsonObject(result['final_state']) && { current_state: result['final_state'] }),
    segment_id: placeOf(bag, result),
    loop_counter: Number(bag['loop_counter'] ?? 0) + 1,
    cursor: result['cursor'] ?? null,
    wait_until: result['wait_until'] ?? null,
  };
}

/** A bag that failed always says why: the machine ends with it. */
function whyFailed({ status, error_info, segment_id = null }: JsonObject): JsonObject {
  if (status !== 'FAILED' && status !== 'LOOP_LIMIT_EXCEEDED') return {};
  const { error, message } = isJsonObject(error_info) ? error_info : {};
  const said =
    typeof error_info === 'string'
      ? error_info
      : `the segment after ${JSON.stringify(segment_id)} ended ${status} and gave no reason`;
  return {
    error_info: {
      node_id: null,
      ...(isJsonObject(error_info) && error_info),
      error: textOr(error, 'Node.Failed'),
      message: causeText(textOr(message, said)),
    },
  };
}

function textOr(value: Json | undefined, otherwise: string): string {
  return typeof value === 'string' ? value : otherwise;
}

function withoutOldTurn(bag: JsonObject): JsonObject {
  return Object.fromEntries(
    Object.entries(bag).filter(([name]) => !OF_ONE_TURN.some((member) => member === name)),
  );
}

/** An aggregator joins the group that ran; it is no segment of its own. */
function placeOf(bag: JsonObject, { segment_type }: JsonObject): Json {
  return (segment_type === 'aggregator' ? bag['segment_id'] : bag['segment_to_run']) ?? null;
}

function requireRoute({ status, segment_to_run }: JsonObject): void {
  if (!SEGMENT_STATUSES.some((known) => known === status))
    throw new StatebagError(
      'Result.Unroutable',
      `the status ${JSON.stringify(status)} is not of the contract`,
    );
  if (status === 'CONTINUE' && (segment_to_run ?? null) === null)
    throw new StatebagError('Result.Unroutable', 'a result says CONTINUE and names no next segment');
}
