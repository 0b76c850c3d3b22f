import type { JsonObject } from '@statebag/contracts';
import type { DefinitionId } from '@statebag/contracts/ids';
import { API_LIMITS, START_QUEUE } from '@statebag/contracts/limits';
import { type S3Uri, uploadUri, workflowUri } from '@statebag/contracts/object-keys';
import { SCHEMA_VERSION } from '@statebag/contracts/statuses';
import { byteSizeOf, canonicalJson, sha256Of } from '@statebag/state-core';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import {
  compileWorkflow,
  DEFAULT_COMPILE_LIMITS,
  publishDefinition,
  type Workflow,
} from '@statebag/workflow';
import type { Generation, NewRun } from './run-record.ts';

/** Where definitions and inputs lie. */
export interface Definitions {
  readonly store: ObjectStore;
  readonly bucket: string;
}

/** The same, and where runs are recorded before they begin, if they are. */
interface EventPlace extends Definitions {
  readonly runs?: object;
}

/** What a run begins with: an object, or the name of one under the owner's uploads. */
export type RunInput = { readonly input: JsonObject } | { readonly upload: string };

/** How the input reaches the machine. */
export type CarriedInput = { readonly input: JsonObject } | { readonly input_s3_path: S3Uri };

type Ids = Pick<NewRun, 'owner_id' | 'workflow_id' | 'execution_id' | 'definition_id'>;

/** What the machine of a run is started with, as JSON. What is too large for it is stored first. */
export async function startEvent(place: EventPlace, run: NewRun, given: RunInput): Promise<string> {
  const carried = await carriedInput(place, run, { given, most: API_LIMITS.inlineInputBytes });
  return JSON.stringify(await START_EVENT[run.generation](place, run, carried));
}

/**
 * The same for a run that waits, whose record holds it. Nothing is recorded yet: a start under the same key
 * and with another input must not change what this one begins with.
 */
export async function waitingEvent(place: EventPlace, run: NewRun, given: RunInput): Promise<string> {
  const name = sha256Of(canonicalJson(given)).slice(0, 16);
  const carried = await carriedInput(place, run, { given, most: START_QUEUE.inlineInputBytes, name });
  return JSON.stringify(await START_EVENT[run.generation](place, run, carried));
}

interface Carrying {
  readonly given: RunInput;
  /** Bytes that the event may carry. */
  readonly most: number;
  readonly name?: string;
}

async function carriedInput(
  place: Definitions,
  run: Ids,
  { given, most, name = 'input' }: Carrying,
): Promise<CarriedInput> {
  if ('upload' in given) return { input_s3_path: uploadUri(place.bucket, run.owner_id, given.upload) };
  return byteSizeOf(given.input) <= most ? given : storedInput(place, run, given.input, name);
}

/** Stores an input under its owner's uploads, by a name that a repeated start gives it again. */
export async function storedInput(
  { store, bucket }: Definitions,
  { owner_id, execution_id }: Pick<Ids, 'owner_id' | 'execution_id'>,
  input: JsonObject,
  name = 'input',
): Promise<{ readonly input_s3_path: S3Uri }> {
  const input_s3_path = uploadUri(bucket, owner_id, `${execution_id}/${name}.json`);
  await store.put(input_s3_path, { body: Buffer.from(canonicalJson(input)), encoding: 'json' });
  return { input_s3_path };
}

type StartEventOf = (place: EventPlace, run: NewRun, input: CarriedInput) => Promise<JsonObject>;

/** What a machine of each generation is started with. */
const START_EVENT: Readonly<Record<Generation, StartEventOf>> = {
  v3: async ({ runs }, run, input) =>
    runs === undefined ? startEventV3(run, input) : withRecord(startEventV3(run, input)),
  // Its own key counts for all workflows of an owner, the API's for one: the run's id stands for it, which is
  // its default.
  legacy: async (place, run, input) => ({
    ...idsOf({ ...run, definition_id: await legacyDefinition(place, run) }),
    ...input,
  }),
};

export function startEventV3(
  { idempotency_key, machine_arn, ...run }: Ids & Pick<NewRun, 'idempotency_key' | 'machine_arn'>,
  input: CarriedInput,
): JsonObject {
  const event = { schema_version: SCHEMA_VERSION, ...idsOf(run), machine_arn, ...input };
  return idempotency_key === undefined ? event : { ...event, idempotency_key };
}

/**
 * The same event of a run that has its record: its text begins with the machine, by which the rule of
 * recordStatusChange leaves its beginning out. A member of its own would be refused by the versions that runs
 * may still begin on.
 */
function withRecord({ machine_arn, ...event }: JsonObject): JsonObject {
  return machine_arn === undefined ? event : { machine_arn, ...event };
}

function idsOf({ owner_id, workflow_id, definition_id, execution_id }: Ids) {
  return { owner_id, workflow_id, definition_id, execution_id };
}

/**
 * Publishes for the first generation what was published for v3: its joins have to say more. The record of a
 * run names the definition for v3 on both sides, so that whoever reads the run later reads one document.
 */
async function legacyDefinition(
  place: Definitions,
  { owner_id, definition_id }: Pick<Ids, 'owner_id' | 'definition_id'>,
): Promise<DefinitionId> {
  const { store, bucket } = place;
  const workflow = await readJson<Workflow>(place, workflowUri({ bucket, owner_id, definition_id }));
  const compiled = compileWorkflow(workflow, DEFAULT_COMPILE_LIMITS, { compat: 'legacy' });
  await publishDefinition(compiled, { bucket, owner_id }, store);
  return compiled.definition_id;
}

/** What was checked when it was written, or is held against its schema by whoever asks. */
export async function readJson<Value>({ store }: Definitions, uri: S3Uri): Promise<Value> {
  const { body } = await store.get(uri);
  return JSON.parse(Buffer.from(body).toString('utf8'));
}
