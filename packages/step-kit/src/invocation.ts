import { isJsonObject, type Json, type Timestamp } from '@statebag/contracts';
import { BUDGET } from '@statebag/contracts/limits';
import type { Confinement } from '@statebag/contracts/object-keys';
import { byteSizeOf, type PlanContext } from '@statebag/state-core';
import { noStoreCounts } from '@statebag/state-core/store/counted-store';
import { openSession, type StoreSession } from '@statebag/state-core/store/store-session';
import { legacyPrefixesOf } from './legacy-prefixes.ts';
import type { StepDeps } from './open-deps.ts';
import { newTally, type StepFacts, type StepLine, type Tally } from './step-line.ts';
import { failureEvent } from './step-log.ts';
import { isNearBudget } from './step-metrics.ts';

/** How long an invocation may still take. */
export interface Deadline {
  remainingMs(): number;
}

/** What step-kit needs of Lambda's context object. */
export interface InvocationContext {
  getRemainingTimeInMillis(): number;
}

/** The function's own deadline, less what storing and replying will take. */
export function deadlineOf(context: InvocationContext, reserveMs = 3_000): Deadline {
  return { remainingMs: () => Math.max(0, context.getRemainingTimeInMillis() - reserveMs) };
}

/** The run that an event belongs to, and when the state was entered that sent it. */
export interface RunAt extends Omit<Confinement, 'bucket'> {
  readonly now: Timestamp;
}

/** What a step works with that was given a run. */
export interface StepTools {
  readonly session: StoreSession;
  readonly plan: PlanContext;
  readonly deadline: Deadline;
  readonly tally: Tally;
  /** Logs a failure that the reply carries, and counts the invocation as failed. */
  tellFailure(error: Error): void;
}

/** One call of a function. */
export interface Invocation extends Pick<StepTools, 'deadline' | 'tally'> {
  /** The tools for one run: nothing outside of it can be read. A step that opens none reads nothing. */
  open(run: RunAt): StepTools;
  /** Prints the line of the invocation. */
  report(ended: Ended): void;
}

/** How an invocation ended. */
export interface Ended {
  readonly event: unknown;
  readonly facts: StepFacts;
  /** `ok`, or the name of the error. */
  readonly outcome: string;
  /** Undefined where there is none. */
  readonly reply: unknown;
}

/** Begins an invocation: the clock runs, nothing is counted yet. */
export function beginInvocation(deps: StepDeps, context: InvocationContext): Invocation {
  const began = deps.clock();
  const [deadline, tally] = [deadlineOf(context), newTally()];
  let counts = noStoreCounts();
  let carried: string | undefined;
  return {
    deadline,
    tally,
    open(run) {
      const opened = openRun(run, deps);
      counts = opened.session.counts;
      const tellFailure = (error: Error) => {
        carried = error.name;
        deps.log.event('error', failureEvent(run.execution_id, error));
      };
      return { ...opened, deadline, tally, tellFailure };
    },
    report(ended) {
      const { hydrated_bytes, ...s3 } = counts;
      const duration_ms = Math.round((deps.clock() - began) * 1_000) / 1_000;
      const line = lineOf({ ...ended, outcome: carried ?? ended.outcome }, tally);
      printLine({ ...line, duration_ms, hydrated_bytes, s3 }, deps);
    },
  };
}

function openRun({ now, ...run }: RunAt, { config, process }: StepDeps): Pick<StepTools, 'session' | 'plan'> {
  const { bucket, thresholds, legacyReadPrefixes = [] } = config;
  const { owner_id, execution_id } = run;
  const legacyPrefixes = legacyPrefixesOf(legacyReadPrefixes, run);
  return {
    session: openSession(process, { bucket, legacyPrefixes, ...run }),
    plan: { location: { bucket, owner_id, execution_id }, now, thresholds },
  };
}

type Counted = 'statebag' | 'function' | 'duration_ms' | 'hydrated_bytes' | 's3';

function lineOf({ event, facts, outcome, reply }: Ended, tally: Tally): Omit<StepLine, Counted> {
  return {
    ...facts,
    outcome,
    event_bytes: byteSizeOf(event as Json), // it came over the wire
    reply_bytes: reply === undefined ? 0 : replyBytesOf(reply, tally.bag_bytes),
    retries: retriesTold(event),
    ...tally,
  };
}

function printLine(counted: Omit<StepLine, 'statebag' | 'function'>, { config, log }: StepDeps): void {
  const { execution_id, bag_bytes } = counted;
  if (isNearBudget(bag_bytes))
    log.event('warn', { event: 'bag_near_budget', execution_id, bag_bytes, budget: BUDGET.bag });
  log.line({ statebag: 'step', function: config.functionName, ...counted });
}

/** A bag was measured when it was sealed: only what stands beside it is measured here. */
function replyBytesOf(reply: unknown, bagBytes: number): number {
  // a reply is JSON: it crosses the wire
  if (!isJsonObject(reply) || reply['state_data'] === undefined) return byteSizeOf(reply as Json);
  return byteSizeOf({ ...reply, state_data: 0 }) - 1 + bagBytes;
}

/**
 * How often the task was tried before, as far as its event says, with the tries of the segment whose result
 * it brings.
 */
function retriesTold(event: unknown): number {
  if (!isJsonObject(event)) return 0;
  const { retry_count, execution_result } = event;
  const before = isJsonObject(execution_result) ? execution_result['retry_count'] : 0;
  return numberOf(retry_count) + numberOf(before);
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
