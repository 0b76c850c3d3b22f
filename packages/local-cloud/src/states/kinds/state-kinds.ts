import type { Behaviour, StateType } from '../definition/program.ts';
import type { Reader } from '../definition/reader.ts';
import type { FlowField } from '../language/data-flow.ts';
import { CHOICE } from './choice.ts';
import { FAIL } from './fail.ts';
import { MAP } from './map.ts';
import { PARALLEL } from './parallel.ts';
import { PASS } from './pass.ts';
import { SUCCEED } from './succeed.ts';
import { TASK } from './task.ts';
import { WAIT } from './wait.ts';

/** A type of state: which fields it has, and how they make its behaviour. */
export interface StateKind {
  /** Fields of its own. */
  readonly fields: readonly string[];
  /** Fields of the data flow that it allows. */
  readonly flow: readonly FlowField[];
  /** It has `Next` or `End`. */
  readonly moves: boolean;
  /** It has `Retry` and `Catch`. */
  readonly recovers: boolean;
  compile(state: Reader): Behaviour;
}

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
