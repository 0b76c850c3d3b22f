import { StartExecutionCommand } from '@aws-sdk/client-sfn';
import { type DefinitionId, type StartRunBody, StatebagError } from '@statebag/contracts';
import { validateStartRunBody } from '@statebag/contracts/validators';
import type { NewRun, RunRecord } from '@statebag/runs';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import type { ApiAction } from '../http/api-handler.ts';
import type { ApiRequest } from '../http/read-request.ts';
import type { Api, StartApi } from '../open-api.ts';
import { SIDES } from '../router/begin-on.ts';
import { generationOf } from '../router/generation-of.ts';
import { timestamp } from '../run/owned-run.ts';
import { runView } from '../run/run-view.ts';
import { chosenDefinition } from './chosen-definition.ts';
import { freshExecutionId, keyedExecutionId } from './execution-id.ts';
import { carriedInput, checkInput, type GivenInput } from './given-input.ts';
import { machineVersion } from './machine-version.ts';

type Request = ApiRequest<StartRunBody>;

/** Starts a run. The record comes first: a start that broke off is begun by the repeat, and of racing ones all get the same run, on the generation that the record names. */
export function startRun(api: StartApi): ApiAction<StartRunBody> {
  return {
    body: validateStartRunBody,
    async run(request) {
      const { caller, body } = request;
      await checkInput(api, caller.owner_id, body);
      const definition_id = await chosenDefinition(api, caller.owner_id, body);
      const wanted = await newRun(api, request, definition_id);
      const created = await api.runs.createRun(wanted);
      const run = created.created
        ? ({ ...wanted, execution_arns: wanted.execution_arns ?? [], status: 'RUNNING', reported: false } as const)
        : sameRun(created.run, wanted);
      if (created.created || run.status === 'RUNNING') await begin(api, run, await carriedInput(api, run, body));
      return { status: created.created ? 201 : 200, body: runView(run) };
    },
  };
}

async function newRun(api: StartApi, { caller: { owner_id }, body, idempotencyKey }: Request, definition_id: DefinitionId): Promise<NewRun> {
  const { workflow_id, generation: wanted, input = {}, upload } = body;
  const execution_id = idempotencyKey === undefined ? freshExecutionId() : keyedExecutionId(owner_id, workflow_id, idempotencyKey);
  const generation = await generationOf(api, { owner_id, workflow_id, execution_id }, wanted);
  const machine_arn = await machineVersion(api.sfn, SIDES[generation].machine(api), execution_id);
  const given = upload === undefined ? { input } : { upload };
  return {
    ...{ execution_id, owner_id, workflow_id, definition_id, generation, machine_arn },
    started_at: timestamp(api.now()),
    execution_arns: [executionArn(machine_arn, execution_id)],
    input_sha256: sha256Of(canonicalJson(given)),
    idempotency_key: idempotencyKey,
  };
}

/** ARN that an execution of a machine, or of a version of it, gets by its name. */
function executionArn(machineArn: string, name: string): string {
  const [arn, partition, service, region, account, , machine] = machineArn.split(':');
  return [arn, partition, service, region, account, 'execution', machine, name].join(':');
}

/** @throws `Run.Conflict` where the key was used for something else */
function sameRun(run: RunRecord, { definition_id, input_sha256, idempotency_key }: NewRun): RunRecord {
  const differs = run.definition_id !== definition_id ? 'definition' : run.input_sha256 !== input_sha256 ? 'input' : undefined;
  if (differs === undefined) return run;
  throw new StatebagError('Run.Conflict', `the key ${JSON.stringify(idempotency_key)} stands for run ${run.execution_id}, which has another ${differs}`);
}

/** The service takes a name once: an execution that is there already is this one. */
async function begin(api: Api, run: RunRecord, input: GivenInput): Promise<void> {
  const start = await SIDES[run.generation].start(api, run, input);
  try {
    await api.sfn.send(new StartExecutionCommand({ stateMachineArn: run.machine_arn, name: run.execution_id, input: JSON.stringify(start) }));
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExecutionAlreadyExists') throw error;
  }
}
