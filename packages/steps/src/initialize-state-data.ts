import { isJsonObject, type JsonObject, StatebagError } from '@statebag/contracts';
import { confine } from '@statebag/contracts/object-keys';
import type { InitEvent } from '@statebag/contracts/schemas/actions';
import type { StartEvent } from '@statebag/contracts/schemas/events';
import { validateInitEvent } from '@statebag/contracts/validators';
import { openFirstBag, planOpenBag } from '@statebag/state-core/core/first-bag';
import type { OpenBag } from '@statebag/state-core/core/merge-result';
import { loadManifest } from '@statebag/state-core/store/load-definition';
import { readVerified } from '@statebag/state-core/store/read-verified';
import { type BagStep, bagStep, type StepTools } from '@statebag/step-kit';

/** What the steps on a start event have in common. */
export const onStart = {
  event: validateInitEvent,
  facts: ({ action, start: { execution_id } }: InitEvent) => ({
    execution_id,
    action,
    segment_id: null,
    branch_path: '',
    loop_counter: 0,
  }),
  run: ({ start, now, machine_arn: current }: InitEvent) => {
    const { owner_id, execution_id, definition_id, machine_arn } = start;
    return { owner_id, execution_id, definition_id, now, machine_arn: machine_arn ?? current };
  },
} as const satisfies Omit<BagStep<InitEvent>, 'normalise'>;

/**
 * The first bag of a run: its input over the workflow's initial state. Uploads are read here and nowhere
 * later.
 */
export const initializeStateData = bagStep<InitEvent>({
  ...onStart,
  normalise: async (event, tools) => planOpenBag(await firstBag(event, tools), tools.plan),
});

/** The first bag before anything has left it. */
export async function firstBag({ start }: InitEvent, tools: StepTools): Promise<OpenBag> {
  const { owner_id, definition_id } = start;
  const definition = { bucket: tools.plan.location.bucket, owner_id, definition_id };
  const [manifest, input] = await Promise.all([
    loadManifest(definition, tools.session),
    inputOf(start, tools),
  ]);
  return openFirstBag({ start, manifest, input }, tools.plan.now);
}

function inputOf(start: StartEvent, tools: StepTools): Promise<JsonObject> | JsonObject {
  return 'input' in start ? start.input : uploadedInput(start.input_s3_path, tools);
}

/**
 * The input of a run, from the owner's uploads.
 * @throws `Pointer.Foreign` for any other address, `Contract.EventRejected` for what is no JSON object
 */
export async function uploadedInput(
  path: string,
  { session, plan: { location } }: StepTools,
): Promise<JsonObject> {
  const uploads = `s3://${location.bucket}/uploads/${location.owner_id}/`;
  if (!path.startsWith(uploads))
    throw new StatebagError('Pointer.Foreign', `the input ${path} does not lie under ${uploads}`);
  const uri = confine(path, { ...location, uploads: true });
  const { value, size } = await readVerified({ uri }, session);
  session.counts.hydrated_bytes += size;
  if (isJsonObject(value)) return value;
  throw new StatebagError('Contract.EventRejected', `the input ${uri} is not a JSON object`);
}
