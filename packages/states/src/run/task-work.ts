import { callError } from '../integrations/service-call.ts';
import type { Json } from '../language/json.ts';
import { Payload } from '../language/payload.ts';
import { StatesError } from '../language/states-error.ts';
import { LIMITS } from '../ports/limits.ts';
import type { EventFacts, EventType, ExecutionRecord, TaskPhase } from '../program/execution.ts';
import type { Frame, Outcome } from '../program/program.ts';
import type { TaskTarget } from '../program/task-target.ts';
import { settle } from './advance.ts';
import { dataLimitExceeded } from './frame.ts';

/**
 * Enters the phase; the call goes out when the journal has it, so a token is never given away before it is
 * known. An express execution may do again what it has done, and waits for no disk.
 */
export function beginTask(frame: Frame, target: TaskTarget, phase: TaskPhase): void {
  become(frame, target, phase);
  const { host, record } = frame.run;
  if (record.express) soon(frame, () => call(frame, target, phase));
  else host.whenDurable(() => call(frame, target, phase));
}

function soon({ run }: Frame, callback: () => void): void {
  const release = run.host.clock.hold();
  setImmediate(() => {
    if (!run.detached) callback();
    release();
  });
}

/** Takes a task up after a restart: a call that has not been answered is made again, a wait goes on. */
export function resumeTask(frame: Frame, target: TaskTarget): void {
  const { phase } = frame;
  if (phase.kind !== 'task') return;
  watch(frame, target, phase);
  if (!phase.submitted) {
    call(frame, target, phase);
    return;
  }
  const child = phase.child === undefined ? undefined : frame.run.host.findExecution(phase.child);
  if (child && child.status !== 'RUNNING') childEnded(frame, target, child);
}

/** Stops the execution that the task has started and waits for. */
export function abandonTask(frame: Frame): void {
  if (frame.phase.kind === 'task' && frame.phase.child !== undefined)
    frame.run.host.stopExecution(frame.phase.child);
}

/** The execution of a `.sync` task has ended. */
export function childEnded(frame: Frame, target: TaskTarget, child: ExecutionRecord): void {
  answer(frame, target, () => target.integration.conclude?.(child, target.resource) ?? null);
}

/** The task has its result; `result` throws where it is a failure. */
export function answer(frame: Frame, target: TaskTarget, result: () => Json): void {
  settle(frame, () => {
    frame.stopTimers();
    return succeed(frame, target, resultOf(frame, target, result));
  });
}

/** The call has been answered, or a worker has taken the task: from now on it waits. */
export function submitted(frame: Frame, target: TaskTarget, answer: Json, child?: number): void {
  settle(frame, () => {
    if (frame.phase.kind !== 'task') return 'blocked';
    recordSubmitted(frame, target, Payload.of(answer));
    become(frame, target, { ...frame.phase, submitted: true, child });
    return 'blocked';
  });
}

/** Somebody has sent a sign of life. */
export function beat(frame: Frame, target: TaskTarget, phase: TaskPhase): void {
  if (phase.heartbeatSeconds === undefined) return;
  become(frame, target, {
    ...phase,
    heartbeatDue: frame.run.host.clock.now() + phase.heartbeatSeconds * 1000,
  });
}

function become(frame: Frame, target: TaskTarget, phase: TaskPhase): void {
  frame.become(phase);
  watch(frame, target, phase);
}

function watch(frame: Frame, target: TaskTarget, { deadline, heartbeatDue }: TaskPhase): void {
  const timeOut = (alias?: string) => () =>
    settle(frame, () => {
      abandonTask(frame);
      const error = new StatesError('States.Timeout', undefined, alias === undefined ? {} : { alias });
      recordTimedOut(frame, target, error);
      throw error;
    });
  if (deadline !== undefined) frame.wakeAt(deadline, timeOut());
  if (heartbeatDue !== undefined) frame.wakeAt(heartbeatDue, timeOut('States.HeartbeatTimeout'));
}

function call(frame: Frame, target: TaskTarget, phase: TaskPhase): void {
  const { scheduledId, parameters, token } = phase;
  if (!isCurrent(frame, scheduledId)) return;
  const { mock } = frame.run.host;
  if (mock) {
    answer(frame, target, mock);
    return;
  }
  const task = { execution: frame.run.record.id, frame: frame.id };
  const failed = (error: unknown): void => {
    if (isCurrent(frame, scheduledId)) refused(frame, target, callError(error, target.integration));
  };
  try {
    requireRights(frame, target, phase);
    const result = target.integration.call({
      host: frame.run.host,
      parameters: parameters.value,
      task,
      pattern: target.pattern,
      token,
    });
    if (result instanceof Promise)
      result
        .then((value) => isCurrent(frame, scheduledId) && answered(frame, target, { answer: value }))
        .catch(failed);
    else if (result !== 'later') answered(frame, target, result);
  } catch (error) {
    failed(error);
  }
}

/** Who answers an activity has rights of his own; everything else is called as the machine's role. */
function requireRights({ run }: Frame, target: TaskTarget, { role, parameters }: TaskPhase): void {
  const { events, resource, resourceType } = target;
  if (events === 'Activity') return;
  const input = parameters.value;
  const call =
    events === 'LambdaFunction'
      ? { api: 'lambda:invoke', input: { FunctionName: resource } }
      : { api: `${resourceType}:${resource.split('.')[0]}`, input };
  const { roleArn, name: session } = run.record;
  const { rights } = run.host;
  if (role !== undefined)
    rights.require({ roleArn, session, api: 'sts:assumeRole', input: { RoleArn: role } });
  rights.require({ roleArn: role ?? roleArn, session, ...call });
}

function answered(
  frame: Frame,
  target: TaskTarget,
  result: { readonly answer: Json; readonly started?: ExecutionRecord },
): void {
  if (target.pattern === 'request') answer(frame, target, () => result.answer);
  else submitted(frame, target, result.answer, target.pattern === 'sync' ? result.started?.id : undefined);
}

/** The call has failed. Where it should only have begun a wait, the history says that it did not. */
function refused(frame: Frame, target: TaskTarget, error: unknown): void {
  settle(frame, () => {
    frame.stopTimers();
    const record = target.pattern === 'request' ? recordFailed : recordSubmitFailed;
    if (error instanceof StatesError) record(frame, target, error);
    throw error;
  });
}

/** Whether the frame still waits for this attempt. */
function isCurrent(frame: Frame, scheduledId: number): boolean {
  const { run, phase } = frame;
  return run.live && !frame.halted && phase.kind === 'task' && phase.scheduledId === scheduledId;
}

function resultOf(frame: Frame, target: TaskTarget, result: () => Json): Payload {
  try {
    const payload = Payload.of(result(), frame.received);
    if (!payload.fits(LIMITS.payloadBytes))
      throw dataLimitExceeded(target.events === 'Task' ? target.resourceType : target.resource);
    return payload;
  } catch (error) {
    if (error instanceof StatesError) recordFailed(frame, target, error);
    throw error;
  }
}

function succeed(frame: Frame, target: TaskTarget, result: Payload): Outcome {
  recordSucceeded(frame, target, result);
  return frame.conclude(result.value);
}

/** The events in the life of a task, by the kind of what it calls. */
const TASK_EVENTS = {
  Task: {
    scheduled: 'TaskScheduled',
    started: 'TaskStarted',
    succeeded: 'TaskSucceeded',
    failed: 'TaskFailed',
    timedOut: 'TaskTimedOut',
  },
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
} as const satisfies Record<
  TaskTarget['events'],
  Record<'scheduled' | 'started' | 'succeeded' | 'failed' | 'timedOut', EventType | undefined>
>;

interface Scheduled {
  readonly parameters: Payload;
  readonly role: string | undefined;
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
}

/**
 * Records that a task is scheduled and, unless a worker has to take it first, started; returns the number of
 * the first event.
 */
export function recordScheduled(
  frame: Frame,
  target: TaskTarget,
  { parameters, role, timeoutSeconds, heartbeatSeconds }: Scheduled,
): number {
  const { scheduled, started } = TASK_EVENTS[target.events];
  const what =
    target.events === 'Task'
      ? { ...names(target), region: frame.run.host.region }
      : { resource: target.resource };
  const id = frame.record(
    scheduled,
    { ...what, role, timeoutInSeconds: timeoutSeconds, heartbeatInSeconds: heartbeatSeconds },
    parameters,
  );
  if (started) frame.record(started, names(target));
  return id;
}

/** Records that the call has been answered, or that a worker has taken the task: `answer` says which one. */
export function recordSubmitted(frame: Frame, target: TaskTarget, answer: Payload): void {
  if (target.events === 'Activity')
    frame.record('ActivityStarted', { workerName: String(answer.value ?? '') });
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

/**
 * How an optimised integration is called in its events; functions and activities are named in the first one
 * only.
 */
function names({ events, resourceType, resource }: TaskTarget): EventFacts | undefined {
  return events === 'Task' ? { resourceType, resource } : undefined;
}
