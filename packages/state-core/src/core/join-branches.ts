import type { BranchRecord } from '@statebag/contracts/schemas/branch-record';
import type { FailedSegment, HistoryEntry, StateHistory, Usage } from '@statebag/contracts/schemas/history';
import type { Delta, DeltaOperation } from '@statebag/contracts/schemas/segment-result';
import { sha256Of } from './canonical-json.ts';
import { addUsage, NO_USAGE } from './usage.ts';

/** What a group comes to: one delta, in branch order. */
export interface Joined {
  readonly delta: Delta;
  readonly history: StateHistory;
  readonly usage: Usage;
  /** Failures of branches the group cannot do without. */
  readonly fatal: readonly FailedSegment[];
  /** Failures of optional branches. */
  readonly tolerated: readonly FailedSegment[];
}

/**
 * Joins branches in branch order, whatever order they finished in. A failed branch changes nothing; it fails
 * the group unless it is optional.
 */
export function joinBranches(
  records: readonly BranchRecord[],
  isOptional: (branchIndex: number) => boolean,
): Joined {
  const inOrder = [...records].sort((left, right) => left.branch_index - right.branch_index);
  const failed = inOrder.filter(({ status }) => status === 'FAILED');
  return {
    delta: inOrder.filter(({ status }) => status !== 'FAILED').flatMap(({ delta }) => delta),
    history: inOrder.flatMap(({ history }) => history),
    usage: inOrder.reduce((sum, { usage }) => addUsage(sum, usage), NO_USAGE),
    fatal: failed.filter(({ branch_index }) => !isOptional(branch_index)).flatMap(({ failures }) => failures),
    tolerated: failed
      .filter(({ branch_index }) => isOptional(branch_index))
      .flatMap(({ failures }) => failures),
  };
}

/** A field that several branches wrote, and the branches, in order: the last one's value stays. */
export interface WriteConflict {
  readonly field: string;
  readonly branches: readonly number[];
}

/**
 * Fields written by several branches where not all of them only reduce: workflow validation finds these, a
 * run notes them.
 */
export function writeConflicts(records: readonly BranchRecord[]): WriteConflict[] {
  const inOrder = [...records]
    .filter(({ status }) => status !== 'FAILED')
    .sort((left, right) => left.branch_index - right.branch_index);
  const writers = new Map<string, { readonly branches: Set<number>; overwrites: boolean }>();
  for (const { branch_index, delta } of inOrder)
    for (const operation of delta) note(writers, branch_index, operation);
  return [...writers]
    .filter(([, { branches, overwrites }]) => overwrites && branches.size > 1)
    .map(([field, { branches }]) => ({ field, branches: [...branches] }));
}

function note(
  writers: Map<string, { readonly branches: Set<number>; overwrites: boolean }>,
  branch: number,
  { field, op }: DeltaOperation,
): void {
  const entry = writers.get(field) ?? { branches: new Set(), overwrites: false };
  entry.branches.add(branch);
  entry.overwrites ||= op !== 'reduce';
  writers.set(field, entry);
}

/** The conflict as a line of the run's history. Its id depends on the place and field alone. */
export function conflictEntry(
  { field, branches }: WriteConflict,
  place: Pick<HistoryEntry, 'segment_id' | 'started_at'> & { readonly key: string },
): HistoryEntry {
  return {
    id: `join-${sha256Of(`${place.key}/${field}`).slice(0, 32)}`,
    segment_id: place.segment_id,
    // a join has no node of its own; both are ids of one grammar
    node_id: place.segment_id as string as HistoryEntry['node_id'],
    type: 'join_conflict',
    status: 'NOTED',
    started_at: place.started_at,
    ended_at: place.started_at,
    attempt: 1,
    summary: `field ${JSON.stringify(field)} was written by branches ${branches.join(', ')}; the value of branch ${branches.at(-1)} stays`,
  };
}
