import { type Delta, type FailedSegment, isStatePointer, type Json, type JsonObject, type ReadFieldPointer, type StateBag } from '@statebag/contracts';
import { applyOperations, changeFields, changeOverlay, type FieldChanges, inlineFields } from './merge-state.ts';
import { nextActionAfter } from './next-action.ts';
import type { NormalisedResult } from './normalised-result.ts';
import { appendHistory } from './plan-history.ts';
import { planFailures, planLists } from './plan-lists.ts';
import { planState, type StatePlan } from './plan-state.ts';
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
}

/** The bag after the result, with its next action, and what must be stored for it. */
export interface MergePlan {
  readonly bag: StateBag;
  readonly writes: readonly PlannedWrite[];
  /** What `current_state` takes, where planning measured it: sealing need not do it again. */
  readonly stateBytes?: number | undefined;
}

/** Merges a result into a bag and plans what leaves it. Nothing it does not change is copied or measured beyond what stands inline. */
export function mergeResult(bag: StateBag, result: NormalisedResult, { inputs, context }: { inputs: MergeInputs; context: PlanContext }): MergePlan {
  const state = mergedState(bag, inputs, context);
  const history = appendHistory(bag.state_history, result.history, context);
  const lists = planLists(result.lists, context);
  const failures = planFailures(inputs.failures, result.failures, context);
  const control = controlAfter(bag, result, context);
  return {
    bag: {
      ...bag,
      ...control,
      ...lists.standing,
      ...failures.standing,
      current_state: state.state,
      state_s3_path: isStatePointer(state.state) ? state.state.__s3_path : null,
      state_history: history.history,
      usage: addUsage(bag.usage, result.usage),
    },
    stateBytes: state.bytes,
    writes: [...result.writes, ...state.writes, ...history.writes, ...lists.writes, ...failures.writes],
  };
}

function mergedState(bag: StateBag, inputs: MergeInputs, context: PlanContext): StatePlan {
  const { current_state: state } = bag;
  const changes = applyOperations(inputs.operations, { standing: (field) => standingField(state, inputs.standing, field), fetched: inputs.fetched });
  if (changes.size === 0) return { state, writes: [] };
  if (isStatePointer(state) && !inputs.fold) return { state: changeOverlay(state, changes), writes: [] };
  return planState(changeFields(inputs.standing ?? (isStatePointer(state) ? {} : state), changes), { ...context, written: writtenBy(changes), facts: bag });
}

function writtenBy(changes: FieldChanges): ReadonlySet<string> {
  return new Set(changes.keys());
}

function standingField(state: StateBag['current_state'], standing: JsonObject | undefined, field: string): Json | undefined {
  const fields = standing ?? inlineFields(state);
  return Object.hasOwn(fields, field) ? fields[field] : undefined;
}

type ControlAfter = Pick<
  StateBag,
  'segment_id' | 'segment_to_run' | 'loop_counter' | 'status' | 'next_action' | 'cursor' | 'wait_until' | 'history_events' | 'last_update_time'
>;

function controlAfter(bag: StateBag, result: NormalisedResult, { now, thresholds }: PlanContext): ControlAfter {
  const history_events = bag.history_events + result.events;
  const { action, status, next_segment_to_run: next } = result;
  const next_action = nextActionAfter({ action, status, next, historyEvents: history_events, mostEvents: thresholds.continueAsNewEvents });
  return {
    cursor: null,
    wait_until: null,
    ...result.control,
    segment_id: result.result_id.segment_id,
    segment_to_run: next,
    loop_counter: bag.loop_counter + 1,
    status,
    history_events: next_action === 'CONTINUE_AS_NEW' ? 0 : history_events, // the execution that goes on begins to count anew
    last_update_time: now,
    next_action,
  };
}
