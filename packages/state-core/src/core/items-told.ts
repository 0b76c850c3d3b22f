import { MOST_FAILED_NAMED } from '@statebag/contracts/limits';
import type { Items } from '@statebag/contracts/schemas/history';

/**
 * How the items of a list fared, in the line of the history: how many began and failed, and which failed
 * first.
 */
export function itemsTold(total: number, begun: number, failed: readonly number[]): Items {
  return { total, begun, failed: failed.length, first_failed: failed.slice(0, MOST_FAILED_NAMED) };
}
