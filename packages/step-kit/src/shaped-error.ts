import { BUDGET } from '@statebag/contracts/limits';
import { byteSizeOf } from '@statebag/state-core';
import { shortened } from '@statebag/state-core/core/shortened';

const MESSAGE_BYTES = 3_072;
const TRACE_LINE_BYTES = 256;

/**
 * The error as Lambda may report it: name kept, and `{ errorType, errorMessage, trace }` at most 8,192 bytes.
 * One that fits is the same error.
 */
export function shapedError(error: unknown): Error {
  const original = error instanceof Error ? error : new Error(String(error));
  if (reportBytes(original) <= BUDGET.cause) return original;
  const shaped = new Error(shortened(original.message, MESSAGE_BYTES), { cause: original });
  shaped.name = shortened(original.name, TRACE_LINE_BYTES);
  shaped.stack = shortTrace(original, shaped);
  return shaped;
}

/** What Lambda makes of an error, in bytes: Step Functions carries it as the cause. */
export function reportBytes({ name, message, stack = '' }: Error): number {
  return byteSizeOf({ errorType: name, errorMessage: message, trace: stack.split('\n') });
}

/** The frames behind the message, as many as fit: the nearest ones tell most. */
function shortTrace(original: Error, shaped: Error): string {
  const head = `${shaped.name}: ${shortened(shaped.message, TRACE_LINE_BYTES)}`;
  const lines = (original.stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
  let trace = [head];
  for (const line of lines) {
    const longer = [...trace, shortened(line, TRACE_LINE_BYTES)];
    if (byteSizeOf({ errorType: shaped.name, errorMessage: shaped.message, trace: longer }) > BUDGET.cause)
      break;
    trace = longer;
  }
  return trace.join('\n');
}
