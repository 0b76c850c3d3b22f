import type { JsonObject } from '@statebag/contracts';
import type { ExecutionId } from '@statebag/contracts/ids';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { type Generation, readableExecutionId, workflowIdOf } from '@statebag/runs';
import { sdkStarts, startRun } from '@statebag/runs/start';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import type { CompiledWorkflow } from '@statebag/workflow';
import type { OpenApp } from '../cloud/open-app.ts';

export interface StartedRun {
  readonly executionId: ExecutionId;
  readonly executionArn: string;
}

const MACHINES: Readonly<Record<Generation, string>> = {
  v3: LOCAL_APP.machineArn,
  legacy: LOCAL_APP.legacyMachineArn,
};

/** Starts a run of this machine's owner, under a readable id, on the version that new runs begin on. */
export async function startLocalRun(
  { sfn, s3, runs }: Pick<OpenApp, 'sfn' | 's3' | 'runs'>,
  definition: CompiledWorkflow,
  { input, generation = 'v3' }: { readonly input: JsonObject; readonly generation?: Generation },
): Promise<StartedRun> {
  const { name } = definition.manifest;
  const { run, execution_arn } = await startRun(
    { starts: sdkStarts(sfn), runs, store: s3ObjectStore(s3), bucket: LOCAL_APP.bucket, now: Date.now },
    {
      owner_id: LOCAL_APP.owner,
      workflow_id: workflowIdOf(name),
      execution_id: readableExecutionId(name),
      generation,
      machine_arn: `${MACHINES[generation]}:live`,
      definition,
      given: { input },
    },
  );
  return { executionId: run.execution_id, executionArn: execution_arn };
}
