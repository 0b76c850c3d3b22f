import { randomUUID } from 'node:crypto';
import { isStatebagError, StatebagError } from '@statebag/contracts';
import type { ForkBody } from '@statebag/contracts/schemas/fork-request';
import { validateForkBody } from '@statebag/contracts/validators';
import {
  definitionOfRun,
  type ForkPlace,
  planFork,
  planView,
  refuseSame,
  startFork,
} from '@statebag/rollout/fork';
import type { RunRecord } from '@statebag/runs';
import { canonicalJson, sha256Of } from '@statebag/state-core';
import type { CompiledWorkflow, OpenOwnNodes } from '@statebag/workflow';
import type { ApiAction } from '../http/api-handler.ts';
import type { Api } from '../open-api.ts';
import { compiledDocument } from '../run/compiled-document.ts';
import { ownedRun } from '../run/owned-run.ts';
import { runView } from '../run/run-view.ts';

interface ForkApi extends Api {
  /** The node types that this deployment brings, whoever asks. */
  readonly nodes: OpenOwnNodes;
}

/**
 * Begins a new run that shares the past of this one, or says what that would repeat. With a key the fork gets
 * the name that the key gives it, so a repeated request is the same fork.
 */
export function forkRun(api: ForkApi): ApiAction<ForkBody> {
  return {
    body: validateForkBody,
    async run(request) {
      const { body, idempotencyKey } = request;
      const { at, set = {}, dry_run = false } = body;
      const parent = await ownedRun(api, request);
      const place = placeOf(api);
      const workflow = await editedWorkflow(api, parent, body);
      const planned = await planFork(place, {
        parent,
        set,
        at,
        workflow,
        mark: markOf(parent, idempotencyKey ?? randomUUID()),
      });
      refuseSame(planned, at);
      const plan = planView(planned);
      if (dry_run) return { status: 200, body: { plan, fork: null } };
      return { status: 201, body: { plan, fork: runView(await startFork(place, planned)) } };
    },
  };
}

function placeOf({ sfn, runs, process, bucket, v3MachineArn, now }: ForkApi): ForkPlace {
  return { sfn, runs, process, bucket, machine_arn: v3MachineArn, now };
}

/** @throws `Workflow.Invalid`, `Definition.NotFound`, `Contract.EventRejected` */
async function editedWorkflow(
  api: ForkApi,
  parent: RunRecord,
  { workflow, definition_id }: ForkBody,
): Promise<CompiledWorkflow | undefined> {
  if (workflow !== undefined && definition_id !== undefined)
    throw new StatebagError(
      'Contract.EventRejected',
      'body has to have one of workflow and definition_id, not both',
    );
  if (workflow !== undefined) return compiledDocument(workflow, api.nodes);
  if (definition_id === undefined) return undefined;
  try {
    return await definitionOfRun(placeOf(api), { ...parent, definition_id });
  } catch (error) {
    if (isStatebagError(error) && error.name === 'Run.NotForkable')
      throw new StatebagError('Definition.NotFound', `there is no definition ${definition_id}`);
    throw error;
  }
}

const MARKS = 36 ** 4;

/** Four letters or digits. */
function markOf({ execution_id }: RunRecord, key: string): string {
  const number = Number.parseInt(sha256Of(canonicalJson([execution_id, key])).slice(0, 12), 16) % MARKS;
  return number.toString(36).padStart(4, '0');
}
