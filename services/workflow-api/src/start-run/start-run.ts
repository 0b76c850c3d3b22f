import { isStatebagError, StatebagError } from '@statebag/contracts';
import type { DefinitionId, ExecutionId, OwnerId } from '@statebag/contracts/ids';
import { type DefinitionLocation, parseS3Uri, uploadUri } from '@statebag/contracts/object-keys';
import type { StartRunBody } from '@statebag/contracts/schemas/api';
import type { Manifest } from '@statebag/contracts/schemas/manifest';
import { validateStartRunBody } from '@statebag/contracts/validators';
import { chooseGeneration, type Starting } from '@statebag/rollout';
import { freshExecutionId, type Generation, keyedExecutionId } from '@statebag/runs';
import { type RunInput, startRun as startOneRun } from '@statebag/runs/start';
import { refuseReserved } from '@statebag/state-core/core/first-bag';
import { loadManifest } from '@statebag/state-core/store/load-definition';
import { openSession } from '@statebag/state-core/store/store-session';
import type { CompiledWorkflow } from '@statebag/workflow';
import type { ApiAction } from '../http/api-handler.ts';
import { compiledDocument } from '../run/compiled-document.ts';
import { runView } from '../run/run-view.ts';
import type { StartApi } from './open-start-api.ts';

/** Starts a run: checks what is asked for, chooses a generation, and gives it to the one way runs start. */
export function startRun(api: StartApi): ApiAction<StartRunBody> {
  return {
    body: validateStartRunBody,
    async run({ caller: { owner_id }, body, idempotencyKey }) {
      const given = await checkedInput(api, owner_id, body);
      const definition = await chosenDefinition(api, owner_id, body);
      const { workflow_id } = body;
      const execution_id =
        idempotencyKey === undefined
          ? freshExecutionId()
          : keyedExecutionId(owner_id, workflow_id, idempotencyKey);
      const ids = { owner_id, workflow_id, execution_id };
      const generation = await generationOf(api, ids, body.generation);
      const { created, run } = await startOneRun(
        { ...api, store: api.process.store, manifestOf: (location) => manifestOf(api, location) },
        {
          ...ids,
          generation,
          machine_arn: generation === 'v3' ? api.v3MachineArn : api.legacyMachineArn,
          definition,
          given,
          idempotency_key: idempotencyKey,
        },
      );
      return { status: created ? 201 : 200, body: runView(run) };
    },
  };
}

/**
 * Where a start that nobody has recorded yet begins: where the caller wants it, else as the rollout says. The
 * kill switch goes before both.
 * @throws `Rollout.Unreadable`, `Store.Unavailable`
 */
async function generationOf(
  { rollout }: Pick<StartApi, 'rollout'>,
  starting: Starting,
  wanted: StartRunBody['generation'],
): Promise<Generation> {
  const settings = await rollout();
  return wanted === undefined || settings.kill_switch ? chooseGeneration(settings, starting) : wanted;
}

/**
 * What a run is to begin with, checked before anything is written.
 * @throws `Contract.EventRejected`, `Pointer.LookAlike`
 */
async function checkedInput(
  { uploads, bucket }: Pick<StartApi, 'uploads' | 'bucket'>,
  owner_id: OwnerId,
  { input, upload }: StartRunBody,
): Promise<RunInput> {
  if (input !== undefined && upload !== undefined)
    throw new StatebagError('Contract.EventRejected', 'body has to have one of input and upload, not both');
  if (input !== undefined) refuseReserved(input);
  if (upload === undefined) return { input: input ?? {} };
  const { key } = parseS3Uri(uploadUri(bucket, owner_id, upload));
  try {
    await uploads.headObject({ Bucket: bucket, Key: key });
    return { upload };
  } catch (error) {
    if (!(error instanceof Error) || !MISSING.has(error.name)) throw error;
    throw new StatebagError(
      'Contract.EventRejected',
      `body/upload: there is no upload ${JSON.stringify(upload)}`,
    );
  }
}

const MISSING: ReadonlySet<string> = new Set(['NotFound', 'NoSuchKey']);

/**
 * The definition of a start: one that was published before, or the document that came along, checked and
 * compiled.
 * @throws `Definition.NotFound`, `Workflow.Invalid` with every problem, `Contract.EventRejected`
 */
async function chosenDefinition(
  api: Pick<StartApi, 'process' | 'bucket' | 'nodes'>,
  owner_id: OwnerId,
  { definition_id, workflow }: StartRunBody,
): Promise<DefinitionId | CompiledWorkflow> {
  if (definition_id !== undefined && workflow === undefined)
    return publishedBefore(api, owner_id, definition_id);
  if (workflow !== undefined && definition_id === undefined) return compiledDocument(workflow, api.nodes);
  throw new StatebagError('Contract.EventRejected', 'body has to have one of definition_id and workflow');
}

/** A definition is read as a run of it would: this one stands for all, and only the definition is read. */
const NO_RUN = 'none' as ExecutionId;

async function publishedBefore(
  { process, bucket }: Pick<StartApi, 'process' | 'bucket'>,
  owner_id: OwnerId,
  definition_id: DefinitionId,
): Promise<DefinitionId> {
  try {
    await manifestOf({ process }, { bucket, owner_id, definition_id });
    return definition_id;
  } catch (error) {
    if (isStatebagError(error) && error.name === 'Store.ObjectMissing')
      throw new StatebagError('Definition.NotFound', `there is no definition ${definition_id}`);
    throw error;
  }
}

/** Of a published definition, which is read once in the life of the process. @throws `Store.ObjectMissing` */
function manifestOf({ process }: Pick<StartApi, 'process'>, location: DefinitionLocation): Promise<Manifest> {
  return loadManifest(location, openSession(process, { ...location, execution_id: NO_RUN }));
}
