import { type JsonObject, type Timestamp, timestampOf, type Validator } from '@statebag/contracts';
import { byteSizeOf } from '@statebag/state-core';
import { type LegacyPlan, legacyIds } from '@statebag/state-core/legacy';
import { storeAll } from '@statebag/state-core/store/store-all';
import { plainStep, type RunAt, type Step, type StepFacts, type StepTools } from '@statebag/step-kit';

/** What every first-generation event with a bag has. */
export interface LegacyBagEvent {
  readonly state_data: JsonObject;
  readonly now?: Timestamp | undefined;
}

interface LegacyBagStep<Event> {
  readonly action: string;
  readonly event: Validator;
  /** The bag after the event, and what must be stored for it. */
  readonly plan: (event: Event, tools: StepTools) => Promise<LegacyPlan> | LegacyPlan;
}

/** Declares a step on a first-generation bag: it returns the bare bag. */
export function legacyBagStep<Event extends LegacyBagEvent>(step: LegacyBagStep<Event>): Step<JsonObject> {
  return plainStep<Event, JsonObject>({
    event: step.event,
    facts: ({ state_data }) => legacyFacts(step.action, state_data),
    async run(event, invocation) {
      const tools = invocation.open(legacyRun(event));
      return storedBag(await step.plan(event, tools), tools);
    },
  });
}

/** Stores what a plan moves out of a bag; the bag itself is the reply. */
export async function storedBag(
  { bag, writes }: LegacyPlan,
  { session, tally }: StepTools,
): Promise<JsonObject> {
  await storeAll(writes, session);
  tally.bag_bytes = byteSizeOf(bag);
  return bag;
}

/** The run that a bag belongs to. */
export function legacyRun(event: LegacyBagEvent): RunAt {
  return { ...legacyIds(event.state_data), now: enteredAt(event) };
}

/** First-generation machines pass no time; it only ever stands in clock fields. */
export function enteredAt({ now }: { readonly now?: Timestamp | undefined }): Timestamp {
  return now ?? timestampOf(Date.now());
}

/** Ids of a bag for the log line. */
export function legacyFacts(action: string, bag: JsonObject): StepFacts {
  return {
    execution_id: legacyIds(bag).execution_id,
    action,
    segment_id: textOf(bag['segment_id']),
    branch_path: textOf(bag['branch_path']) ?? '',
    loop_counter: turnsOf(bag),
  };
}

/** Turns that a bag has counted. */
export function turnsOf({ loop_counter }: JsonObject): number {
  return typeof loop_counter === 'number' ? loop_counter : 0;
}

function textOf(value: JsonObject[string] | undefined): string | null {
  return typeof value === 'string' || typeof value === 'number' ? String(value) : null;
}
