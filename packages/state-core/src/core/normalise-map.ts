import { isJsonObject, type Json } from '@statebag/contracts';
import { EVENTS_PER_SEGMENT } from '@statebag/contracts/limits';
import type { ChunkResult } from '@statebag/contracts/schemas/answer';
import type { FailedSegment } from '@statebag/contracts/schemas/history';
import type { ChunkSummary, StateBag } from '@statebag/contracts/schemas/state-bag';
import type { SegmentStatus } from '@statebag/contracts/statuses';
import { answeredResult } from './answered-result.ts';
import { chunkSummary, hasFailed } from './map-results.ts';
import type { NormalisedResult } from './normalised-result.ts';
import { NO_USAGE } from './usage.ts';

/** An error as a Catch of Step Functions gives it. */
export type MapError = { readonly Error: string; readonly Cause?: string | undefined };

/** What came of a map, and what a caller adds to it. */
export interface MapTaken
  extends Partial<Pick<NormalisedResult, 'history' | 'usage' | 'control' | 'lists' | 'writes' | 'delta'>> {
  readonly bag: StateBag;
  /** In execution order. */
  readonly ordered: readonly ChunkResult[];
  readonly status: SegmentStatus;
  readonly failures: readonly FailedSegment[];
  /** Counts of items, where a result stands for several. */
  readonly counts?: Pick<ChunkSummary, 'total' | 'succeeded' | 'failed'>;
}

/** The results of a map as the core merges them: a summary into the bag, the outputs into their field. */
export function normaliseMap({
  bag,
  ordered,
  status,
  failures,
  counts,
  control,
  lists,
  ...added
}: MapTaken): NormalisedResult {
  const summary = { ...chunkSummary(ordered), ...counts };
  return {
    action: 'aggregate_distributed',
    result_id: answeredResult(bag, ['MAP_REDUCE', 'BATCHED']),
    status,
    failures,
    delta: [],
    history: [],
    usage: NO_USAGE,
    writes: [],
    ...added,
    next_segment_to_run: bag.segment_to_run,
    control: { batch_count_actual: Math.max(1, ordered.length), ...control },
    lists: { distributed_chunk_summary: summary, chunk_count: ordered.length, ...lists },
    events: EVENTS_PER_SEGMENT,
  };
}

/** What decides how a map ends. */
interface MapEnd {
  readonly error: MapError | null;
  readonly total: number;
  readonly failed: number;
  /** So many of a hundred may fail. */
  readonly toleratedPercentage: number;
}

/**
 * Nothing to do is done; nothing that worked is a failure, and so is more failing than may; anything between
 * goes on, with the failures listed.
 */
export function mapStatus({ error, total, failed, toleratedPercentage }: MapEnd): SegmentStatus {
  if (error) return 'FAILED';
  if (total === 0) return 'COMPLETE';
  return failed === total || failed * 100 > toleratedPercentage * total ? 'FAILED' : 'CONTINUE';
}

/**
 * The failures of a map: that of the map itself first, then those of its results. One that failed has at
 * least one.
 */
export function mapFailures(
  bag: StateBag,
  results: readonly ChunkResult[],
  { error, status }: { error: MapError | null; status: SegmentStatus },
) {
  const failure = (name: string, message: string): FailedSegment => ({
    ...placeOf(bag),
    status: 'FAILED',
    error: name,
    message,
    node_id: null,
  });
  const failed = results
    .filter(hasFailed)
    .map((result, index) => failure('Node.Failed', `item ${result.chunk_id ?? index}: ${reasonOf(result)}`));
  const whole = error ? [failure(error.Error, error.Cause ?? 'the map failed')] : [];
  return status === 'FAILED' && whole.length + failed.length === 0
    ? [failure('Node.Failed', 'the map failed')]
    : [...whole, ...failed];
}

function placeOf({ segment_id, branch_path }: StateBag): Pick<FailedSegment, 'segment_id' | 'branch_path'> {
  return { segment_id, branch_path };
}

/** Why a result failed, in words. */
export function reasonOf({ error, status }: ChunkResult): string {
  if (error === undefined) return String(status);
  if (typeof error === 'string') return error;
  return isJsonObject(error) && typeof error['error'] === 'string'
    ? [error['error'], textOf(error['message'])].filter(Boolean).join(': ')
    : JSON.stringify(error);
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : '';
}
