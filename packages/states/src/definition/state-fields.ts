import { CHOICE, FAIL, PASS, SUCCEED } from '../kinds/at-once.ts';
import { MAP } from '../kinds/map.ts';
import { PARALLEL } from '../kinds/parallel.ts';
import { TASK } from '../kinds/task.ts';
import { WAIT } from '../kinds/wait.ts';
import { type FieldTable, TEXT } from '../language/fields.ts';
import { LIMITS } from '../ports/limits.ts';
import { STATE_TYPES, type StateType } from '../program/execution.ts';
import type { StateKind } from '../program/program.ts';
import { CATCHER_FIELDS, RETRIER_FIELDS } from './error-handling.ts';

/** The types of state. */
export const STATE_KINDS: Readonly<Record<StateType, StateKind>> = {
  Task: TASK,
  Pass: PASS,
  Choice: CHOICE,
  Wait: WAIT,
  Succeed: SUCCEED,
  Fail: FAIL,
  Parallel: PARALLEL,
  Map: MAP,
};

const LANGUAGE: FieldTable = { QueryLanguage: { holds: 'text', values: ['JSONPath', 'JSONata'] } };

/** The fields of a state machine itself. */
export const MACHINE_FIELDS: FieldTable = {
  ...LANGUAGE,
  Comment: TEXT,
  StartAt: { holds: 'text', required: true },
  States: { holds: 'object', required: true },
  TimeoutSeconds: { holds: 'integer', least: 1, most: LIMITS.longestWaitSeconds },
  Version: { holds: 'text', values: ['1.0'] },
};

const COMMON: FieldTable = {
  ...LANGUAGE,
  Type: { holds: 'text', values: STATE_TYPES, required: true },
  Comment: TEXT,
};
const MOVES: FieldTable = { Next: TEXT, End: { holds: 'boolean' } };
const RECOVERS: FieldTable = {
  Retry: { holds: 'list', fields: RETRIER_FIELDS },
  Catch: { holds: 'list', fields: CATCHER_FIELDS },
};

/** Every field that a state of a type may have. */
export function stateFields(type: StateType): FieldTable {
  const { fields, moves, recovers } = STATE_KINDS[type];
  return { ...COMMON, ...fields, ...(moves ? MOVES : {}), ...(recovers ? RECOVERS : {}) };
}
