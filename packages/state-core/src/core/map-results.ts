import { isJsonObject, type Json } from '@statebag/contracts';
import { SAMPLES } from '@statebag/contracts/limits';
import type { ChunkResult } from '@statebag/contracts/schemas/answer';
import type { ChunkSummary } from '@statebag/contracts/schemas/state-bag';
import { shortened } from './shortened.ts';

/**
 * Results of a map by `execution_order`, then `chunk_id`, then the order they came in; those without an order
 * last.
 */
export function inExecutionOrder(results: readonly ChunkResult[]): ChunkResult[] {
  const placed = results
    .filter((result) => hasOrder(result))
    .sort((left, right) => orderOf(left) - orderOf(right) || byChunkId(left, right));
  return [...placed, ...results.filter((result) => !hasOrder(result))];
}

function hasOrder(result: ChunkResult): boolean {
  return Number.isFinite(orderOf(result));
}

/** 10 comes after 9: an order that was written as text counts as the number it is. */
function orderOf({ execution_order }: ChunkResult): number {
  const order =
    typeof execution_order === 'string' && execution_order !== '' ? Number(execution_order) : execution_order;
  return typeof order === 'number' ? order : Number.NaN;
}

function byChunkId({ chunk_id: left = '' }: ChunkResult, { chunk_id: right = '' }: ChunkResult): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** What one worker returned, as a chunk result: anything that is no object is its output. */
export function asChunkResult(value: Json): ChunkResult {
  // the schema of chunk results is open
  return isJsonObject(value) && !Array.isArray(value)
    ? (value as ChunkResult)
    : { output: { raw_result: value } };
}

export function hasFailed({ status, error }: ChunkResult): boolean {
  return status === undefined ? error !== undefined && error !== null : FAILED.has(status.toUpperCase());
}

const FAILED: ReadonlySet<string> = new Set([
  'FAILED',
  'FAILURE',
  'ERROR',
  'TIMED_OUT',
  'ABORTED',
  'CANCELLED',
]);

/** Counts, and the first ten by order, in texts that cannot grow the bag. */
export function chunkSummary(ordered: readonly ChunkResult[]): ChunkSummary {
  const failed = ordered.filter(hasFailed).length;
  return {
    total: ordered.length,
    succeeded: ordered.length - failed,
    failed,
    chunk_results: ordered.slice(0, SAMPLES.chunkResults).map(briefChunk),
  };
}

function briefChunk(
  { chunk_id, status, s3_path, execution_order }: ChunkResult,
  index: number,
): ChunkSummary['chunk_results'][number] {
  return {
    chunk_id: shortened(String(chunk_id ?? index), 128),
    status: shortened(status ?? 'COMPLETE', 64),
    s3_path: typeof s3_path === 'string' ? shortened(s3_path, 512) : null,
    execution_order: execution_order ?? null,
  };
}
