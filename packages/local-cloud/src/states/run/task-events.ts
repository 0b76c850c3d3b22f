import type { TaskTarget } from '../integrations/integration.ts';
import type { Payload } from '../language/payload.ts';
import type { StatesError } from '../states-error.ts';
import type { Frame } from './frame.ts';

interface Scheduled {
  readonly parameters: Payload;
  readonly timeoutSeconds: number | undefined;
  readonly heartbeatSeconds: number | undefined;
}

/** Records that a task is scheduled and started; returns the number of the first event. */
export function recordScheduled(frame: Frame, target: TaskTarget, { parameters, timeoutSeconds, heartbeatSeconds }: Scheduled): number {
  if (target.events === 'LambdaFunction') {
    const id = frame.record('LambdaFunctionScheduled', { resource: target.resource, timeoutInSeconds: timeoutSeconds }, parameters);
    frame.record('LambdaFunctionStarted');
    return id;
  }
  const { region } = frame.run.host;
  const times = { timeoutInSeconds: timeoutSeconds, heartbeatInSeconds: heartbeatSeconds };
  const id = frame.record('TaskScheduled', { ...names(target), region, ...times }, parameters);
  frame.record('TaskStarted', names(target));
  return id;
}

export function recordSubmitted(frame: Frame, target: TaskTarget, answer: Payload): void {
  frame.record('TaskSubmitted', names(target), answer);
}

export function recordSucceeded(frame: Frame, target: TaskTarget, result: Payload): void {
  if (target.events === 'LambdaFunction') frame.record('LambdaFunctionSucceeded', undefined, result);
  else frame.record('TaskSucceeded', names(target), result);
}

export function recordFailed(frame: Frame, target: TaskTarget, { code, reason }: StatesError): void {
  if (target.events === 'LambdaFunction') frame.record('LambdaFunctionFailed', { error: code, cause: reason });
  else frame.record('TaskFailed', { ...names(target), error: code, cause: reason });
}

export function recordTimedOut(frame: Frame, target: TaskTarget, { code }: StatesError): void {
  if (target.events === 'LambdaFunction') frame.record('LambdaFunctionTimedOut', { error: code });
  else frame.record('TaskTimedOut', { ...names(target), error: code });
}

const names = ({ resourceType, resource }: TaskTarget): { resourceType: string; resource: string } => ({ resourceType, resource });
