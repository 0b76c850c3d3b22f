import type { JsonObject } from '@statebag/contracts';
import { ACTION_ANSWERS } from '@statebag/contracts/actions';
import {
  escapeReserved,
  isFieldPointer,
  type ReadFieldPointer,
  wholeStatePointer,
} from '@statebag/contracts/pointers';
import type { AnsweredBy } from '@statebag/contracts/routing';
import type { BranchRecord } from '@statebag/contracts/schemas/branch-record';
import type { FailedSegment } from '@statebag/contracts/schemas/history';
import type { Delta } from '@statebag/contracts/schemas/segment-result';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import { isOfBranch } from './core/branch-record.ts';
import {
  type FirstMerge,
  type FirstResult,
  type MergeInputs,
  type MergePlan,
  mergeFirstResult,
  mergeResult,
  type OpenBag,
} from './core/merge-result.ts';
import { inlineFields, needsFold, pointersToReduce } from './core/merge-state.ts';
import type { NormalisedResult } from './core/normalised-result.ts';
import type { PlanContext } from './core/planned-write.ts';
import { orderOf, orderOfAnswer } from './core/result-order.ts';
import { scatteredFields } from './core/scattered.ts';
import { budgetBefore, measured, type Sealed, seal } from './core/seal.ts';
import type { StateHydrator } from './store/state-hydrator.ts';
import { type Storing, storeAll } from './store/store-all.ts';

/** What a merge works with besides bag and result. */
export interface SyncContext extends PlanContext, Storing {
  readonly hydrator: StateHydrator;
}

/**
 * The one pipeline of all results: fetch what the merge needs (usually nothing), merge and plan, store, seal.
 * A result that was applied before gives the bag back as it is. Nothing is deleted, and everything is stored
 * before it returns.
 */
export async function universalSyncCore(
  baseState: StateBag,
  newResult: NormalisedResult,
  context: SyncContext,
): Promise<Sealed> {
  const plan = await planSync(baseState, newResult, context);
  await storeAll(plan.writes, context);
  return sealPlan(plan);
}

/** The bag after the result, as far as it can be planned before anything is stored. */
export async function planSync(
  bag: StateBag,
  result: NormalisedResult,
  context: PlanContext & Pick<SyncContext, 'hydrator'>,
): Promise<MergePlan> {
  if (ORDER[ACTION_ANSWERS[result.action]](bag, result.result_id) === 'applied')
    return { bag, writes: [], isSealed: true };
  const inputs = await mergeInputs(bag, result, context);
  return mergeResult(bag, result, { inputs, context });
}

/** The same for the first result of a run, whose bag nothing has left yet. */
export async function planFirstSync(
  bag: OpenBag,
  result: FirstResult,
  context: PlanContext & Pick<SyncContext, 'hydrator'>,
): Promise<FirstMerge> {
  const { current_state: fields } = bag;
  const standing = (field: string) => (Object.hasOwn(fields, field) ? fields[field] : undefined);
  const pointers = pointersToReduce(result.delta, standing);
  return mergeFirstResult(bag, result, { fetched: await fetchAll(pointers, context.hydrator), context });
}

/** Closes a planned bag, within the budget of what its next action puts beside it. */
export function sealPlan({ bag, stateBytes, isSealed = false }: MergePlan): Sealed {
  return isSealed ? measured(bag) : seal(bag, budgetBefore(bag.next_action), stateBytes);
}

/** How it is told whether a result is the expected one. */
const ORDER = { segment: orderOf, pause: orderOfAnswer } as const satisfies Record<
  AnsweredBy,
  typeof orderOf
>;

async function mergeInputs(
  bag: StateBag,
  result: NormalisedResult,
  { hydrator, thresholds }: Pick<SyncContext, 'hydrator' | 'thresholds'>,
): Promise<MergeInputs> {
  const operations = await operationsOf(result.delta, hydrator);
  const reduced = reducesUnderIndex(bag, operations) ? await hydrator.standing(bag) : undefined;
  const fields = reduced ?? inlineFields(bag);
  const standingField = (field: string) => (Object.hasOwn(fields, field) ? fields[field] : undefined);
  const fetched = await fetchAll(pointersToReduce(operations, standingField), hydrator);
  const fold = needsFold(bag, operations, {
    limit: thresholds.overlay,
    standing: standingField,
    fetched,
  });
  const standing = fold ? await gathered(reduced ?? (await hydrator.standing(bag)), hydrator) : reduced;
  const failures = await failuresOf(bag, result, hydrator);
  return {
    operations,
    standing,
    fold,
    fetched,
    failures,
    branchRecord: await recordBefore(bag, result, hydrator),
  };
}

/** The same fields, those with their values that are to be written anew beside each other. */
async function gathered(fields: JsonObject, hydrator: StateHydrator): Promise<JsonObject> {
  const names = scatteredFields(fields);
  const values = await hydrator.values(names.map((name) => fields[name] ?? null));
  const read = names.map((name, index) => [name, escapeReserved(values[index] ?? null)]);
  return { ...fields, ...Object.fromEntries(read) };
}

/** What the branch of a bag has left so far. */
async function recordBefore(
  bag: StateBag,
  result: NormalisedResult,
  hydrator: StateHydrator,
): Promise<BranchRecord | null> {
  if (!bag.branch_pointer || !isOfBranch(bag, result)) return null;
  // its hash was checked: it is what planBranchRecord wrote
  return (await hydrator.object(bag.branch_pointer, ['map'])) as unknown as BranchRecord;
}

async function fetchAll(
  pointers: readonly ReadFieldPointer[],
  hydrator: StateHydrator,
): Promise<MergeInputs['fetched']> {
  const values = await hydrator.values(pointers as readonly JsonObject[]); // a pointer is JSON
  const fetched = new Map(pointers.map((pointer, index) => [pointer, values[index]]));
  return (pointer) => {
    const value = fetched.get(pointer);
    if (value !== undefined) return value;
    throw new Error(`${pointer.s3_path} was not fetched before the merge`);
  };
}

function operationsOf(delta: NormalisedResult['delta'], hydrator: StateHydrator): Promise<Delta> | Delta {
  return isFieldPointer(delta) ? hydrator.operations(delta) : delta;
}

/** A field that is to be reduced and does not lie in the overlay can only be found in the index. */
function reducesUnderIndex(bag: StateBag, operations: Delta): boolean {
  const pointer = wholeStatePointer(bag);
  return (
    pointer !== null &&
    operations.some(({ op, field }) => op === 'reduce' && !Object.hasOwn(pointer.overlay ?? {}, field))
  );
}

async function failuresOf(
  bag: StateBag,
  { failures }: NormalisedResult,
  hydrator: StateHydrator,
): Promise<readonly FailedSegment[]> {
  if (failures.length === 0 || bag.failed_segments_s3_path === undefined) return bag.failed_segments ?? [];
  // its hash was checked: it is what planFailures wrote
  return (await hydrator.pointed(bag.failed_segments_s3_path)) as unknown as FailedSegment[];
}
