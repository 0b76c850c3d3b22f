import { isStatebagError, type JsonObject, StatebagError } from '@statebag/contracts';
import type { ErrorCode } from '@statebag/contracts/errors';
import type { ConfigRule, Retry } from './config-rules.ts';

/** The key `retry` of nodes that call outside. */
export const RETRY_RULE = {
  kind: 'retry',
  doc: 'Makes a call that failed again, `attempts` times in all (2 to 20): after `interval_s` seconds (1 if not given), each further wait `backoff` times longer (2 if not given), a day at most. `errors` names the errors that are tried again; if not given, those that may pass. When all attempts failed, the node fails with `Node.RetriesExhausted`.',
} as const satisfies ConfigRule;

/** Errors that may pass: a service was not there, or had too much to do. */
const MAY_PASS: readonly ErrorCode[] = ['Llm.Unavailable', 'Http.Unavailable', 'Function.Unavailable'];
const DEFAULT_INTERVAL_S = 1;
const DEFAULT_BACKOFF = 2;
const LONGEST_WAIT_MS = 86_400_000;
/** A wait from here on is the state machine's, so that nothing runs meanwhile. */
const LONG_WAIT_MS = 10_000;

/** When its calls are made again, if it has a `retry`; the rule of the type has checked it. */
export function retryOf(config: JsonObject): Retry | undefined {
  return config['retry'] as Retry | undefined;
}

/** Each further attempt may be another turn of its segment. */
export function furtherAttempts(config: JsonObject): number {
  return (retryOf(config)?.attempts ?? 1) - 1;
}

/** The turn in which a node makes its attempts. */
interface RetryContext {
  /** How many attempts were made in earlier invocations. */
  readonly resume: { readonly item: number };
  readonly timeLeft: (millis: number) => number;
  readonly clock: () => number;
  readonly mayYield: boolean;
  readonly pause: (millis: number) => Promise<void>;
}

/** The node is entered again at this time, after so many attempts. */
interface ComeBack {
  readonly kind: 'yield';
  readonly item: number;
  readonly progress: null;
  readonly wait_until: number;
}

/**
 * Makes an attempt again as its node says. A short wait happens here; a long one, and one that the invocation
 * has no time for, is left to the state machine, which then enters the node again. Inside of lists, which
 * cannot be left, a wait that does not fit gives up this invocation.
 */
export async function withRetry<Outcome>(
  context: RetryContext,
  retry: Retry | undefined,
  attempt: () => Promise<Outcome>,
): Promise<Outcome | ComeBack> {
  for (let made = context.resume.item + 1; ; made += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (!retry || !isRetried(error, retry)) throw error;
      if (made >= retry.attempts) throw exhausted(error, made);
      const wait = waitAfter(made, retry);
      const fits = context.timeLeft(wait) >= wait;
      if (context.mayYield && (!fits || wait >= LONG_WAIT_MS))
        return { kind: 'yield', item: made, progress: null, wait_until: context.clock() + wait };
      if (!fits) throw error;
      await context.pause(wait);
    }
  }
}

function isRetried(error: unknown, { errors = MAY_PASS }: Retry): error is StatebagError {
  return isStatebagError(error) && errors.includes(error.name);
}

function waitAfter(
  made: number,
  { interval_s = DEFAULT_INTERVAL_S, backoff = DEFAULT_BACKOFF }: Retry,
): number {
  return Math.min(Math.round(interval_s * 1_000 * backoff ** (made - 1)), LONGEST_WAIT_MS);
}

function exhausted(error: StatebagError, attempts: number): StatebagError {
  const message = `${attempts} attempts failed; the last with ${error.name}: ${error.message}`;
  const details = { ...error.details, attempts, last_error: error.name };
  return new StatebagError('Node.RetriesExhausted', message, { cause: error, details });
}
