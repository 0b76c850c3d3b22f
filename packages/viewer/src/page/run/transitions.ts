import { BUDGET } from '@statebag/contracts/limits';
import type { ExecutionTrace } from '@statebag/contracts/schemas/api';
import type { StateTrace } from '@statebag/runs/trace';
import { inOrder } from '../format.ts';

const RUNNERS: ReadonlySet<string> = new Set(['ExecuteSegment', 'ExecuteBranchSegment']);
const BEGINNING = 'InitializeStateBag';

/** Whether a state of the machine is one that runs a segment; the one that a run begins with runs the first. */
export function runsSegment({ state, segment_id }: Pick<StateTrace, 'state' | 'segment_id'>): boolean {
  return RUNNERS.has(state) || (state === BEGINNING && segment_id !== null);
}

/** What left a state and entered the next one. */
export interface Transition {
  readonly state: string;
  readonly event: number;
  readonly execution: string;
  readonly bytes: number;
  readonly at: string;
  readonly segment: string | null;
  /** Address of the bag that it left, where it left one; of the one that the run begins with. */
  readonly sealed: string | null;
}

interface Traced {
  readonly name: string;
  readonly states: readonly (StateTrace | ExecutionTrace['states'][number])[];
}

/** What a run was begun with is no bag yet, and may be as large as the service takes. */
const BEFORE_THE_BAG: ReadonlySet<string> = new Set(['Start', 'StartOrContinue', 'NotifyWorkflowStarted']);

/** The most that a transition carried once there was a bag. */
export function largestOf(transitions: readonly Transition[]): number {
  return transitions.reduce(
    (most, { state, bytes }) => (BEFORE_THE_BAG.has(state) ? most : Math.max(most, bytes)),
    0,
  );
}

/** It had more than the share of the budget from which on a bag is reported. */
export function isNear({ state, bytes }: Transition): boolean {
  return !BEFORE_THE_BAG.has(state) && bytes > BUDGET.bag * BUDGET.warningShare;
}

/** Every transition, in the order of time; first what each execution was begun with. */
export function transitionsOf(executions: readonly Traced[]): Transition[] {
  const all = executions.flatMap(({ name, states }) => [
    ...states.slice(0, 1).map((state) =>
      transitionOf(name, {
        ...state,
        state: 'Start',
        bytes_out: state.bytes_in,
        exited_at: state.entered_at,
        sealed: false,
      }),
    ),
    ...states.flatMap((state, index) =>
      state.bytes_out === null ? [] : [transitionOf(name, state, states[index + 1])],
    ),
  ]);
  return all.sort((left, right) => inOrder(left.at, right.at));
}

type State = Traced['states'][number];

/**
 * The state that a run begins with leaves the bag after the first segment. The bag before it has the address
 * of the event that entered it.
 */
export function begunAt(execution: string, state: State | undefined): string | null {
  return state?.state === BEGINNING && state.segment_id !== null ? `${execution}~${state.event}` : null;
}

function sealedBy(execution: string, { sealed, exit_event }: State): string | null {
  return sealed && exit_event !== null ? `${execution}~${exit_event}` : null;
}

function transitionOf(execution: string, state: State, next?: State): Transition {
  return {
    execution,
    state: state.state,
    event: state.event,
    bytes: state.bytes_out ?? 0,
    at: state.exited_at ?? state.entered_at,
    segment: state.segment_id,
    sealed: sealedBy(execution, state) ?? begunAt(execution, next),
  };
}
