import { isHistoryArchive } from '@statebag/contracts/pointers';
import type { HistoryEntry, StateHistory } from '@statebag/contracts/schemas/history';
import type { HistoryArchive } from '@statebag/contracts/schemas/pointers';
import { byteSizeOf } from './canonical-json.ts';
import { type PlanContext, type PlannedWrite, planWrite, type ValueAddress } from './planned-write.ts';

/**
 * What a block's object holds. Its entries may be pointers to further blocks; `previous` comes before them.
 */
export interface HistoryBlock {
  readonly entries: StateHistory;
  readonly previous: HistoryArchive | null;
}

export interface HistoryPlan {
  readonly history: StateHistory;
  readonly writes: readonly PlannedWrite[];
}

/** Adds what is new, judged by id alone, and archives the oldest once there is too much. */
export function appendHistory(
  history: StateHistory,
  incoming: StateHistory,
  context: PlanContext,
): HistoryPlan {
  const fresh = withoutRepeats(history, incoming);
  return fresh.length === 0 ? { history, writes: [] } : archiveOldest([...history, ...fresh], context);
}

/**
 * Moves the oldest entries into one block where entries or bytes are over their limit, and links the block to
 * its predecessor.
 */
export function archiveOldest(history: StateHistory, context: PlanContext): HistoryPlan {
  const count = archivedCount(history, context.thresholds);
  const [first, ...others] = history.slice(0, count);
  if (first === undefined || (isHistoryArchive(first) && others.length === 0)) return { history, writes: [] };
  const block = isHistoryArchive(first)
    ? { entries: others, previous: first }
    : { entries: [first, ...others], previous: null };
  const write = planWrite(block, 'history', context);
  return { history: [archivePointer(block, write, context), ...history.slice(count)], writes: [write] };
}

function withoutRepeats(history: StateHistory, incoming: StateHistory): StateHistory {
  const seen = new Set(history.map(idOf));
  return incoming.filter((entry) => {
    const id = idOf(entry);
    return seen.has(id) ? false : seen.add(id);
  });
}

function idOf(entry: StateHistory[number]): string {
  return isHistoryArchive(entry) ? entry.s3_path : entry.id;
}

/**
 * How many of the first members leave: up to the last block pointer that is not at the head, and further
 * where there is too much.
 */
function archivedCount(history: StateHistory, limits: PlanContext['thresholds']): number {
  const upToLastBlock = history.findLastIndex(isHistoryArchive) + 1;
  const sizes = history.map((entry) => byteSizeOf(entry) + 1);
  const total = sizes.reduce((sum, size) => sum + size, 1);
  if (total <= limits.inlineHistory && history.length - upToLastBlock <= limits.inlineHistoryEntries)
    return upToLastBlock;
  return Math.max(upToLastBlock, firstKept(sizes, limits.inlineHistoryAfter));
}

function firstKept(sizes: readonly number[], limit: number): number {
  let [kept, index] = [0, sizes.length];
  while (index > 0 && kept + (sizes[index - 1] ?? 0) <= limit) {
    index -= 1;
    kept += sizes[index] ?? 0;
  }
  return index;
}

function archivePointer(block: HistoryBlock, write: ValueAddress, { now }: PlanContext): HistoryArchive {
  return {
    type: 'history_archive',
    s3_path: write.uri,
    entry_count: block.entries.reduce(
      (count, entry) => count + (isHistoryArchive(entry) ? (entry.entry_count ?? 0) : 1),
      0,
    ),
    archived_at: now,
    sha256: write.sha256,
    encoding: write.encoding,
  };
}

/** The entries that stand inline, newest last. */
export function inlineEntries(history: StateHistory): HistoryEntry[] {
  return history.filter((entry): entry is HistoryEntry => !isHistoryArchive(entry));
}
