import { EVENTS_PER_BRANCH, EVENTS_PER_SEGMENT, HYDRATOR_LIMITS } from '@statebag/contracts/limits';
import { isFieldPointer } from '@statebag/contracts/pointers';
import type { AggregateBranchesEvent } from '@statebag/contracts/schemas/actions';
import type { BranchRecord } from '@statebag/contracts/schemas/branch-record';
import type { FailedSegment } from '@statebag/contracts/schemas/history';
import type { BranchPointer } from '@statebag/contracts/schemas/pointers';
import type { Branch } from '@statebag/contracts/schemas/segment-result';
import { validateAggregateBranchesEvent } from '@statebag/contracts/validators';
import { answeredResult } from '@statebag/state-core/core/answered-result';
import { conflictEntry, joinBranches, writeConflicts } from '@statebag/state-core/core/join-branches';
import type { NormalisedResult } from '@statebag/state-core/core/normalised-result';
import { eachBounded } from '@statebag/state-core/store/each-bounded';
import type { StateHydrator } from '@statebag/state-core/store/state-hydrator';
import { bagStep } from '@statebag/step-kit';
import { onBag } from './on-bag.ts';

interface Read {
  readonly records: readonly BranchRecord[];
  readonly group: readonly Branch[];
  /** Branches that were started, where the bag or the group says so. */
  readonly expected: readonly Pick<BranchPointer, 'branch_id' | 'branch_index'>[];
}

/** Joins what the branches of a group left, in branch order. */
export const aggregateBranches = bagStep<AggregateBranchesEvent>({
  ...onBag('aggregate_branches', validateAggregateBranchesEvent),
  async normalise(event, { session: { hydrator }, plan }) {
    const read = await readGroup(event, hydrator);
    return { into: event.state_data, merge: joined(event, read, plan.now) };
  },
});

async function readGroup(
  { branches, group, state_data: { pending_branches = [] } }: AggregateBranchesEvent,
  hydrator: StateHydrator,
): Promise<Read> {
  const left = await listOf<BranchPointer | BranchRecord>(branches, hydrator);
  const started = await listOf<Branch>(group ?? [], hydrator);
  const expected =
    started.length > 0 ? started : await listOf<Read['expected'][number]>(pending_branches, hydrator);
  const records = await eachBounded(left, HYDRATOR_LIMITS.concurrency, (branch) =>
    recordOf(branch, hydrator),
  );
  return { records, group: started, expected };
}

async function listOf<Member>(
  list: readonly Member[] | object,
  hydrator: StateHydrator,
): Promise<readonly Member[]> {
  // the event's schema, or the hash of what we wrote, says so
  return (isFieldPointer(list) ? await hydrator.pointed(list) : list) as readonly Member[];
}

async function recordOf(
  branch: BranchPointer | BranchRecord,
  hydrator: StateHydrator,
): Promise<BranchRecord> {
  // its hash was checked
  return 'delta' in branch ? branch : ((await hydrator.object(branch, ['map'])) as unknown as BranchRecord);
}

function joined(
  event: AggregateBranchesEvent,
  { records, group, expected }: Read,
  now: AggregateBranchesEvent['now'],
): NormalisedResult {
  const { action, state_data } = event;
  const result_id = answeredResult(state_data, ['PARALLEL_GROUP']);
  const optional = new Set(group.filter((branch) => branch.optional).map(({ branch_index }) => branch_index));
  const { delta, history, usage, fatal, tolerated } = joinBranches(records, (index) => optional.has(index));
  const lost = missing(event, { records, expected, optional });
  const place = {
    segment_id: result_id.segment_id,
    started_at: now,
    key: `${result_id.execution_id}/${result_id.branch_path}/${result_id.loop_counter}`,
  };
  return {
    action,
    result_id,
    status: fatal.length + lost.length > 0 ? 'FAILED' : 'CONTINUE',
    delta,
    history: [...history, ...writeConflicts(records).map((conflict) => conflictEntry(conflict, place))],
    next_segment_to_run: state_data.segment_to_run,
    usage,
    failures: [...fatal, ...lost, ...tolerated],
    control: {},
    lists: { pending_branches: [] },
    events: EVENTS_PER_SEGMENT + Math.max(records.length, expected.length) * EVENTS_PER_BRANCH,
    writes: [],
  };
}

interface Presence extends Pick<Read, 'records' | 'expected'> {
  readonly optional: ReadonlySet<number>;
}

/** Branches that left nothing: each fails the group, with the Map's own error where there is one. */
function missing(
  { map_error, state_data }: AggregateBranchesEvent,
  { records, expected, optional }: Presence,
): FailedSegment[] {
  const present = new Set(records.map(({ branch_index }) => branch_index));
  const absent = expected.filter(
    ({ branch_index }) => !present.has(branch_index) && !optional.has(branch_index),
  );
  const failure = {
    segment_id: state_data.segment_id,
    status: 'FAILED',
    error: map_error?.Error ?? 'Node.Failed',
    node_id: null,
  } as const;
  const reasons = absent.map(
    ({ branch_id }) => `branch ${branch_id} left no result${map_error?.Cause ? `: ${map_error.Cause}` : ''}`,
  );
  if (map_error && reasons.length === 0) reasons.push(map_error.Cause ?? 'the group failed');
  return reasons.map((message) => ({ ...failure, branch_path: state_data.branch_path, message }));
}
