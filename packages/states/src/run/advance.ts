import type { Json } from '../language/json.ts';
import type { Payload } from '../language/payload.ts';
import { QueryError, StateRuntimeError, StatesError } from '../language/states-error.ts';
import { STATE_EVENTS } from '../program/execution.ts';
import type { Catcher, Frame, Outcome, Retrier } from '../program/program.ts';
import { discardChildren } from './children.ts';

/** Visits states until the frame ends, has to wait, or has used its share of this turn. */
export function advance(frame: Frame, states: number): void {
  for (let left = states; left > 0; left -= 1) {
    if (!frame.run.live || frame.halted || frame.phase.kind !== 'ready') return;
    if (isHeldBack(frame)) return;
    if (!guard(frame, () => proceed(frame, visit(frame)))) return;
  }
  frame.run.host.enqueue(frame);
}

/** States are entered at the rate of the account: a frame that comes too early comes again. */
function isHeldBack(frame: Frame): boolean {
  const { host } = frame.run;
  const millis = host.pace?.(frame) ?? 0;
  if (millis > 0) frame.wakeAt(host.clock.now() + millis, () => host.enqueue(frame));
  return millis > 0;
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
  const { assigned } = outcome;
  if (assigned) frame.assign(assigned);
  const facts = { name: state.name, ...(assigned ? { assigned: JSON.stringify(assigned) } : {}) };
  frame.record(STATE_EVENTS[state.type].exited, facts, outcome.output);
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
  if (error instanceof StatesError) return error.ofState ? placed(frame, error) : error;
  if (error instanceof QueryError) return evaluationFailed(frame, error);
  const message = error instanceof Error ? error.message : String(error);
  const what =
    error instanceof StateRuntimeError
      ? message
      : `The local cloud failed: ${error instanceof Error ? (error.stack ?? message) : message}`;
  return new StatesError('States.Runtime', whileExecuting(frame, what), { fatal: true });
}

function placed(frame: Frame, { code, reason, fatal }: StatesError): StatesError {
  return new StatesError(code, whileExecuting(frame, reason ?? ''), { fatal });
}

function evaluationFailed(frame: Frame, { message, location }: QueryError): StatesError {
  const error = 'States.QueryEvaluationError';
  const cause = whileExecuting(frame, message);
  frame.record('EvaluationFailed', { error, cause, location, state: frame.state.name });
  return new StatesError(error, cause);
}

function whileExecuting({ state, enteredId }: Frame, what: string): string {
  return `An error occurred while executing the state '${state.name}' (entered at the event id #${enteredId}). ${what}`;
}

/** Retry before Catch; throws the error again where neither takes it. */
export function recover(frame: Frame, error: StatesError): Outcome {
  if (error.fatal || error.leaving === frame) throw error;
  const { retriers, catchers, behaviour } = frame.state;
  const retrier = retriers.findIndex(({ errors }) => takes(errors, error));
  if (retrier >= 0 && retryLater(frame, retrier)) return 'blocked';
  behaviour.gaveUp?.(frame, error);
  const catcher = catchers.find(({ errors }) => takes(errors, error));
  if (!catcher) throw error;
  discardChildren(frame);
  return caught(frame, catcher, error);
}

/** The service's documentation leaves data over the limit out of `States.ALL`; its recordings take it in. */
function takes(names: readonly string[], error: StatesError): boolean {
  return names.some(
    (name) =>
      name === 'States.ALL' ||
      name === error.code ||
      name === error.alias ||
      (name === 'States.TaskFailed' && error.ofTask),
  );
}

/** False: the retrier has used its attempts. */
function retryLater(frame: Frame, index: number): boolean {
  const retrier = frame.state.retriers[index];
  const used = frame.retries[index] ?? 0;
  if (!retrier || used >= retrier.maxAttempts) return false;
  discardChildren(frame);
  frame.retries = frame.state.retriers.map(
    (_, other) => (frame.retries[other] ?? 0) + (other === index ? 1 : 0),
  );
  const { clock, random } = frame.run.host;
  const until = clock.now() + delayOf(retrier, used) * (retrier.fullJitter ? random() : 1) * 1000;
  frame.become({ kind: 'retrying', until });
  frame.wakeAt(until, () => retry(frame));
  return true;
}

/** Seconds before the next attempt, when `used` have been made. */
export function delayOf({ intervalSeconds, backoffRate, maxDelaySeconds }: Retrier, used: number): number {
  return Math.min(intervalSeconds * backoffRate ** used, maxDelaySeconds ?? Number.POSITIVE_INFINITY);
}

function caught(frame: Frame, { next, conclude }: Catcher, { code, reason }: StatesError): Outcome {
  const cause = code === 'States.Timeout' ? (reason ?? '') : reason;
  const error: Json = {
    ...(code === undefined ? {} : { Error: code }),
    ...(cause === undefined ? {} : { Cause: cause }),
  };
  return frame.conclude(error, { next, conclude, findings: { errorOutput: error } });
}
