import type { Reader } from '../definition/reader.ts';
import type { Path, Scope } from '../language/path.ts';
import { parseTimestamp } from '../language/timestamp.ts';
import { LIMITS } from '../limits.ts';
import { settle } from '../run/advance.ts';
import type { Frame } from '../run/frame.ts';
import { StateRuntimeError } from '../states-error.ts';
import type { StateKind } from './state-kinds.ts';

const FIELDS = ['Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath'];

/** When the wait is over, in epoch milliseconds; `now` is when it began. */
type DueTime = (scope: Scope, now: number) => number;

/** Waits for a time or until one. */
export const WAIT: StateKind = {
  fields: FIELDS,
  flow: ['InputPath', 'OutputPath'],
  moves: true,
  recovers: false,
  compile(state) {
    const due = compileDueTime(state);
    return {
      enter(frame) {
        const scope = { input: frame.effectiveInput(), context: () => frame.context() };
        const until = due(scope, frame.enteredAt);
        frame.become({ kind: 'waiting', until });
        waitUntil(frame, until);
        return 'blocked';
      },
      resume(frame) {
        if (frame.phase.kind === 'waiting') waitUntil(frame, frame.phase.until);
      },
    };
  },
};

function waitUntil(frame: Frame, until: number): void {
  frame.wakeAt(until, () => settle(frame, () => frame.conclude(frame.effectiveInput())));
}

function compileDueTime(state: Reader): DueTime {
  const present = FIELDS.filter((field) => state.has(field));
  if (present.length !== 1) state.report(`A Wait state needs exactly one of ${FIELDS.join(', ')}`);
  const seconds = state.integer('Seconds', { most: LIMITS.longestWaitSeconds });
  const secondsPath = state.path('SecondsPath');
  const timestamp = state.text('Timestamp');
  const timestampPath = state.path('TimestampPath');
  if (secondsPath) return (scope, now) => now + secondsAt(secondsPath, scope) * 1000;
  if (timestampPath) return (scope) => timeAt(timestampPath, scope);
  if (timestamp === undefined) return (_, now) => now + (seconds ?? 0) * 1000;
  const until = parseTimestamp(timestamp);
  if (until === undefined) state.report('Expected an ISO-8601 extended offset date-time format string', { field: 'Timestamp' });
  return () => until ?? 0;
}

function secondsAt(path: Path, scope: Scope): number {
  const value = path.read(scope);
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new StateRuntimeError(`The SecondsPath parameter does not reference an integer value: ${path.text} == ${JSON.stringify(value)}`);
  }
  if (value < 0) throw new StateRuntimeError(`The SecondsPath parameter references a negative value: ${path.text} == ${value}`);
  return value;
}

function timeAt(path: Path, scope: Scope): number {
  const value = path.read(scope);
  const until = parseTimestamp(value);
  if (until !== undefined) return until;
  const shown = typeof value === 'string' ? value : JSON.stringify(value);
  throw new StateRuntimeError(
    `The TimestampPath parameter does not reference a valid ISO-8601 extended offset date-time format string: ${path.text} == ${shown}`,
  );
}
