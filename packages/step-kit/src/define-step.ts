import { BUDGET, type Confinement, isJsonObject, type Json, type Timestamp, type Validator } from '@statebag/contracts';
import { byteSizeOf, openSession, type PlanContext, type StoreProcess, type StoreSession } from '@statebag/state-core';
import { type Deadline, deadlineOf, type InvocationContext } from './deadline.ts';
import { legacyPrefixesOf } from './legacy-prefixes.ts';
import type { StepConfig } from './read-config.ts';
import { shapedError } from './shaped-error.ts';
import { newTally, type ReplySizes, type StepFacts, type StepLine, type Tally } from './step-line.ts';
import { failureEvent, type StepLog } from './step-log.ts';
import { isNearBudget } from './step-metrics.ts';

/** What one invocation works with. */
export interface StepTools {
  readonly session: StoreSession;
  readonly plan: PlanContext;
  readonly deadline: Deadline;
  readonly tally: Tally;
}

/** A reply and the sizes it was planned with. */
export interface Finished<Reply> {
  readonly reply: Reply;
  readonly sizes: ReplySizes;
}

/** What a function means; the order in which it happens is `defineStep`'s. */
export interface Step<Event, Hydrated, Draft, Reply> {
  readonly event: Validator;
  /** The run the event belongs to: nothing outside of it can be read. */
  readonly reader: (event: Event) => Omit<Confinement, 'bucket'>;
  readonly facts: (event: Event) => StepFacts;
  readonly now: (event: Event) => Timestamp;
  /** Everything that is read before the work. */
  readonly reads: (event: Event, tools: StepTools) => Promise<Hydrated>;
  readonly run: (event: Event, hydrated: Hydrated, tools: StepTools) => Promise<Draft> | Draft;
  /** Plan, store and close: one of `sealInto`, `sealFirst`, `returnResult`. */
  readonly finish: (event: Event, draft: Draft, tools: StepTools) => Promise<Finished<Reply>>;
}

/** What a process gives its steps. */
export interface StepDeps {
  readonly config: StepConfig;
  readonly process: StoreProcess;
  readonly log: StepLog;
  /** Monotonic milliseconds, for durations only. */
  readonly clock: () => number;
}

/** One invocation of an accepted event, in the order it happens: read, work, plan and store, reply. State is written after the work and before the reply; nothing is deleted. */
export function defineStep<Event, Hydrated, Draft, Reply>(step: Step<Event, Hydrated, Draft, Reply>, deps: StepDeps) {
  return async (event: Event, context: InvocationContext): Promise<Reply> => {
    const began = deps.clock();
    const tools = openTools(step, { event, deps, context });
    const report = { step, event, tools, deps, began };
    try {
      const hydrated = await step.reads(event, tools);
      const draft = await step.run(event, hydrated, tools);
      const { reply, sizes } = await step.finish(event, draft, tools);
      reportStep(report, { outcome: 'ok', sizes, reply_bytes: replyBytesOf(reply, sizes) });
      return reply;
    } catch (error) {
      const shaped = shapedError(error);
      deps.log.event('error', failureEvent(step.facts(event).execution_id, shaped));
      reportStep(report, { outcome: shaped.name, sizes: NO_SIZES, reply_bytes: 0 });
      throw shaped;
    }
  };
}

/** A bag was measured when it was sealed: only what stands beside it is measured here. */
function replyBytesOf(reply: unknown, { bag_bytes }: ReplySizes): number {
  if (!isJsonObject(reply) || reply['state_data'] === undefined) return byteSizeOf(reply as Json); // a reply is JSON: it crosses the wire
  return byteSizeOf({ ...reply, state_data: 0 }) - 1 + bag_bytes;
}

const NO_SIZES: ReplySizes = { bag_bytes: 0, control_plane_bytes: 0 };

interface Opening<Event> {
  readonly event: Event;
  readonly deps: StepDeps;
  readonly context: InvocationContext;
}

function openTools<Event>(step: Pick<Step<Event, never, never, never>, 'reader' | 'now'>, { event, deps, context }: Opening<Event>): StepTools {
  const run = step.reader(event);
  const reader = { bucket: deps.config.bucket, legacyPrefixes: legacyPrefixesOf(deps.config.legacyReadPrefixes ?? [], run), ...run };
  const { bucket, owner_id, execution_id } = reader;
  const plan = { location: { bucket, owner_id, execution_id }, now: step.now(event), thresholds: deps.config.thresholds };
  return { session: openSession(deps.process, reader), plan, deadline: deadlineOf(context), tally: newTally() };
}

interface Report<Event> {
  readonly step: Pick<Step<Event, never, never, never>, 'facts'>;
  readonly event: Event;
  readonly tools: StepTools;
  readonly deps: StepDeps;
  readonly began: number;
}

function reportStep<Event>({ step, event, tools, deps, began }: Report<Event>, result: { outcome: string; sizes: ReplySizes; reply_bytes: number }): void {
  const { hydrated_bytes, ...s3 } = tools.session.counts;
  const facts = step.facts(event);
  const line: StepLine = {
    statebag: 'step',
    function: deps.config.functionName,
    ...facts,
    outcome: result.outcome,
    duration_ms: Math.round((deps.clock() - began) * 1_000) / 1_000,
    event_bytes: byteSizeOf(event as never), // an event is JSON: it came over the wire
    reply_bytes: result.reply_bytes,
    ...result.sizes,
    retries: retriesTold(event),
    hydrated_bytes,
    s3,
    ...tools.tally,
  };
  if (isNearBudget(line.bag_bytes))
    deps.log.event('warn', { event: 'bag_near_budget', execution_id: facts.execution_id, bag_bytes: line.bag_bytes, budget: BUDGET.bag });
  deps.log.line(line);
}

/** How often the task was tried before, as far as its event says, with the tries of the segment whose result it brings. */
function retriesTold(event: unknown): number {
  const { retry_count = 0, execution_result } = event as {
    readonly retry_count?: number;
    readonly execution_result?: { readonly retry_count?: number } | null;
  }; // read only where they are numbers
  return numberOf(retry_count) + numberOf(execution_result?.retry_count);
}

function numberOf(value: unknown): number {
  return typeof value === 'number' ? value : 0;
}
