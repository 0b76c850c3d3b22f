import type { JsonActions } from '../../ports.ts';
import { apiErrors } from '../api-errors.ts';
import type { TaskTarget } from '../integrations/integration.ts';
import { parseJson } from '../language/json.ts';
import { LIMITS } from '../limits.ts';
import type { Engine } from '../run/engine.ts';
import type { Frame } from '../run/frame.ts';
import type { TaskPhase } from '../run/phase.ts';
import { addressOf } from '../run/task-token.ts';
import { answer, beat } from '../run/task-work.ts';
import { StatesError } from '../states-error.ts';
import { Request } from './request.ts';

/** Answers to tasks that wait for their token. */
export function tokenActions(engine: Engine): JsonActions {
  return {
    async SendTaskSuccess(input) {
      const request = new Request(input);
      const output = readOutput(request.requiredText('output'));
      const { frame, target } = waitingTask(engine, request);
      answer(frame, target, () => output);
      return {};
    },
    async SendTaskFailure(input) {
      const request = new Request(input);
      const { frame, target } = waitingTask(engine, request);
      const [code, cause] = [boundedText(request, 'error', LIMITS.errorLength), boundedText(request, 'cause', LIMITS.causeLength)];
      const error = new StatesError(code, cause, { ofTask: true });
      answer(frame, target, () => {
        throw error;
      });
      return {};
    },
    async SendTaskHeartbeat(input) {
      const { frame, target, phase } = waitingTask(engine, new Request(input));
      beat(frame, target, phase);
      return {};
    },
  };
}

function boundedText(request: Request, field: string, most: number): string | null {
  const text = request.text(field) ?? null;
  if (text !== null && text.length > most)
    throw apiErrors.validation(`Value at '${field}' failed to satisfy constraint: Member must have length less than or equal to ${most}`);
  return text;
}

function readOutput(text: string): ReturnType<typeof parseJson> {
  if (Buffer.byteLength(text) > LIMITS.payloadBytes) throw apiErrors.validation(`Output exceeds the maximum of ${LIMITS.payloadBytes} bytes`);
  try {
    return parseJson(text);
  } catch (error) {
    throw apiErrors.invalidOutput(error instanceof Error ? error.message : String(error));
  }
}

function waitingTask(engine: Engine, request: Request): { frame: Frame; target: TaskTarget; phase: TaskPhase } {
  const token = request.requiredText('taskToken');
  const address = addressOf(token);
  if (!address) throw apiErrors.invalidToken();
  const frame = engine.liveRun(address.execution)?.frames.get(address.frame);
  const target = frame?.state.behaviour.target;
  if (!frame || !target || frame.phase.kind !== 'task' || frame.phase.token !== token) throw apiErrors.taskTimedOut();
  return { frame, target, phase: frame.phase };
}
