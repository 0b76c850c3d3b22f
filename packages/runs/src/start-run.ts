import { type JsonObject, StatebagError, timestampOf } from '@statebag/contracts';
import type { DefinitionId } from '@statebag/contracts/ids';
import { type DefinitionLocation, manifestUri, uploadUri } from '@statebag/contracts/object-keys';
import type { Manifest } from '@statebag/contracts/schemas/manifest';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import { type CheckedInput, type CompiledWorkflow, checkInput, publishDefinition } from '@statebag/workflow';
import { type ReadRoutes, readRoutes } from './alias-routes.ts';
import { beginExecution } from './begin-execution.ts';
import { executionArn, machineVersion } from './machine-version.ts';
import type { Admission, StartQueue } from './queue/start-queue.ts';
import { mayBeginLater } from './queue/throttled.ts';
import type { NewRun, RunRecord } from './run-record.ts';
import type { Beginning, RunRecords } from './run-records.ts';
import { type Definitions, type RunInput, readJson, startEvent, waitingEvent } from './start-event.ts';
import type { Starts } from './starts.ts';

export { type ReadRoutes, readRoutes, rememberedRoutes } from './alias-routes.ts';
export { beginExecution } from './begin-execution.ts';
export { type CarriedInput, type RunInput, startEventV3, storedInput } from './start-event.ts';
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
  /** Where runs wait that may not begin now. Without it a start that is throttled fails. */
  readonly queue?: StartQueue;
  /** Milliseconds since 1970. */
  readonly now: () => number;
}

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
  const admission = (await place.queue?.admit(wanted)) ?? AT_ONCE;
  const waits = admission.way === 'wait' ? await waitingEvent(place, wanted, start.given) : undefined;
  const recordedRun = await recorded(place, wanted, {
    waiting: waits === undefined ? undefined : place.queue?.waiting(waits),
    counted: admission.way === 'at-once' && admission.counted ? true : undefined,
  });
  const run = await begun(place, recordedRun, { admission, given: start.given });
  const { created } = recordedRun;
  return { created, run, execution_arn: executionArn(run.machine_arn, run.execution_id) };
}

/** How runs begin where there is no queue. */
const AT_ONCE: Admission = { way: 'at-once', counted: false };

/** Begins what is recorded now, or was and broke off; what waits is left to the dispatcher. */
async function begun(
  place: StartPlace,
  { created, run }: Omit<Started, 'execution_arn'>,
  { admission, given }: { readonly admission: Admission; readonly given: RunInput },
): Promise<RunRecord> {
  const { queue } = place;
  const broke = !created && run.status === 'RUNNING' && run.queued_at === undefined;
  if (!created && !broke) {
    await queue?.withdraw(run, admission);
    return run;
  }
  if (admission.way === 'at-once') return beginAtOnce(place, run, { admission, given });
  const waits = broke ? await queue?.line(run, await waitingEvent(place, run, given)) : run;
  if (admission.wakes) await queue?.wake();
  return waits ?? run;
}

async function beginAtOnce(
  place: StartPlace,
  run: RunRecord,
  { admission, given }: { readonly admission: Admission; readonly given: RunInput },
): Promise<RunRecord> {
  const { queue, starts } = place;
  const input = await startEvent(place, run, given);
  try {
    await beginExecution(starts, { stateMachineArn: run.machine_arn, name: run.execution_id, input });
    return run;
  } catch (error) {
    if (queue === undefined || !mayBeginLater(error)) throw error;
    return queue.throttled(run, admission, await waitingEvent(place, run, given));
  }
}

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
    started_at: timestampOf(now()),
    execution_arns: [executionArn(machine_arn, execution_id)],
    input_sha256: sha256Of(canonicalJson(start.given)),
    idempotency_key,
  };
}

async function recorded(
  { runs }: StartPlace,
  wanted: NewRun,
  { waiting, counted }: Beginning,
): Promise<Omit<Started, 'execution_arn'>> {
  const created = await runs?.createRun({ ...wanted, waiting, counted });
  if (created?.created === false) return { created: false, run: sameRun(created.run, wanted) };
  const { execution_arns = [] } = wanted;
  const queued_at = waiting?.queued_at;
  return {
    created: true,
    run: { ...wanted, execution_arns, queued_at, counted, status: 'RUNNING', reported: false },
  };
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
