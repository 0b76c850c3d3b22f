import type { Reader } from '../definition/reader.ts';
import type { TaskTarget } from '../integrations/integration.ts';
import { resolveTarget } from '../integrations/resolve-target.ts';
import type { Evaluate } from '../language/expression.ts';
import type { Json } from '../language/json.ts';
import { LIMITS } from '../limits.ts';
import { contextOf } from '../run/context.ts';
import { dataLimitExceeded, type Frame } from '../run/frame.ts';
import type { TaskPhase } from '../run/phase.ts';
import { recordScheduled } from '../run/task-events.ts';
import { newTaskToken } from '../run/task-token.ts';
import { abandonTask, beginTask, resumeTask } from '../run/task-work.ts';
import { StateRuntimeError } from '../states-error.ts';
import { compileNumber } from './item-source.ts';
import type { StateKind } from './state-kinds.ts';

/** Calls something outside and waits for its answer. */
export const TASK: StateKind = {
  fields: ['Resource', 'TimeoutSeconds', 'TimeoutSecondsPath', 'HeartbeatSeconds', 'HeartbeatSecondsPath', 'Credentials'],
  flow: ['InputPath', 'OutputPath', 'Parameters', 'ResultSelector', 'ResultPath'],
  moves: true,
  recovers: true,
  compile(state) {
    const target = readTarget(state);
    const timeout = compileNumber(state, 'TimeoutSeconds', { whole: true, most: LIMITS.longestWaitSeconds });
    const heartbeat = compileNumber(state, 'HeartbeatSeconds', { whole: true, most: LIMITS.longestWaitSeconds });
    const template = state.template('Parameters');
    lintTimes(state);
    if (!target) return { enter: () => 'blocked' };
    return {
      enter(frame) {
        target.integration.check?.(frame.run.host);
        const token = target.pattern === 'callback' ? newTaskToken(frame) : undefined;
        const parameters = frame.payloadOf(evaluate(frame, template, token));
        if (!parameters.fits(LIMITS.payloadBytes)) throw dataLimitExceeded(target.resourceType);
        const timeoutSeconds = positive(timeout(frame), 'TimeoutSeconds');
        const heartbeatSeconds = positive(heartbeat(frame), 'HeartbeatSeconds');
        const scheduledId = recordScheduled(frame, target, { parameters, timeoutSeconds, heartbeatSeconds });
        const { clock } = frame.run.host;
        const due = (seconds: number | undefined): number | undefined => (seconds === undefined ? undefined : clock.now() + seconds * 1000);
        const times = { deadline: due(timeoutSeconds), heartbeatSeconds, heartbeatDue: due(heartbeatSeconds) };
        const phase: TaskPhase = { kind: 'task', scheduledId, parameters, token, submitted: false, child: undefined, ...times };
        beginTask(frame, target, phase);
        return 'blocked';
      },
      resume: (frame) => resumeTask(frame, target),
      abandon: abandonTask,
      target,
    };
  },
};

function evaluate(frame: Frame, template: Evaluate | undefined, token: string | undefined): Json {
  const input = frame.effectiveInput();
  return template ? template({ input, context: () => contextOf(frame, token === undefined ? {} : { token }) }) : input;
}

function positive(seconds: number | undefined, field: string): number | undefined {
  if (seconds !== undefined && seconds <= 0)
    throw new StateRuntimeError(`The ${field}Path field has to refer to a positive number of seconds but refers to ${seconds}.`);
  return seconds;
}

function readTarget(state: Reader): TaskTarget | undefined {
  const resource = state.requiredText('Resource');
  const target = resolveTarget(resource);
  if ('refused' in target) {
    if (resource) state.report(target.refused, { field: 'Resource', code: 'NOT_SUPPORTED_LOCALLY' });
    return undefined;
  }
  target.integration.lint?.(state);
  if (target.pattern === 'callback' && target.events === 'Task' && !JSON.stringify(state.value('Parameters') ?? null).includes('$$.Task.Token')) {
    state.report("A task with '.waitForTaskToken' has to pass '$$.Task.Token' on in its Parameters", { field: 'Parameters' });
  }
  if (state.has('Credentials')) state.warn('the local cloud has no roles; Credentials have no effect', 'NOT_SUPPORTED_LOCALLY');
  return target;
}

function lintTimes(state: Reader): void {
  const [timeout, heartbeat] = [state.value('TimeoutSeconds'), state.value('HeartbeatSeconds')];
  for (const [field, value] of Object.entries({ TimeoutSeconds: timeout, HeartbeatSeconds: heartbeat })) {
    if (value === 0) state.report('Expected at least 1', { field });
  }
  if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout) {
    state.report("'HeartbeatSeconds' has to be smaller than 'TimeoutSeconds'", { field: 'HeartbeatSeconds' });
  }
}
