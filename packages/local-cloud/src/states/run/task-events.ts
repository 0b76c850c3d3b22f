import type { TaskTarget } from '../integrations/integration.ts';
import type { Payload } from '../language/payload.ts';
import type { StatesError } from '../states-error.ts';
import type { Frame } from './frame.ts';
import type { EventFacts, EventType } from './history.ts';

/** The events in the life of a task, by the kind of what it calls. */
const TASK_EVENTS = {
  Task: { scheduled: 'TaskScheduled', started: 'TaskStarted', succeeded: 'TaskSucceeded', failed: 'TaskFailed', timedOut: 'TaskTimedOut' },
  LambdaFunction: {
    scheduled: 'LambdaFunctionScheduled',
    started: 'LambdaFunctionStarted',
    succeeded: 'LambdaFunctionSucceeded',
    failed: 'LambdaFunctionFailed',
    timedOut: 'LambdaFunctionTimedOut',
  },
  Activity: {
    scheduled: 'ActivityScheduled',
    started: undefined,
    succeeded: 'ActivitySucceeded',
    failed: 'ActivityFailed',
    timedOut: 'ActivityTimedOut',
  },
} as const satisfies Record<TaskTarget['events'], Record<'scheduled' | 'started' | 'succeeded' | 'failed' | 'timedOut', EventType | undefined>>;

interface Scheduled {
  readonly parameters: Payload;
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
}

/** Records that a task is scheduled and, unless a worker has to take it first, started; returns the number of the first event. */
export function recordScheduled(frame: Frame, target: TaskTarget, { parameters, timeoutSeconds, heartbeatSeconds }: Scheduled): number {
  const { scheduled, started } = TASK_EVENTS[target.events];
  const what = target.events === 'Task' ? { ...names(target), region: frame.run.host.region } : { resource: target.resource };
  const id = frame.record(scheduled, { ...what, timeoutInSeconds: timeoutSeconds, heartbeatInSeconds: heartbeatSeconds }, parameters);
  if (started) frame.record(started, names(target));
  return id;
}

/** Records that the call has been answered, or that a worker has taken the task: `answer` says which one. */
export function recordSubmitted(frame: Frame, target: TaskTarget, answer: Payload): void {
  if (target.events === 'Activity') frame.record('ActivityStarted', { workerName: String(answer.value ?? '') });
  else frame.record('TaskSubmitted', names(target), answer);
}

export function recordSucceeded(frame: Frame, target: TaskTarget, result: Payload): void {
  frame.record(TASK_EVENTS[target.events].succeeded, names(target), result);
}

export function recordFailed(frame: Frame, target: TaskTarget, { code, reason }: StatesError): void {
  frame.record(TASK_EVENTS[target.events].failed, { ...names(target), error: code, cause: reason });
}

/** Records that the call that should have begun the wait was refused. */
export function recordSubmitFailed(frame: Frame, target: TaskTarget, { code, reason }: StatesError): void {
  frame.record('TaskSubmitFailed', { ...names(target), error: code, cause: reason });
}

export function recordTimedOut(frame: Frame, target: TaskTarget, { code }: StatesError): void {
  frame.record(TASK_EVENTS[target.events].timedOut, { ...names(target), error: code });
}

/** How an optimised integration is called in its events; functions and activities are named in the first one only. */
function names({ events, resourceType, resource }: TaskTarget): EventFacts | undefined {
  return events === 'Task' ? { resourceType, resource } : undefined;
}
