import { BUDGET } from '@statebag/contracts/limits';
import type { BranchRecord } from '@statebag/contracts/schemas/branch-record';
import type { BranchPointer } from '@statebag/contracts/schemas/pointers';
import type { Delta } from '@statebag/contracts/schemas/segment-result';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import type { NextAction } from '@statebag/contracts/statuses';
import { byteSizeOf } from './canonical-json.ts';
import type { NormalisedResult } from './normalised-result.ts';
import { appendHistory } from './plan-history.ts';
import { combineOperations } from './plan-result.ts';
import { type PlanContext, type PlannedWrite, planWrite } from './planned-write.ts';
import { addUsage, NO_USAGE } from './usage.ts';

/** One more result of a branch. */
export interface BranchStep {
  readonly branch: Pick<BranchPointer, 'branch_id' | 'branch_index'>;
  /** What the branch left before; null for its first result. */
  readonly previous: BranchRecord | null;
  readonly result: NormalisedResult;
  /** The result's operations, also where they came behind a pointer. */
  readonly operations: Delta;
  readonly nextAction: NextAction;
}

/**
 * True where a result is one of a branch: what it changes is also kept for the join of the branch's group.
 */
export function isOfBranch({ branch_path }: StateBag, { action }: NormalisedResult): boolean {
  return action === 'sync_branch' || branch_path !== '';
}

/** What the branch has changed by now, as one object, and the pointer that is all its parent sees of it. */
export function planBranchRecord(
  step: BranchStep,
  context: PlanContext,
): { pointer: BranchPointer; writes: readonly PlannedWrite[] } {
  const { branch, previous, result, operations, nextAction } = step;
  const history = appendHistory(previous?.history ?? [], result.history, context);
  const status = STATUS_AFTER[nextAction] ?? 'CONTINUE';
  const record: BranchRecord = {
    schema_version: 1,
    ...branch,
    status,
    delta: [...combineOperations([...(previous?.delta ?? []), ...operations])],
    history: [...history.history],
    usage: addUsage(previous?.usage ?? NO_USAGE, result.usage),
    failures: [...result.failures, ...(previous?.failures ?? [])],
  };
  const write = planWrite(record, 'map', context);
  return {
    pointer: fitting({ ...branch, status, s3_path: write.uri, sha256: write.sha256 }),
    writes: [...history.writes, write],
  };
}

/**
 * A group of any size must fit beside its bag: an id of many-byte characters gives way to the index. The
 * record keeps it.
 */
function fitting(pointer: BranchPointer): BranchPointer {
  return byteSizeOf(pointer) <= BUDGET.branchPointer
    ? pointer
    : { ...pointer, branch_id: `branch-${pointer.branch_index}` };
}

const STATUS_AFTER: Partial<Record<NextAction, BranchPointer['status']>> = {
  COMPLETE: 'COMPLETE',
  FAILED: 'FAILED',
};
