import type { Timestamp, Validator } from '@statebag/contracts';
import type { Action } from '@statebag/contracts/actions';
import type { StateBag } from '@statebag/contracts/schemas/state-bag';
import type { NormalisedResult } from '@statebag/state-core/core/normalised-result';
import { type BagStep, bagStep, type RunOnMachine, type Step } from '@statebag/step-kit';

/** What every event with a bag has. */
export interface BagEvent {
  readonly state_data: StateBag;
  readonly now: Timestamp;
  readonly machine_arn?: string | undefined;
}

/** What all steps on the bag of their event have in common: its run, and its ids for the log line. */
export function onBag(action: Action, event: Validator) {
  return {
    event,
    facts: ({ state_data: { execution_id, segment_to_run, branch_path, loop_counter } }: BagEvent) => ({
      execution_id,
      action,
      segment_id: segment_to_run,
      branch_path,
      loop_counter,
    }),
    run: runOfBag,
  } as const satisfies Omit<BagStep<BagEvent>, 'normalise'>;
}

/** The run that the bag of an event belongs to. */
export function runOfBag({ state_data, now, machine_arn }: BagEvent): RunOnMachine {
  const { owner_id, execution_id, definition_id } = state_data;
  return { owner_id, execution_id, definition_id, now, machine_arn };
}

/** An action that merges one result into the bag of its event: all it says is what the event means. */
export function merging<Event extends BagEvent>(
  action: Action,
  event: Validator,
  normalise: (event: Event) => NormalisedResult,
): Step {
  return bagStep<Event>({
    ...onBag(action, event),
    normalise: (accepted) => ({ into: accepted.state_data, merge: normalise(accepted) }),
  });
}
