import type { HistoryEvent } from '@aws-sdk/client-sfn';

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
};

const BAG_WRITERS: ReadonlySet<string> = new Set(['InitializeStateBag', 'SyncStateData']);

/** True for the event that carries a newly sealed bag. */
export function isBagWritten({ stateExitedEventDetails }: HistoryEvent): boolean {
  return BAG_WRITERS.has(stateExitedEventDetails?.name ?? '');
}

/** The facts after one more event. Events come in the order of their ids. */
export function withEvent(facts: RunFacts, event: HistoryEvent): RunFacts {
  const counted = { ...facts, historyEvents: facts.historyEvents + 1 };
  if (event.stateEnteredEventDetails) return entered(counted, event);
  if (event.stateExitedEventDetails) return exited(counted, event);
  if (event.taskScheduledEventDetails) return scheduled(counted, event.taskScheduledEventDetails.resourceType);
  return counted;
}

/** How often a task was tried again. */
export function retriesOf({ tasksEntered, tasksScheduled }: RunFacts): number {
  return Math.max(0, tasksScheduled - tasksEntered);
}

function scheduled(facts: RunFacts, resourceType: string | undefined): RunFacts {
  const isLambda = resourceType === 'lambda';
  return { ...facts, tasksScheduled: facts.tasksScheduled + 1, lambdaInvocations: facts.lambdaInvocations + (isLambda ? 1 : 0) };
}

function entered(facts: RunFacts, event: HistoryEvent): RunFacts {
  const { name = '', input = '' } = event.stateEnteredEventDetails ?? {};
  const next = withTransition(
    { ...facts, transitions: facts.transitions + 1, tasksEntered: facts.tasksEntered + (event.type === 'TaskStateEntered' ? 1 : 0) },
    name,
    input,
  );
  if (name !== 'ExecuteSegment') return next;
  return { ...next, segments: [...next.segments, { segmentId: segmentToRun(input), startedAt: event.timestamp?.getTime() ?? 0 }] };
}

function exited(facts: RunFacts, event: HistoryEvent): RunFacts {
  const { name = '', output = '' } = event.stateExitedEventDetails ?? {};
  const next = withTransition(facts, name, output);
  if (isBagWritten(event)) return { ...next, lastEnvelope: output };
  const running = next.segments.at(-1);
  if (name !== 'ExecuteSegment' || !running) return next;
  const ended = { ...running, endedAt: event.timestamp?.getTime() ?? 0, status: resultStatus(output) };
  return { ...next, segments: [...next.segments.slice(0, -1), ended] };
}

function withTransition(facts: RunFacts, state: string, text: string): RunFacts {
  const bytes = Buffer.byteLength(text);
  return bytes > facts.maxTransition.bytes ? { ...facts, maxTransition: { bytes, state } } : facts;
}

function segmentToRun(input: string): string {
  const data: { state_data?: { segment_to_run?: string } } = JSON.parse(input);
  return data.state_data?.segment_to_run ?? '?';
}

function resultStatus(output: string): string {
  const data: { execution_result?: { status?: string } } = JSON.parse(output);
  return data.execution_result?.status ?? 'FAILED';
}
