import type { Outcome } from '../definition/program.ts';
import type { Payload } from '../language/payload.ts';
import { StateRuntimeError, StatesError } from '../states-error.ts';
import type { Frame } from './frame.ts';
import { STATE_EVENTS } from './history.ts';
import { recover } from './recover.ts';

/** Visits states until the frame ends, has to wait, or has used its share of this turn. */
export function advance(frame: Frame, states: number): void {
  for (let left = states; left > 0; left -= 1) {
    if (!frame.run.live || frame.halted || frame.phase.kind !== 'ready') return;
    if (!guard(frame, () => proceed(frame, visit(frame)))) return;
  }
  frame.run.host.enqueue(frame);
}

/** Goes on with a state whose work outside has come to something. */
export function settle(frame: Frame, work: () => Outcome): void {
  if (!frame.run.live || frame.halted) return;
  if (guard(frame, () => proceed(frame, attempt(frame, work)))) frame.run.host.enqueue(frame);
}

/** A wait before a retry is over. */
export function retry(frame: Frame): void {
  settle(frame, () => frame.state.behaviour.enter(frame));
}

function visit(frame: Frame): Outcome {
  const { state, run } = frame;
  frame.enteredAt = run.host.clock.now();
  frame.enteredId = frame.record(STATE_EVENTS[state.type].entered, { name: state.name }, frame.received);
  return attempt(frame, () => state.behaviour.enter(frame));
}

function attempt(frame: Frame, work: () => Outcome): Outcome {
  try {
    return work();
  } catch (error) {
    return recover(frame, failureOf(frame, error));
  }
}

/** Leaves the state, if its work is done. True: the frame can visit the next one. */
function proceed(frame: Frame, outcome: Outcome): boolean {
  if (outcome === 'blocked') return false;
  const { state } = frame;
  frame.record(STATE_EVENTS[state.type].exited, { name: state.name }, outcome.output);
  if (outcome.next === undefined) {
    finish(frame, outcome.output);
    return false;
  }
  frame.moveTo(outcome.next, outcome.output);
  return true;
}

function finish(frame: Frame, output: Payload): void {
  const { parent, run } = frame;
  if (!parent) {
    run.succeed(output, frame.lastEvent);
    return;
  }
  run.drop(frame);
  settle(parent, () => parent.state.behaviour.childSucceeded?.(parent, frame, output) ?? 'blocked');
}

/** Nothing in the frame takes the error: it is the parent's, or the end of the execution. */
function giveUp(frame: Frame, error: StatesError): void {
  const { parent, run } = frame;
  if (!parent || error.fatal) {
    run.fail(error, frame.lastEvent);
    return;
  }
  frame.halt();
  settle(parent, () => parent.state.behaviour.childFailed?.(parent, frame, error) ?? 'blocked');
}

/** What gets past Retry and Catch ends the frame. */
function guard(frame: Frame, step: () => boolean): boolean {
  try {
    return step();
  } catch (error) {
    giveUp(frame, failureOf(frame, error));
    return false;
  }
}

function failureOf(frame: Frame, error: unknown): StatesError {
  if (error instanceof StatesError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const what = error instanceof StateRuntimeError ? message : `The local cloud failed: ${error instanceof Error ? (error.stack ?? message) : message}`;
  return new StatesError(
    'States.Runtime',
    `An error occurred while executing the state '${frame.state.name}' (entered at the event id #${frame.enteredId}). ${what}`,
    {
      fatal: true,
    },
  );
}
