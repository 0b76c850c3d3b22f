import { WORKFLOW_LIMITS } from '@statebag/contracts/limits';
import type { S3Uri } from '@statebag/contracts/object-keys';
import type { MapPlan, MapSlice } from '@statebag/contracts/schemas/map';
import type { MapSettings } from '@statebag/workflow';
import type { WrittenItems, WrittenLine } from './write-items.ts';

/** Workers of a map at once: one execution's, and those of executions of their own. */
const INLINE_WORKERS = 40;
const DISTRIBUTED_WORKERS = 100;
/** A worker is worth its start, and one that is lost does not cost much. */
const LEAST_MILLIS = 2_000;
const MOST_MILLIS = 60_000;
const MOST_ITEMS = 1_000;

type Decision = Pick<MapPlan, 'mode' | 'max_items_per_batch' | 'chunks'>;

/**
 * How a map is worked through: in the execution itself where few workers do, else by executions of their own.
 */
export function planChunks(
  { count, lines }: WrittenItems,
  settings: Pick<MapSettings, 'batch' | 'width' | 'expectedMillisPerItem'>,
  uri: S3Uri,
): Decision {
  const inline = settings.batch ?? itemsPerWorker(count, INLINE_WORKERS, settings);
  const isInline = count <= WORKFLOW_LIMITS.inlineMapItems && Math.ceil(count / inline) <= INLINE_WORKERS;
  if (count === 0) return { mode: 'empty', max_items_per_batch: 1, chunks: [] };
  if (isInline) return { mode: 'inline', max_items_per_batch: inline, chunks: slicesOf(lines, inline, uri) };
  return {
    mode: 'distributed',
    max_items_per_batch: settings.batch ?? itemsPerWorker(count, DISTRIBUTED_WORKERS, settings),
    chunks: [],
  };
}

/** Evenly, as long as that is neither too little nor too much work. */
function itemsPerWorker(
  count: number,
  workers: number,
  { width, expectedMillisPerItem }: Pick<MapSettings, 'width' | 'expectedMillisPerItem'>,
): number {
  const within = (millis: number) =>
    Math.max(1, Math.floor((millis * width) / Math.max(1, expectedMillisPerItem)));
  const even = Math.ceil(count / workers);
  return Math.min(
    Math.max(even, within(LEAST_MILLIS)),
    Math.max(within(MOST_MILLIS), workers === INLINE_WORKERS ? even : 1),
    MOST_ITEMS,
  );
}

function slicesOf(lines: readonly WrittenLine[], size: number, uri: S3Uri): MapSlice[] {
  const slices: MapSlice[] = [];
  let offset = 0;
  for (let from = 0; from < lines.length; from += size) {
    const part = lines.slice(from, from + size);
    const bytes = part.reduce((sum, line) => sum + line.bytes, 0);
    slices.push({ execution_order: part[0]?.index ?? 0, count: part.length, s3_path: uri, offset, bytes });
    offset += bytes;
  }
  return slices;
}
