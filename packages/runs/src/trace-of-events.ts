import type { HistoryEvent } from '@aws-sdk/client-sfn';
import {
  BEGINNING,
  hasMerged,
  hasRunFirst,
  leavesSealedBag,
  SEGMENT_RUNNERS,
} from './history/loop-states.ts';

/** An attempt of a state that failed. */
export interface FailedTry {
  /** ISO time. */
  readonly at: string;
  readonly error: string;
  /** The beginning of it. */
  readonly cause: string;
}

/** A state that was entered, without what it took and gave. */
export interface StateTrace {
  /** Number of the event that entered it; with the execution it names the state. */
  readonly event: number;
  readonly state: string;
  /** Task, Choice, Wait, Map, Parallel, Pass, Succeed, Fail. */
  readonly kind: string;
  readonly entered_at: string;
  readonly exited_at: string | null;
  readonly exit_event: number | null;
  /** UTF-8 bytes of what entered and what left. */
  readonly bytes_in: number;
  readonly bytes_out: number | null;
  /** Of a state of the loop: the segment it ran, or whose result it took. */
  readonly segment_id: string | null;
  /** It left a newly sealed bag. */
  readonly sealed: boolean;
  readonly failures: readonly FailedTry[];
  /** Executions it started. */
  readonly children: readonly string[];
}

/** How an execution ended, as its own last event says it. */
export interface TraceEnd {
  readonly status: 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'ABORTED';
  readonly at: string;
  readonly error: string | null;
  readonly cause: string | null;
}

export interface Trace {
  readonly events: number;
  readonly states: readonly StateTrace[];
  readonly end: TraceEnd | null;
}

type Growing = { -readonly [Key in keyof StateTrace]: StateTrace[Key] };

const CAUSE_LENGTH = 1_024;

/**
 * What an execution did, of any state machine, read from its events, oldest first. Nothing of Node.js is
 * used, so a page can read a history from a file.
 */
export function traceOfEvents(events: readonly HistoryEvent[]): Trace {
  const states: Growing[] = [];
  const byEvent = new Map<number, Growing>();
  const open = new Map<string, Growing[]>();
  let end: TraceEnd | null = null;
  for (const event of events) {
    const before = byEvent.get(event.previousEventId ?? 0);
    const state = event.stateEnteredEventDetails ? entered(event) : before;
    if (event.stateEnteredEventDetails && state) {
      states.push(state);
      open.set(state.state, [...(open.get(state.state) ?? []), state]);
    }
    const left = event.stateExitedEventDetails ? exited(event, { open, before }) : undefined;
    const current = left ?? state;
    if (current) {
      note(event, current);
      if (event.id !== undefined) byEvent.set(event.id, current);
    }
    end = endOf(event) ?? end;
  }
  return { events: events.length, states, end };
}

function entered(event: HistoryEvent): Growing {
  const { name = '', input = '' } = event.stateEnteredEventDetails ?? {};
  return {
    event: event.id ?? 0,
    state: name,
    kind: String(event.type).replace(/StateEntered$/, ''),
    entered_at: timeOf(event),
    exited_at: null,
    exit_event: null,
    bytes_in: bytesOf(input),
    bytes_out: null,
    segment_id: SEGMENT_RUNNERS.has(name) ? segmentIn(input) : null,
    sealed: false,
    failures: [],
    children: [],
  };
}

interface Left {
  readonly open: Map<string, Growing[]>;
  readonly before: Growing | undefined;
}

/** States of iterations run side by side: the events before lead to the right one, else it is the latest. */
function exited(event: HistoryEvent, { open, before }: Left): Growing | undefined {
  const { name = '', output = '' } = event.stateExitedEventDetails ?? {};
  const waiting = open.get(name) ?? [];
  const state = before?.state === name && before.exited_at === null ? before : waiting.at(-1);
  if (!state) return undefined;
  open.set(
    name,
    waiting.filter((each) => each !== state),
  );
  state.exited_at = timeOf(event);
  state.exit_event = event.id ?? 0;
  state.bytes_out = bytesOf(output);
  state.sealed = leavesSealedBag(name, output);
  if (state.sealed) state.segment_id = isFailedFirst(name, output) ? segmentIn(output) : appliedIn(output);
  return state;
}

/** The first segment of a run has failed for good; its bag still waits for it. */
function isFailedFirst(name: string, output: string): boolean {
  return name === BEGINNING && hasRunFirst(output) && !hasMerged(output);
}

function note(event: HistoryEvent, state: Growing): void {
  const failure = failureOf(event);
  if (failure) state.failures = [...state.failures, failure];
  if (event.taskSubmittedEventDetails?.resourceType !== 'states') return;
  const { ExecutionArn }: { ExecutionArn?: string } = JSON.parse(
    event.taskSubmittedEventDetails.output ?? '{}',
  );
  if (ExecutionArn !== undefined) state.children = [...state.children, ExecutionArn];
}

const ATTEMPTS_END: ReadonlySet<string> = new Set([
  'TaskFailed',
  'TaskTimedOut',
  'TaskStartFailed',
  'TaskSubmitFailed',
  'LambdaFunctionFailed',
  'LambdaFunctionTimedOut',
  'ActivityFailed',
  'ActivityTimedOut',
]);

function failureOf(event: HistoryEvent): FailedTry | undefined {
  if (!ATTEMPTS_END.has(String(event.type))) return undefined;
  const { error = String(event.type), cause = '' } = failedDetails(event);
  return { at: timeOf(event), error, cause: cause.slice(0, CAUSE_LENGTH) };
}

/** Of an event that says a failure: the member named after its type has it. */
function failedDetails(event: HistoryEvent): { error?: string; cause?: string } {
  const found = Object.entries(event).find(
    ([name, value]) => /(Failed|TimedOut|Aborted)EventDetails$/.test(name) && value !== undefined,
  );
  return found?.[1] ?? {};
}

const ENDS: Readonly<Record<string, TraceEnd['status']>> = {
  ExecutionSucceeded: 'SUCCEEDED',
  ExecutionFailed: 'FAILED',
  ExecutionTimedOut: 'TIMED_OUT',
  ExecutionAborted: 'ABORTED',
};

function endOf(event: HistoryEvent): TraceEnd | undefined {
  const status = ENDS[String(event.type)];
  if (status === undefined) return undefined;
  const { error = null, cause = null } = failedDetails(event);
  return { status, at: timeOf(event), error, cause };
}

const encoder = new TextEncoder();

function bytesOf(text: string): number {
  return encoder.encode(text).length;
}

function timeOf({ timestamp }: HistoryEvent): string {
  return (timestamp ?? new Date(0)).toISOString();
}

interface Carried {
  readonly state_data?: { readonly segment_to_run?: string | null; readonly segment_id?: string | null };
}

function segmentIn(text: string): string | null {
  return carriedIn(text)?.segment_to_run ?? null;
}

/** The segment whose result a bag applied last. */
function appliedIn(text: string): string | null {
  return carriedIn(text)?.segment_id ?? null;
}

/** A machine of somebody else may have states of these names, which carry what they like. */
function carriedIn(text: string): Carried['state_data'] {
  const carried: Carried | null = /^\s*\{/.test(text) ? JSON.parse(text) : null;
  return typeof carried?.state_data === 'object' && carried.state_data !== null
    ? carried.state_data
    : undefined;
}
