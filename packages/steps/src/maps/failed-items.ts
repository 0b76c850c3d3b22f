import type { NodeId } from '@statebag/contracts/ids';
import type { ChunkResult } from '@statebag/contracts/schemas/answer';
import type { FailedSegment } from '@statebag/contracts/schemas/history';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { hasFailed } from '@statebag/state-core/core/map-results';
import { reasonOf } from '@statebag/state-core/core/normalise-map';
import type { Outcome } from './outcomes-in-order.ts';

/** An item without a result, and why. */
export interface FailedItem {
  readonly index: number;
  readonly error: string;
  readonly message: string;
  readonly node_id: NodeId | null;
}

/** Why an item has no result: its own error, or that of the chunk it was in. */
export function failedItem(
  outcome: Exclude<Outcome, { status: 'SUCCEEDED' }>,
  latest: readonly ChunkResult[],
): FailedItem {
  const { index } = outcome;
  if (outcome.status === 'FAILED') return { index, ...outcome.error };
  const lost = latest.findLast((chunk) => hasFailed(chunk) && (chunk.execution_order ?? 0) <= index);
  return {
    index,
    error: 'Node.Failed',
    message: lost ? `its worker failed: ${reasonOf(lost)}` : 'no worker has left a result',
    node_id: null,
  };
}

/**
 * The failures as the bag lists them, each with its place. The first says how many there are: it is what the
 * run is said to have failed with.
 */
export function listedFailures(
  failed: readonly FailedItem[],
  { bag, total, tolerated }: { bag: StateBag; total: number; tolerated: number },
): FailedSegment[] {
  const { segment_id, branch_path } = bag;
  const summary = `${failed.length} of ${total} items failed, ${tolerated} % may; `;
  return failed.map(({ index, error, message, node_id }, place) => ({
    segment_id,
    branch_path,
    status: 'FAILED' as const,
    error,
    node_id,
    message: `${place === 0 ? summary : ''}item ${index}: ${message}`,
  }));
}
