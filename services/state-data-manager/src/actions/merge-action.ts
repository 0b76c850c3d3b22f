import type { Action, Envelope, StateBag, Timestamp, Validator } from '@statebag/contracts';
import type { NormalisedResult } from '@statebag/state-core';
import { type Step, type StepFacts, sealInto } from '@statebag/step-kit';

/** What every event of the state data manager has. */
export interface BagEvent {
  readonly action: Action;
  readonly state_data: StateBag;
  readonly now: Timestamp;
}

/** Which run a bag belongs to. */
export function readerOf({ state_data: { owner_id, execution_id, definition_id } }: Pick<BagEvent, 'state_data'>) {
  return { owner_id, execution_id, definition_id };
}

/** Ids of a bag's invocation, for its log line. */
export function factsOf({ action, state_data }: BagEvent): StepFacts {
  const { execution_id, segment_to_run, branch_path, loop_counter } = state_data;
  return { execution_id, action, segment_id: segment_to_run, branch_path, loop_counter };
}

/** What all steps on a bag have in common. */
export function bagStep<Event extends BagEvent>(event: Validator): Pick<Step<Event, never, never, never>, 'event' | 'reader' | 'facts' | 'now'> {
  return { event, reader: readerOf, facts: factsOf, now: ({ now }) => now };
}

interface Merge<Event> {
  readonly event: Validator;
  readonly normalise: (event: Event) => NormalisedResult;
}

/** An action that merges one result into the bag: all it says is what its event means. */
export function mergeAction<Event extends BagEvent>({ event, normalise }: Merge<Event>): Step<Event, null, NormalisedResult, Envelope> {
  return {
    ...bagStep<Event>(event),
    reads: async () => null,
    run: (accepted) => normalise(accepted),
    finish: sealInto,
  };
}
