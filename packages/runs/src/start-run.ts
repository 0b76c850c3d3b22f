import { type JsonObject, StatebagError, type Timestamp } from '@statebag/contracts';
import type { DefinitionId } from '@statebag/contracts/ids';
import { API_LIMITS } from '@statebag/contracts/limits';
import {
  type DefinitionLocation,
  manifestUri,
  type S3Uri,
  uploadUri,
  workflowUri,
} from '@statebag/contracts/object-keys';
import type { Manifest } from '@statebag/contracts/schemas/manifest';
import { SCHEMA_VERSION } from '@statebag/contracts/statuses';
import { byteSizeOf, canonicalJson, sha256Of } from '@statebag/state-core';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import {
  type CheckedInput,
  type CompiledWorkflow,
  checkInput,
  compileWorkflow,
  DEFAULT_COMPILE_LIMITS,
  publishDefinition,
  type Workflow,
} from '@statebag/workflow';
import { type ReadRoutes, readRoutes } from './alias-routes.ts';
import { executionArn, machineVersion } from './machine-version.ts';
import type { Generation, NewRun, RunRecord } from './run-record.ts';
import type { RunRecords } from './run-records.ts';
import type { Starts } from './starts.ts';

export { type ReadRoutes, readRoutes, rememberedRoutes } from './alias-routes.ts';
export { type Starts, sdkStarts } from './starts.ts';
export { executionArn, machineVersion };

/** Where runs are started. */
export interface StartPlace {
  readonly starts: Starts;
  readonly store: ObjectStore;
  readonly bucket: string;
  /**
   * Where a run is recorded before it begins. Without it the service's own events record it, a little later.
   */
  readonly runs?: Pick<RunRecords, 'createRun'>;
  /**
   * The manifest of a published definition, from where the process keeps it. Without it the store is read.
   */
  readonly manifestOf?: (definition: DefinitionLocation) => Promise<Manifest>;
  /** Where an alias leads, from where the process keeps it. Without it the service is asked. */
  readonly routes?: ReadRoutes;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

/** What a run begins with: an object, or the name of one under the owner's uploads. */
export type RunInput = { readonly input: JsonObject } | { readonly upload: string };

/** A run that is to begin. */
export interface Start
  extends Pick<NewRun, 'owner_id' | 'workflow_id' | 'execution_id' | 'generation' | 'idempotency_key'> {
  /** The machine of the generation: itself, a published version, or an alias. */
  readonly machine_arn: string;
  /** A workflow, or the id of a definition that is published already. */
  readonly definition: CompiledWorkflow | DefinitionId;
  readonly given: RunInput;
}

export interface Started {
  /** False where the key stands for a run that was there before. */
  readonly created: boolean;
  readonly run: RunRecord;
  /** The execution it began with. */
  readonly execution_arn: string;
}

/**
 * Starts a run. The record comes first: a start that broke off is begun by its repeat, and of racing ones all
 * get the same run, on the machine that the record names.
 * @throws `Run.InputInvalid` for an input that the workflow does not take, `Run.Conflict` where the key
 * stands for another start
 */
export async function startRun(place: StartPlace, start: Start): Promise<Started> {
  await requireInput(place, start);
  const definition_id = await published(place, start);
  const wanted = await newRun(place, start, definition_id);
  const { created, run } = await recorded(place, wanted);
  if (created || run.status === 'RUNNING') {
    const event = await startEvent(place, run, await carriedInput(place, run, start.given));
    await beginExecution(place.starts, {
      stateMachineArn: run.machine_arn,
      name: run.execution_id,
      input: JSON.stringify(event),
    });
  }
  return { created, run, execution_arn: executionArn(run.machine_arn, run.execution_id) };
}

type Definitions = Pick<StartPlace, 'store' | 'bucket'>;

/** Nothing is written for a start whose input lacks what the workflow requires. */
async function requireInput(
  place: Definitions & Pick<StartPlace, 'manifestOf'>,
  { definition, owner_id, given }: Start,
): Promise<void> {
  const { bucket, manifestOf = (location) => readJson<Manifest>(place, manifestUri(location)) } = place;
  const manifest =
    typeof definition === 'string'
      ? await manifestOf({ bucket, owner_id, definition_id: definition })
      : definition.manifest;
  const { schemas = [], required = [] } = manifest.input ?? {};
  if (schemas.length + required.length === 0) return; // it takes any, however large an upload is
  const input =
    'input' in given
      ? given.input
      : await readJson<JsonObject>(place, uploadUri(place.bucket, owner_id, given.upload));
  refuseUnfit(await checkInput(manifest.input, input, manifest.initial_state));
}

/** @throws `Run.InputInvalid` */
function refuseUnfit({ problems }: CheckedInput): void {
  const [first, ...others] = problems.map(({ path, message, mend }) => `${path}: ${message} (${mend})`);
  if (first === undefined) return;
  throw new StatebagError('Run.InputInvalid', [first, ...others].join('; '), {
    details: { fields: problems.map(({ path }) => path) },
  });
}

/** What was checked when it was written, or is held against its schema by whoever asks. */
async function readJson<Value>({ store }: Definitions, uri: S3Uri): Promise<Value> {
  const { body } = await store.get(uri);
  return JSON.parse(Buffer.from(body).toString('utf8'));
}

async function published(
  { store, bucket }: Pick<StartPlace, 'store' | 'bucket'>,
  { definition, owner_id }: Pick<Start, 'definition' | 'owner_id'>,
): Promise<DefinitionId> {
  if (typeof definition === 'string') return definition;
  await publishDefinition(definition, { bucket, owner_id }, store);
  return definition.definition_id;
}

async function newRun(place: StartPlace, start: Start, definition_id: DefinitionId): Promise<NewRun> {
  const { starts, now, routes = readRoutes(starts) } = place;
  const { owner_id, workflow_id, execution_id, generation, idempotency_key } = start;
  const machine_arn = await machineVersion(routes, start.machine_arn, execution_id);
  return {
    execution_id,
    owner_id,
    workflow_id,
    definition_id,
    generation,
    machine_arn,
    started_at: new Date(now()).toISOString() as Timestamp, // the one form toISOString has
    execution_arns: [executionArn(machine_arn, execution_id)],
    input_sha256: sha256Of(canonicalJson(start.given)),
    idempotency_key,
  };
}

async function recorded({ runs }: StartPlace, wanted: NewRun): Promise<Omit<Started, 'execution_arn'>> {
  const created = await runs?.createRun(wanted);
  if (created?.created === false) return { created: false, run: sameRun(created.run, wanted) };
  const execution_arns = wanted.execution_arns ?? [];
  return { created: true, run: { ...wanted, execution_arns, status: 'RUNNING', reported: false } };
}

/** @throws `Run.Conflict` where the key was used for something else */
function sameRun(run: RunRecord, { definition_id, input_sha256, idempotency_key }: NewRun): RunRecord {
  if (run.definition_id === definition_id && run.input_sha256 === input_sha256) return run;
  const differs = run.definition_id === definition_id ? 'input' : 'definition';
  throw new StatebagError(
    'Run.Conflict',
    `the key ${JSON.stringify(idempotency_key)} stands for run ${run.execution_id}, which has another ${differs}`,
  );
}

/** How the input reaches the machine. */
export type CarriedInput = { readonly input: JsonObject } | { readonly input_s3_path: S3Uri };

type Ids = Pick<NewRun, 'owner_id' | 'workflow_id' | 'execution_id' | 'definition_id'>;

/** What is too large for a start event is stored first. */
async function carriedInput(place: StartPlace, run: Ids, given: RunInput): Promise<CarriedInput> {
  if ('upload' in given) return { input_s3_path: uploadUri(place.bucket, run.owner_id, given.upload) };
  if (byteSizeOf(given.input) <= API_LIMITS.inlineInputBytes) return given;
  return storedInput(place, run, given.input);
}

/** Stores an input under its owner's uploads, by a name that a repeated start gives it again. */
export async function storedInput(
  { store, bucket }: Pick<StartPlace, 'store' | 'bucket'>,
  { owner_id, execution_id }: Pick<Ids, 'owner_id' | 'execution_id'>,
  input: JsonObject,
): Promise<{ readonly input_s3_path: S3Uri }> {
  const input_s3_path = uploadUri(bucket, owner_id, `${execution_id}/input.json`);
  await store.put(input_s3_path, { body: Buffer.from(canonicalJson(input)), encoding: 'json' });
  return { input_s3_path };
}

type StartEventOf = (
  place: Pick<StartPlace, 'store' | 'bucket' | 'runs'>,
  run: NewRun,
  input: CarriedInput,
) => Promise<JsonObject>;

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

function startEvent(place: StartPlace, run: NewRun, input: CarriedInput): Promise<JsonObject> {
  return START_EVENT[run.generation](place, run, input);
}

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

/** The service takes a name once: an execution that is there already is this one. Gives its ARN. */
export async function beginExecution(
  starts: Pick<Starts, 'startExecution'>,
  start: { readonly stateMachineArn: string; readonly name: string; readonly input: string },
): Promise<string> {
  try {
    await starts.startExecution(start);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExecutionAlreadyExists') throw error;
  }
  return executionArn(start.stateMachineArn, start.name);
}
