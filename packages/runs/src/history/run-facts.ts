import type { HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { readHistory } from './execution-history.ts';
import { BEGINNING, hasMerged, hasRunFirst, leavesSealedBag, SEGMENT_RUNNERS } from './loop-states.ts';

/** A segment as the execution history saw it. */
export interface SegmentFact {
  readonly segmentId: string;
  readonly startedAt: number;
  readonly endedAt?: number;
  readonly status?: string;
}

/** What can be read off an execution's history alone, on AWS and locally alike. */
export interface RunFacts {
  readonly historyEvents: number;
  /** States entered. */
  readonly transitions: number;
  readonly maxTransition: { readonly bytes: number; readonly state: string };
  readonly segments: readonly SegmentFact[];
  readonly lambdaInvocations: number;
  /** Tasks entered and tasks scheduled: what was scheduled more often than entered was tried again. */
  readonly tasksEntered: number;
  readonly tasksScheduled: number;
  /** Executions it started: branches and continuations. */
  readonly children: readonly string[];
  /** The sealed bag after the last applied result, as JSON text of `{ state_data, next_action }`. */
  readonly lastEnvelope?: string;
}

export const NO_FACTS: RunFacts = {
  historyEvents: 0,
  transitions: 0,
  maxTransition: { bytes: 0, state: '' },
  segments: [],
  lambdaInvocations: 0,
  tasksEntered: 0,
  tasksScheduled: 0,
  children: [],
};

/** True for the event that carries a newly sealed bag. */
export function isBagWritten({ stateExitedEventDetails }: HistoryEvent): boolean {
  const { name = '', output } = stateExitedEventDetails ?? {};
  return leavesSealedBag(name, output);
}

/** The facts after one more event. Events come in the order of their ids. */
export function withEvent(facts: RunFacts, event: HistoryEvent): RunFacts {
  const counted = { ...facts, historyEvents: facts.historyEvents + 1 };
  if (event.stateEnteredEventDetails) return entered(counted, event);
  if (event.stateExitedEventDetails) return exited(counted, event);
  if (event.taskScheduledEventDetails)
    return scheduled(counted, event.taskScheduledEventDetails.resourceType);
  if (event.taskSubmittedEventDetails?.resourceType === 'states')
    return { ...counted, children: [...counted.children, childArn(event.taskSubmittedEventDetails.output)] };
  return counted;
}

/** How often a task was tried again. */
export function retriesOf({ tasksEntered, tasksScheduled }: RunFacts): number {
  return Math.max(0, tasksScheduled - tasksEntered);
}

function scheduled(facts: RunFacts, resourceType: string | undefined): RunFacts {
  const isLambda = resourceType === 'lambda';
  return {
    ...facts,
    tasksScheduled: facts.tasksScheduled + 1,
    lambdaInvocations: facts.lambdaInvocations + (isLambda ? 1 : 0),
  };
}

function entered(facts: RunFacts, event: HistoryEvent): RunFacts {
  const { name = '', input = '' } = event.stateEnteredEventDetails ?? {};
  const next = withTransition(
    {
      ...facts,
      transitions: facts.transitions + 1,
      tasksEntered: facts.tasksEntered + (event.type === 'TaskStateEntered' ? 1 : 0),
    },
    name,
    input,
  );
  if (!SEGMENT_RUNNERS.has(name) && name !== BEGINNING) return next;
  const segmentId = name === BEGINNING ? UNNAMED : segmentToRun(input);
  const begun = { segmentId, startedAt: event.timestamp?.getTime() ?? 0 };
  return { ...next, segments: [...next.segments, begun] };
}

/** A segment that the input of its state does not name: the first one, while its bag is being built. */
const UNNAMED = '?';

function exited(facts: RunFacts, event: HistoryEvent): RunFacts {
  const { name = '', output = '' } = event.stateExitedEventDetails ?? {};
  const passed = withTransition(facts, name, output);
  const next = isBagWritten(event) ? { ...passed, lastEnvelope: output } : passed;
  if (name === BEGINNING) return { ...next, segments: begun(next.segments, event) };
  if (!SEGMENT_RUNNERS.has(name)) return next;
  return { ...next, segments: withEnd(next.segments, endOfSegment(event)) };
}

/** The segments after the beginning of the run: with the first one, or without it where it was not run there. */
function begun(segments: readonly SegmentFact[], event: HistoryEvent): SegmentFact[] {
  const ended = hasRunFirst(event.stateExitedEventDetails?.output) ? [endOfSegment(event)] : [];
  return segments.flatMap((segment) =>
    segment.segmentId === UNNAMED ? ended.map((end) => ({ ...segment, ...end })) : [segment],
  );
}

type SegmentEnd = Required<Pick<SegmentFact, 'segmentId' | 'endedAt' | 'status'>>;

function endOfSegment({ timestamp, stateExitedEventDetails }: HistoryEvent): SegmentEnd {
  const { output = '' } = stateExitedEventDetails ?? {};
  const end = hasMerged(output)
    ? mergedSegment(output)
    : { segmentId: segmentToRun(output), status: resultStatus(output) };
  return { ...end, endedAt: timestamp?.getTime() ?? 0 };
}

/** The segment whose result a bag has taken, and how it ended. */
function mergedSegment(output: string): { readonly segmentId: string; readonly status: string } {
  const { state_data }: { state_data: { segment_id?: string; status?: string } } = JSON.parse(output);
  return { segmentId: state_data.segment_id ?? '?', status: state_data.status ?? '?' };
}

/** Segments of branches run side by side: the one that ended is the latest of its id that had not. */
function withEnd(segments: readonly SegmentFact[], ended: SegmentEnd): SegmentFact[] {
  const index = segments.findLastIndex(
    ({ segmentId, endedAt }) => segmentId === ended.segmentId && endedAt === undefined,
  );
  return segments.map((segment, place) => (place === index ? { ...segment, ...ended } : segment));
}

function childArn(output = '{}'): string {
  const { ExecutionArn = '' }: { ExecutionArn?: string } = JSON.parse(output);
  return ExecutionArn;
}

/** Facts of a run and of an execution it started, together. */
export function together(run: RunFacts, child: RunFacts): RunFacts {
  return {
    ...run,
    historyEvents: run.historyEvents + child.historyEvents,
    transitions: run.transitions + child.transitions,
    maxTransition:
      child.maxTransition.bytes > run.maxTransition.bytes ? child.maxTransition : run.maxTransition,
    segments: [...run.segments, ...child.segments],
    lambdaInvocations: run.lambdaInvocations + child.lambdaInvocations,
    tasksEntered: run.tasksEntered + child.tasksEntered,
    tasksScheduled: run.tasksScheduled + child.tasksScheduled,
  };
}

function withTransition(facts: RunFacts, state: string, text: string): RunFacts {
  const bytes = Buffer.byteLength(text);
  return bytes > facts.maxTransition.bytes ? { ...facts, maxTransition: { bytes, state } } : facts;
}

function segmentToRun(input: string): string {
  const data: { state_data?: { segment_to_run?: string } } = JSON.parse(input);
  return data.state_data?.segment_to_run ?? '?';
}

/**
 * A segment that failed left no result. The first generation keeps the result in `Payload`, as Lambda gave
 * it.
 */
function resultStatus(output: string): string {
  const data: { execution_result?: Ended & { Payload?: Ended } } = JSON.parse(output);
  const { status, Payload } = data.execution_result ?? {};
  return status ?? Payload?.status ?? 'FAILED';
}

interface Ended {
  readonly status?: string;
}

/** The facts of a run with those of every execution it started, to any depth. */
export async function withChildren(sfn: SFNClient, facts: RunFacts): Promise<RunFacts> {
  let all = facts;
  for (const executionArn of facts.children) {
    const history = await readHistory(sfn, executionArn);
    all = together(all, await withChildren(sfn, history.reduce(withEvent, NO_FACTS)));
  }
  return all;
}

/** What executions that follow each other did, and when the first began. */
export async function factsOf(
  sfn: SFNClient,
  executions: readonly string[],
): Promise<{ readonly facts: RunFacts; readonly startDate: Date | undefined }> {
  const histories = await Promise.all(executions.map((executionArn) => readHistory(sfn, executionArn)));
  const events = histories.flat();
  return { facts: events.reduce(withEvent, NO_FACTS), startDate: events[0]?.timestamp };
}
