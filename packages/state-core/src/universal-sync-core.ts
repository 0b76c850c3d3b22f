import {
  type BranchRecord,
  type Delta,
  type FailedSegment,
  HYDRATOR_LIMITS,
  isFieldPointer,
  isStatePointer,
  type Json,
  type ReadFieldPointer,
  type RoutedAction,
  type StateBag,
} from '@statebag/contracts';
import { branchOf } from './core/branch-path.ts';
import { planBranchRecord } from './core/branch-record.ts';
import { type MergeInputs, mergeResult } from './core/merge-result.ts';
import { inlineFields, needsFold, pointersToReduce } from './core/merge-state.ts';
import { nextActionAfter } from './core/next-action.ts';
import type { NormalisedResult } from './core/normalised-result.ts';
import type { PlanContext } from './core/planned-write.ts';
import { orderOf, orderOfAnswer } from './core/result-order.ts';
import { budgetBefore, measured, type Sealed, seal } from './core/seal.ts';
import { eachBounded } from './store/each-bounded.ts';
import type { ObjectStore } from './store/object-store.ts';
import type { StateHydrator } from './store/state-hydrator.ts';
import { storeAll } from './store/store-all.ts';

/** What a merge works with besides bag and result. */
export interface SyncContext extends PlanContext {
  readonly store: ObjectStore;
  readonly hydrator: StateHydrator;
}

/**
 * The one pipeline of all actions: fetch what a reducer needs (usually nothing), merge, plan, store, seal.
 * A result that was applied before gives the bag back as it is. Nothing is deleted, and everything is stored before it returns.
 */
export async function universalSyncCore(baseState: StateBag, newResult: NormalisedResult, context: SyncContext): Promise<Sealed> {
  if (ORDER[newResult.action](baseState, newResult.result_id) === 'applied') return measured(baseState);
  const inputs = await mergeInputs(baseState, newResult, context);
  const result = await keptForJoin(baseState, newResult, { operations: inputs.operations, context });
  const { bag, writes, stateBytes } = mergeResult(baseState, result, { inputs, context });
  await storeAll(writes, context.store);
  return seal(bag, budgetBefore(bag.next_action), stateBytes);
}

/** In the bag of a branch: what the branch has changed by now, as one object, for the join of its group. */
async function keptForJoin(
  bag: StateBag,
  result: NormalisedResult,
  { operations, context }: { operations: Delta; context: SyncContext },
): Promise<NormalisedResult> {
  if (result.action !== 'sync_branch' && bag.branch_path === '') return result;
  const previous = bag.branch_pointer ? ((await context.hydrator.object(bag.branch_pointer)) as unknown as BranchRecord) : null; // its hash was checked
  const events = { historyEvents: bag.history_events + result.events, mostEvents: context.thresholds.continueAsNewEvents };
  const nextAction = nextActionAfter({ ...result, next: result.next_segment_to_run, ...events });
  const { pointer, writes } = planBranchRecord({ branch: result.branch ?? branchOf(bag), previous, result, operations, nextAction }, context);
  return { ...result, lists: { ...result.lists, branch_pointer: pointer }, writes: [...result.writes, ...writes] };
}

/** Which question an action's result answers. */
const ORDER = {
  sync: orderOf,
  sync_branch: orderOf,
  aggregate_branches: orderOfAnswer,
  aggregate_distributed: orderOfAnswer,
  merge_callback: orderOfAnswer,
  merge_async: orderOfAnswer,
} as const satisfies Record<RoutedAction, typeof orderOf>;

async function mergeInputs(bag: StateBag, result: NormalisedResult, { hydrator, thresholds }: SyncContext): Promise<MergeInputs> {
  const operations = await operationsOf(result.delta, hydrator);
  const reduced = reducesUnderIndex(bag, operations) ? await hydrator.standing(bag.current_state) : undefined;
  const fields = reduced ?? inlineFields(bag.current_state);
  const standingField = (field: string) => fields[field];
  const fetched = await fetchAll(pointersToReduce(operations, standingField), hydrator);
  const fold = needsFold(bag.current_state, operations, { limit: thresholds.overlay, standing: standingField, fetched });
  const standing = reduced ?? (fold ? await hydrator.standing(bag.current_state) : undefined);
  return { operations, standing, fold, fetched, failures: await failuresOf(bag, result, hydrator) };
}

async function fetchAll(pointers: readonly ReadFieldPointer[], hydrator: StateHydrator): Promise<MergeInputs['fetched']> {
  const values = await eachBounded(
    pointers,
    HYDRATOR_LIMITS.concurrency,
    async (pointer): Promise<[ReadFieldPointer, Json]> => [pointer, await hydrator.pointed(pointer)],
  );
  const fetched = new Map(values);
  return (pointer) => {
    const value = fetched.get(pointer);
    if (value !== undefined) return value;
    throw new Error(`${pointer.s3_path} was not fetched before the merge`);
  };
}

async function operationsOf(delta: NormalisedResult['delta'], hydrator: StateHydrator): Promise<Delta> {
  return isFieldPointer(delta) ? ((await hydrator.pointed(delta)) as unknown as Delta) : delta; // its hash was checked: it is what planResult wrote
}

/** A field that is to be reduced and does not lie in the overlay can only be found in the index. */
function reducesUnderIndex({ current_state: state }: StateBag, operations: Delta): boolean {
  return isStatePointer(state) && operations.some(({ op, field }) => op === 'reduce' && !Object.hasOwn(state.overlay ?? {}, field));
}

async function failuresOf(bag: StateBag, { failures }: NormalisedResult, hydrator: StateHydrator): Promise<readonly FailedSegment[]> {
  if (failures.length === 0 || bag.failed_segments_s3_path === undefined) return bag.failed_segments ?? [];
  return (await hydrator.pointed(bag.failed_segments_s3_path)) as unknown as FailedSegment[]; // its hash was checked: it is what planFailures wrote
}
