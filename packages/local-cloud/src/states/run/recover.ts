import type { Catcher, Outcome, Retrier } from '../definition/program.ts';
import type { Json } from '../language/json.ts';
import { LIMITS } from '../limits.ts';
import type { StatesError } from '../states-error.ts';
import { retry } from './advance.ts';
import { discardChildren } from './children.ts';
import { dataLimitExceeded, type Frame } from './frame.ts';

/** Retry before Catch; throws the error again where neither takes it. */
export function recover(frame: Frame, error: StatesError): Outcome {
  if (error.fatal) throw error;
  const { retriers, catchers, behaviour } = frame.state;
  const retrier = retriers.findIndex(({ errors }) => takes(errors, error));
  if (retrier >= 0 && retryLater(frame, retrier)) return 'blocked';
  behaviour.gaveUp?.(frame, error);
  const catcher = catchers.find(({ errors }) => takes(errors, error));
  if (!catcher) throw error;
  discardChildren(frame);
  return caught(frame, catcher, error);
}

function takes(names: readonly string[], error: StatesError): boolean {
  return names.some((name) => name === 'States.ALL' || name === error.code || name === error.alias || (name === 'States.TaskFailed' && error.ofTask));
}

/** False: the retrier has used its attempts. */
function retryLater(frame: Frame, index: number): boolean {
  const retrier = frame.state.retriers[index];
  const used = frame.retries[index] ?? 0;
  if (!retrier || used >= retrier.maxAttempts) return false;
  discardChildren(frame);
  frame.retries = frame.state.retriers.map((_, other) => (frame.retries[other] ?? 0) + (other === index ? 1 : 0));
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

function caught(frame: Frame, catcher: Catcher, { code, reason }: StatesError): Outcome {
  const cause = code === 'States.Timeout' ? (reason ?? '') : reason;
  const error: Json = { ...(code === undefined ? {} : { Error: code }), ...(cause === undefined ? {} : { Cause: cause }) };
  const output = frame.payloadOf(catcher.resultPath ? catcher.resultPath.write(frame.input, error) : frame.input);
  if (!output.fits(LIMITS.payloadBytes)) throw dataLimitExceeded(frame.state.name);
  return { output, next: catcher.next };
}
