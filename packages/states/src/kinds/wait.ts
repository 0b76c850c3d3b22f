import { ASSIGN, numberFields, OUTPUT, PATH_INPUT_OUTPUT } from '../language/fields.ts';
import type { Json } from '../language/json.ts';
import { expectType, expressionIn } from '../language/jsonata.ts';
import type { Path, Scope } from '../language/path.ts';
import type { Reader } from '../language/reader.ts';
import { QueryError, StateRuntimeError } from '../language/states-error.ts';
import { parseTimestamp } from '../language/timestamp.ts';
import { LIMITS } from '../ports/limits.ts';
import type { Frame, StateKind } from '../program/program.ts';
import { settle } from '../run/advance.ts';

const PATH_FIELDS = ['SecondsPath', 'TimestampPath'];
const FIELDS = ['Seconds', 'Timestamp'];

const ISO = 'ISO-8601 extended offset date-time format string';

/** When the wait is over, in epoch milliseconds; `now` is when it began. */
type DueTime = (scope: Scope, now: number) => number;

/** Waits for a time or until one. */
export const WAIT: StateKind = {
  fields: {
    ...PATH_INPUT_OUTPUT,
    ...OUTPUT,
    ...ASSIGN,
    ...numberFields('Seconds', { holds: 'integer', most: LIMITS.longestWaitSeconds }),
    Timestamp: { holds: 'text', expression: true, excludes: ['TimestampPath', 'Seconds', 'SecondsPath'] },
    TimestampPath: { holds: 'path', only: 'JSONPath' },
  },
  moves: true,
  recovers: false,
  compile(state) {
    const due = compileDueTime(state);
    return {
      enter(frame) {
        const until = due(frame.scope(), frame.enteredAt);
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
  frame.wakeAt(until, () => settle(frame, () => frame.conclude(frame.effectiveInput(), { findings: {} })));
}

function compileDueTime(state: Reader): DueTime {
  const possible = state.language === 'JSONata' ? FIELDS : [...FIELDS, ...PATH_FIELDS];
  const present = possible.filter((field) => state.has(field));
  if (present.length !== 1) state.report(`A Wait state needs exactly one of ${possible.join(', ')}`);
  if (state.language === 'JSONata') return compileQueriedTime(state);
  const seconds = state.integer('Seconds', { most: LIMITS.longestWaitSeconds });
  const secondsPath = state.path('SecondsPath');
  const timestamp = state.text('Timestamp');
  const timestampPath = state.path('TimestampPath');
  if (secondsPath) return (scope, now) => now + secondsAt(secondsPath, scope) * 1000;
  if (timestampPath) return (scope) => timeAt(timestampPath, scope);
  if (timestamp === undefined) return (_, now) => now + (seconds ?? 0) * 1000;
  const until = parseTimestamp(timestamp);
  if (until === undefined) state.report(`Expected an ${ISO}`, { field: 'Timestamp' });
  return () => until ?? 0;
}

function secondsAt(path: Path, scope: Scope): number {
  const value = path.read(scope);
  if (typeof value !== 'number' || !Number.isInteger(value)) {
    throw new StateRuntimeError(
      `The SecondsPath parameter does not reference an integer value: ${path.text} == ${JSON.stringify(value)}`,
    );
  }
  if (value < 0)
    throw new StateRuntimeError(
      `The SecondsPath parameter references a negative value: ${path.text} == ${value}`,
    );
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

const isText = (value: Json): value is string => typeof value === 'string';
const isWhole = (value: Json): value is number => typeof value === 'number' && Number.isInteger(value);

/** Seconds and Timestamp of a JSONata state: written down, or expressions. */
function compileQueriedTime(state: Reader): DueTime {
  const field = state.has('Timestamp') ? 'Timestamp' : 'Seconds';
  const source = expressionIn(state.value(field));
  const query = state.query(field);
  const place = { location: state.placeOf(field), source };
  if (source === undefined) checkConstant(state, field);
  if (!query) return (_, now) => now;
  if (field === 'Timestamp')
    return (scope) => {
      const text = expectType(query(scope), { ...place, expected: 'string' }, isText);
      const until = parseTimestamp(text);
      if (until !== undefined) return until;
      const what = `The Timestamp field cannot be parsed as an ${ISO}: ${text}`;
      throw new QueryError(what, place.location);
    };
  return (scope, now) => {
    const seconds = expectType(query(scope), { ...place, expected: 'integer' }, isWhole);
    if (seconds >= 0 && seconds <= LIMITS.longestWaitSeconds) return now + seconds * 1000;
    const what = `The Seconds field has to be from 0 to ${LIMITS.longestWaitSeconds} but is ${seconds}`;
    throw new QueryError(what, place.location);
  };
}

function checkConstant(state: Reader, field: string): void {
  if (field === 'Timestamp' && parseTimestamp(state.text(field)) === undefined)
    state.report(`Expected an ${ISO}`, { field });
}
