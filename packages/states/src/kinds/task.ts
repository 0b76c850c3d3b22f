import { resolveTarget } from '../integrations/resolve-target.ts';
import { compileNumber, fieldError } from '../language/data-flow.ts';
import type { Evaluate } from '../language/expression.ts';
import { ANY, ASSIGN, numberFields, OUTPUT, PATH_INPUT_OUTPUT, RESULT_FIELDS } from '../language/fields.ts';
import { isObject, type Json } from '../language/json.ts';
import { CALL_FIELDS, type Reader } from '../language/reader.ts';
import { LIMITS } from '../ports/limits.ts';
import type { TaskPhase } from '../program/execution.ts';
import type { Frame, StateKind } from '../program/program.ts';
import type { TaskTarget } from '../program/task-target.ts';
import { dataLimitExceeded } from '../run/frame.ts';
import { newTaskToken } from '../run/task-token.ts';
import { abandonTask, beginTask, recordScheduled, resumeTask } from '../run/task-work.ts';

/** Calls something outside and waits for its answer. */
export const TASK: StateKind = {
  fields: {
    ...PATH_INPUT_OUTPUT,
    ...RESULT_FIELDS,
    ...OUTPUT,
    ...ASSIGN,
    Resource: { holds: 'text', required: true },
    Parameters: { holds: 'any', only: 'JSONPath' },
    Arguments: { holds: 'any', only: 'JSONata' },
    ...numberFields('TimeoutSeconds', { holds: 'integer', least: 1, most: LIMITS.longestWaitSeconds }),
    ...numberFields('HeartbeatSeconds', { holds: 'integer', least: 1, most: LIMITS.longestWaitSeconds }),
    Credentials: ANY,
  },
  moves: true,
  recovers: true,
  compile(state) {
    const target = readTarget(state);
    const timeout = compileNumber(state, 'TimeoutSeconds', { whole: true, most: LIMITS.longestWaitSeconds });
    const heartbeat = compileNumber(state, 'HeartbeatSeconds', {
      whole: true,
      most: LIMITS.longestWaitSeconds,
    });
    const template = state.payload(CALL_FIELDS);
    const credentials = compileCredentials(state);
    lintTimes(state);
    if (!target) return { enter: () => 'blocked' };
    return {
      enter(frame) {
        if (!frame.run.host.mock) target.integration.check?.(frame.run.host);
        const token = target.pattern === 'callback' ? newTaskToken(frame) : undefined;
        const parameters = frame.payloadOf(evaluate(frame, template, token));
        target.integration.checkParameters?.(parameters.value);
        if (!parameters.fits(LIMITS.payloadBytes)) throw dataLimitExceeded(target.resourceType);
        const timeoutSeconds = positive(state, 'TimeoutSeconds', timeout(frame));
        const heartbeatSeconds = positive(state, 'HeartbeatSeconds', heartbeat(frame));
        const role = credentials?.(frame);
        const scheduledId = recordScheduled(frame, target, {
          ...{ parameters, role, timeoutSeconds, heartbeatSeconds },
        });
        const { clock } = frame.run.host;
        const due = (seconds: number | undefined): number | undefined =>
          seconds === undefined ? undefined : clock.now() + seconds * 1000;
        const times = {
          deadline: due(timeoutSeconds),
          heartbeatSeconds,
          heartbeatDue: due(heartbeatSeconds),
        };
        const phase: TaskPhase = {
          kind: 'task',
          scheduledId,
          parameters,
          ...(role === undefined ? {} : { role }),
          token,
          submitted: false,
          child: undefined,
          ...times,
        };
        beginTask(frame, target, phase);
        return 'blocked';
      },
      resume: (frame) => resumeTask(frame, target),
      abandon: abandonTask,
      target,
    };
  },
};

/** Compiles Credentials: the role that the call is made as. Undefined: that of the machine. */
function compileCredentials(state: Reader): ((frame: Frame) => string) | undefined {
  const evaluate = state.payload({ JSONPath: 'Credentials', JSONata: 'Credentials' });
  return (
    evaluate &&
    ((frame) => {
      const value = evaluate(frame.scope());
      const role = isObject(value) ? value['RoleArn'] : undefined;
      if (typeof role === 'string' && role !== '') return role;
      throw fieldError(state, 'Credentials', 'The RoleArn of Credentials has to be a string.');
    })
  );
}

function evaluate(frame: Frame, template: Evaluate | undefined, token: string | undefined): Json {
  return template ? template(frame.scope({ token })) : frame.effectiveInput();
}

function positive(state: Reader, field: string, seconds: number | undefined): number | undefined {
  if (seconds === undefined || seconds > 0) return seconds;
  const named = state.language === 'JSONata' ? field : `${field}Path`;
  const what = `The ${named} field has to refer to a positive number of seconds but refers to ${seconds}.`;
  throw fieldError(state, field, what);
}

/** What an expression has to name to hand on the token of its task. */
const TOKENS = { JSONPath: '$$.Task.Token', JSONata: '$states.context' } as const;

function readTarget(state: Reader): TaskTarget | undefined {
  const resource = state.text('Resource') ?? '';
  const target = resolveTarget(resource);
  if ('refused' in target) {
    if (resource) state.report(target.refused, { field: 'Resource', code: 'NOT_SUPPORTED_LOCALLY' });
    return undefined;
  }
  target.integration.lint?.(state);
  if (
    target.pattern === 'callback' &&
    target.events === 'Task' &&
    !JSON.stringify(state.value(CALL_FIELDS[state.language]) ?? null).includes(TOKENS[state.language])
  ) {
    const field = CALL_FIELDS[state.language];
    const token = TOKENS[state.language];
    state.report(`A task with '.waitForTaskToken' has to pass '${token}' on in its ${field}`, { field });
  }
  return target;
}

function lintTimes(state: Reader): void {
  const [timeout, heartbeat] = [state.value('TimeoutSeconds'), state.value('HeartbeatSeconds')];
  if (typeof timeout === 'number' && typeof heartbeat === 'number' && heartbeat >= timeout) {
    state.report("'HeartbeatSeconds' has to be smaller than 'TimeoutSeconds'", { field: 'HeartbeatSeconds' });
  }
}
