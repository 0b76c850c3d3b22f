import type { Validator } from '@statebag/contracts';
import type { Envelope, StateBag } from '@statebag/contracts/schemas/state-bag';
import { planSync, sealPlan } from '@statebag/state-core';
import type { MergePlan } from '@statebag/state-core/core/merge-result';
import type { NormalisedResult } from '@statebag/state-core/core/normalised-result';
import { storeAll } from '@statebag/state-core/store/store-all';
import type { Invocation, RunAt, StepTools } from './invocation.ts';
import type { StepFacts } from './step-line.ts';

/**
 * A step as its function runs it. Its events pass the validator before it sees them; what they look like is
 * known to the step alone.
 */
export interface Step<Reply = unknown> {
  readonly event: Validator;
  readonly factsOf: (accepted: unknown) => StepFacts;
  readonly invoke: (accepted: unknown, invocation: Invocation) => Promise<Reply>;
}

/** A step that seals no bag. */
export interface PlainStep<Event, Reply> {
  readonly event: Validator;
  /** Ids for the log line. */
  readonly facts: (event: Event) => StepFacts;
  /** Opens the run, reads, works, stores and answers, in this order. */
  readonly run: (event: Event, invocation: Invocation) => Promise<Reply> | Reply;
}

/** Declares a step that seals no bag. */
export function plainStep<Event, Reply>({ event, facts, run }: PlainStep<Event, Reply>): Step<Reply> {
  // the validator at the door says that it is an Event
  return {
    event,
    factsOf: (accepted) => facts(accepted as Event),
    invoke: async (accepted, invocation) => run(accepted as Event, invocation),
  };
}

/** A step that seals a bag. */
export interface BagStep<Event> {
  readonly event: Validator;
  readonly facts: (event: Event) => StepFacts;
  readonly run: (event: Event) => RunOnMachine;
  /** Reads what the event points to, and says what the event means: one change. */
  readonly normalise: (event: Event, tools: StepTools) => Promise<Change> | Change;
}

/**
 * Which version of the machine a run is on goes round with its bag, so that what it starts later stays on it.
 */
export interface RunOnMachine extends RunAt {
  readonly machine_arn?: string | undefined;
}

/** A result to merge into a bag, or a bag as a whole. */
export type Change = (
  | { readonly merge: NormalisedResult; readonly into: StateBag }
  | (MergePlan & { readonly merge?: never })
) & {
  /** What the reply holds beside the envelope. */
  readonly beside?: (envelope: Envelope) => Promise<object> | object;
};

/**
 * Declares a step that seals a bag. Its invocation stands here in the order it happens; the validator at the
 * door comes before it. State is stored after the work and before the reply; nothing is deleted.
 */
export function bagStep<Event>(step: BagStep<Event>): Step<Envelope> {
  const { event, facts } = step; // validate
  return plainStep<Event, Envelope>({
    event,
    facts,
    async run(accepted, invocation) {
      const { machine_arn, ...run } = step.run(accepted);
      const tools = invocation.open(run); // open
      const change = await step.normalise(accepted, tools); // normalise
      const context = { ...tools.plan, hydrator: tools.session.hydrator };
      // hydrate what a reducer needs, merge, plan
      const plan = change.merge ? await planSync(change.into, change.merge, context) : change;
      await storeAll(plan.writes, tools.session); // store
      const { envelope, ...sizes } = sealPlan(plan); // seal
      const beside = await change.beside?.(envelope);
      tools.tally.bag_bytes = sizes.bagBytes;
      tools.tally.control_plane_bytes = sizes.controlBytes;
      return { ...envelope, ...(machine_arn !== undefined && { machine_arn }), ...beside };
    },
  });
}
