import type { Json, JsonObject } from '@statebag/contracts';
import { type ReadFieldPointer, wholeStatePointer } from '@statebag/contracts/pointers';
import type { BranchRecord } from '@statebag/contracts/schemas/branch-record';
import type { FailedSegment } from '@statebag/contracts/schemas/history';
import type { Delta } from '@statebag/contracts/schemas/segment-result';
import type { FirstState, StateBag } from '@statebag/contracts/schemas/state-bag';
import { branchOf } from './branch-path.ts';
import { isOfBranch, planBranchRecord } from './branch-record.ts';
import {
  applyOperations,
  changeFields,
  changeOverlay,
  type FieldChanges,
  inlineFields,
} from './merge-state.ts';
import { nextActionAfter } from './next-action.ts';
import type { BagLists, NormalisedResult } from './normalised-result.ts';
import { appendHistory } from './plan-history.ts';
import { planFailures, planLists } from './plan-lists.ts';
import { planState, planStatePair, type StatePlan } from './plan-state.ts';
import type { PlanContext, PlannedWrite } from './planned-write.ts';
import { addUsage } from './usage.ts';

/** What was fetched for a merge because the bag alone does not tell it; usually nothing. */
export interface MergeInputs {
  /** The operations, also where they came behind a pointer. */
  readonly operations: Delta;
  /** All fields as they stand, where the index had to be read. */
  readonly standing: JsonObject | undefined;
  /** The overlay has grown too large: index and overlay become one again. */
  readonly fold: boolean;
  readonly fetched: (pointer: ReadFieldPointer) => Json;
  /** All failures so far, where only their first five are in the bag. */
  readonly failures: readonly FailedSegment[];
  /** What the branch has left before, in the bag of a branch that left something. */
  readonly branchRecord: BranchRecord | null;
}

/** The bag after the result, with its next action, and what must be stored for it. */
export interface MergePlan {
  readonly bag: StateBag;
  readonly writes: readonly PlannedWrite[];
  /** What `current_state` takes, where planning measured it: sealing need not do it again. */
  readonly stateBytes?: number | undefined;
  /** The result was applied before: the bag is as it was sealed then. */
  readonly isSealed?: boolean;
}

/**
 * Merges a result into a bag and plans what leaves it. Nothing it does not change is copied or measured
 * beyond what stands inline.
 */
export function mergeResult(
  bag: StateBag,
  result: NormalisedResult,
  { inputs, context }: { inputs: MergeInputs; context: PlanContext },
): MergePlan {
  return withState(bag, result, { inputs, context, state: mergedState(bag, inputs, context) });
}

/** A bag whose fields are all inline, however large: nothing of it was stored, and it cannot travel. */
export interface OpenBag extends StateBag {
  readonly current_state: JsonObject;
}

/** A result with its operations at hand. */
export interface FirstResult extends NormalisedResult {
  readonly delta: Delta;
}

/** A merge into the first bag, and the state that the bag had before. */
export interface FirstMerge extends MergePlan {
  readonly first_state: FirstState;
}

/** Merges the first result into a bag that nothing has left yet: what is stored for both is planned at once. */
export function mergeFirstResult(
  bag: OpenBag,
  result: FirstResult,
  { fetched, context }: { fetched: MergeInputs['fetched']; context: PlanContext },
): FirstMerge {
  const { delta: operations } = result;
  const { current_state: fields } = bag;
  const changes = applyOperations(operations, {
    standing: (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined),
    fetched,
  });
  const { before, after } = planStatePair(fields, changeFields(fields, changes), {
    ...context,
    written: writtenBy(changes),
    facts: bag,
  });
  const inputs = { operations, fetched, standing: undefined, fold: false, failures: [], branchRecord: null };
  const plan = withState(bag, result, { inputs, context, state: after });
  return { ...plan, first_state: { current_state: before.state, state_s3_path: before.state_s3_path } };
}

interface Merging {
  readonly inputs: MergeInputs;
  readonly context: PlanContext;
  readonly state: StatePlan;
}

/** The bag after the result, around a state that is planned already. */
function withState(bag: StateBag, result: NormalisedResult, { inputs, context, state }: Merging): MergePlan {
  const history = appendHistory(bag.state_history, result.history, context);
  const failures = planFailures(inputs.failures, result.failures, context);
  const control = controlAfter(bag, result, context);
  const left = leftForJoin(bag, result, { inputs, nextAction: control.next_action, context });
  const lists = planLists({ ...result.lists, ...left.lists }, context);
  return {
    bag: {
      ...bag,
      ...control,
      ...lists.standing,
      ...failures.standing,
      current_state: state.state,
      state_s3_path: state.state_s3_path,
      state_history: history.history,
      usage: addUsage(bag.usage, result.usage),
    },
    stateBytes: state.bytes,
    writes: [
      ...result.writes,
      ...left.writes,
      ...state.writes,
      ...history.writes,
      ...lists.writes,
      ...failures.writes,
    ],
  };
}

interface Leaving {
  readonly inputs: MergeInputs;
  readonly nextAction: StateBag['next_action'];
  readonly context: PlanContext;
}

/** In the bag of a branch: what the branch has changed by now, as one object, for the join of its group. */
function leftForJoin(
  bag: StateBag,
  result: NormalisedResult,
  { inputs: { branchRecord, operations }, nextAction, context }: Leaving,
): { readonly lists: BagLists; readonly writes: readonly PlannedWrite[] } {
  if (!isOfBranch(bag, result)) return { lists: {}, writes: [] };
  const { pointer, writes } = planBranchRecord(
    { branch: result.branch ?? branchOf(bag), previous: branchRecord, result, operations, nextAction },
    context,
  );
  return { lists: { branch_pointer: pointer }, writes };
}

function mergedState(bag: StateBag, inputs: MergeInputs, context: PlanContext): StatePlan {
  const { current_state: state, state_s3_path } = bag;
  const fields = inputs.standing ?? inlineFields(bag);
  const changes = applyOperations(inputs.operations, {
    standing: (field) => (Object.hasOwn(fields, field) ? fields[field] : undefined),
    fetched: inputs.fetched,
  });
  if (changes.size === 0) return { state, state_s3_path, writes: [] };
  const pointer = wholeStatePointer(bag);
  if (pointer && !inputs.fold) return { state: changeOverlay(pointer, changes), state_s3_path, writes: [] };
  return planState(changeFields(fields, changes), {
    ...context,
    written: writtenBy(changes),
    facts: bag,
  });
}

function writtenBy(changes: FieldChanges): ReadonlySet<string> {
  return new Set(changes.keys());
}

type ControlAfter = Pick<
  StateBag,
  | 'segment_id'
  | 'segment_to_run'
  | 'loop_counter'
  | 'status'
  | 'next_action'
  | 'cursor'
  | 'wait_until'
  | 'history_events'
  | 'max_concurrency'
  | 'last_update_time'
>;

function controlAfter(
  bag: StateBag,
  result: NormalisedResult,
  { now, thresholds }: PlanContext,
): ControlAfter {
  const history_events = bag.history_events + result.events;
  const { action, status, next_segment_to_run: next } = result;
  const next_action = nextActionAfter({
    action,
    status,
    next,
    historyEvents: history_events,
    mostEvents: thresholds.continueAsNewEvents,
  });
  return {
    cursor: null,
    wait_until: null,
    ...result.control,
    segment_id: result.result_id.segment_id,
    segment_to_run: next,
    loop_counter: bag.loop_counter + 1,
    status,
    // the execution that goes on begins to count anew
    history_events: next_action === 'CONTINUE_AS_NEW' ? 0 : history_events,
    max_concurrency: Math.min(bag.max_concurrency, thresholds.functionsAtOnce),
    last_update_time: now,
    next_action,
  };
}
