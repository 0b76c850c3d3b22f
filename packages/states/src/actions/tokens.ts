import { apiErrors } from '../engine/api-errors.ts';
import type { Engine } from '../engine/engine.ts';
import { parseJson } from '../language/json.ts';
import { StatesError } from '../language/states-error.ts';
import { LIMITS } from '../ports/limits.ts';
import type { JsonActions } from '../ports/services.ts';
import { addressOf, type WaitingTask, waitingTask } from '../run/task-token.ts';
import { answer, beat } from '../run/task-work.ts';
import { Request } from './request.ts';

/** Answers to tasks that wait for their token. */
export function tokenActions(engine: Engine): JsonActions {
  return {
    async SendTaskSuccess(input) {
      const request = new Request(input);
      const output = readOutput(request.requiredText('output'));
      const { frame, target } = taskOf(engine, request);
      answer(frame, target, () => output);
      return {};
    },
    async SendTaskFailure(input) {
      const request = new Request(input);
      const { frame, target } = taskOf(engine, request);
      const [code, cause] = [
        boundedText(request, 'error', LIMITS.errorLength),
        boundedText(request, 'cause', LIMITS.causeLength),
      ];
      const error = new StatesError(code, cause, { ofTask: true });
      answer(frame, target, () => {
        throw error;
      });
      return {};
    },
    async SendTaskHeartbeat(input) {
      const { frame, target, phase } = taskOf(engine, new Request(input));
      beat(frame, target, phase);
      return {};
    },
  };
}

function boundedText(request: Request, field: string, most: number): string | null {
  const text = request.text(field) ?? null;
  if (text !== null && text.length > most)
    throw apiErrors.validation(
      `Value at '${field}' failed to satisfy constraint: Member must have length less than or equal to ${most}`,
    );
  return text;
}

function readOutput(text: string): ReturnType<typeof parseJson> {
  if (Buffer.byteLength(text) > LIMITS.payloadBytes)
    throw apiErrors.validation(`Output exceeds the maximum of ${LIMITS.payloadBytes} bytes`);
  try {
    return parseJson(text);
  } catch (error) {
    throw apiErrors.invalidOutput(error instanceof Error ? error.message : String(error));
  }
}

function taskOf(engine: Engine, request: Request): WaitingTask {
  const token = request.requiredText('taskToken');
  if (!addressOf(token)) throw apiErrors.invalidToken();
  const task = waitingTask(engine, token);
  if (!task) throw apiErrors.taskTimedOut();
  return task;
}
