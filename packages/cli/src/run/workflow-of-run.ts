import type { ExecutionId } from '@statebag/contracts/ids';
import { workflowUri } from '@statebag/contracts/object-keys';
import { LOCAL_APP } from '@statebag/deployment/local-app';
import { s3ObjectStore } from '@statebag/state-core/store/s3-object-store';
import type { Workflow } from '@statebag/workflow';
import type { OpenApp } from '../cloud/open-app.ts';
import { UsageError } from '../exit.ts';
import { whereRecorded } from './run-executions.ts';

/** The workflow that a run was started with. @throws UsageError where nothing says which one that was */
export async function workflowOfRun(
  { runs, s3 }: Pick<OpenApp, 'runs' | 's3'>,
  run: string,
): Promise<Workflow> {
  const record = await whereRecorded(() => runs.getRun(run as ExecutionId)); // any text is looked for
  if (!record)
    throw new UsageError(
      `${run}: nothing says with which workflow it was started\n  mend: leave --decide out, and answer with statebag approve`,
    );
  const { owner_id, definition_id } = record;
  const { body } = await s3ObjectStore(s3).get(
    workflowUri({ bucket: LOCAL_APP.bucket, owner_id, definition_id }),
  );
  return JSON.parse(Buffer.from(body).toString('utf8')); // published checked and normalised
}
