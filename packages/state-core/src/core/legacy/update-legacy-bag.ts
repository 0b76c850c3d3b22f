import { isJsonObject, type Json, type JsonObject } from '@statebag/contracts';
import { CONTROL_FIELDS } from '@statebag/contracts/control-fields';
import { isStatePointer } from '@statebag/contracts/pointers';
import { LEGACY_STATUS_SYNONYMS } from '@statebag/contracts/statuses';
import { deepMerge } from './deep-merge.ts';

/**
 * Members of a first-generation result that steer, rather than being the bag's own; what steers in both is a
 * control field.
 */
const RESULT_ONLY: ReadonlySet<string> = new Set([
  'final_state',
  'final_state_s3_path',
  'new_history_logs',
  'next_segment_to_run',
]);

/**
 * A first-generation bag after a result. The result holds the whole state, so it is merged key by key and
 * lists are replaced, never appended to themselves;
 * history is appended as it comes. Whatever else the result holds wins over what the bag had; unknown keys
 * are kept.
 */
export function updateLegacyBag(bag: JsonObject, result: Json): JsonObject {
  if (!isJsonObject(result))
    return result === null
      ? bag
      : { ...bag, current_state: deepMerge(bag['current_state'], { raw_result: result }) };
  return {
    ...bag,
    ...ownMembers(result),
    ...stateAfter(bag, result),
    ...historyAfter(bag, result),
    ...(Object.hasOwn(result, 'next_segment_to_run') && {
      segment_to_run: result['next_segment_to_run'] ?? null,
    }),
    ...(typeof result['status'] === 'string' && { status: currentSpelling(result['status']) }),
  };
}

function ownMembers(result: JsonObject): JsonObject {
  const members = Object.entries(result).filter(
    ([name, value]) => value !== null && value !== undefined && !RESULT_ONLY.has(name) && !CONTROL.has(name),
  );
  return Object.fromEntries(members);
}

const CONTROL: ReadonlySet<string> = new Set(CONTROL_FIELDS);

function stateAfter(bag: JsonObject, { final_state, final_state_s3_path }: JsonObject): JsonObject {
  if (isJsonObject(final_state))
    return {
      current_state: isStatePointer(final_state) ? final_state : deepMerge(bag['current_state'], final_state),
      ...(typeof final_state_s3_path === 'string' && { state_s3_path: final_state_s3_path }),
    };
  if (typeof final_state_s3_path !== 'string' || final_state_s3_path === '') return {};
  return {
    current_state: { __s3_offloaded: true, __s3_path: final_state_s3_path },
    state_s3_path: final_state_s3_path,
  };
}

function historyAfter(bag: JsonObject, { new_history_logs: added }: JsonObject): JsonObject {
  const before = bag['state_history'];
  return Array.isArray(added) && added.length > 0
    ? { state_history: [...(Array.isArray(before) ? before : []), ...added] }
    : {};
}

function currentSpelling(status: string): string {
  // hasOwn said so
  return Object.hasOwn(LEGACY_STATUS_SYNONYMS, status)
    ? LEGACY_STATUS_SYNONYMS[status as keyof typeof LEGACY_STATUS_SYNONYMS]
    : status;
}
