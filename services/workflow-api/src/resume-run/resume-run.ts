import { DescribeExecutionCommand, ExecutionDoesNotExist, StartExecutionCommand } from '@aws-sdk/client-sfn';
import { StatebagError, timestampOf } from '@statebag/contracts';
import type { ResumeBody } from '@statebag/contracts/schemas/api';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import { validateResumeBody } from '@statebag/contracts/validators';
import type { RunRecord } from '@statebag/runs';
import { sealedEnvelopes } from '@statebag/runs/history';
import { resumedEnvelope } from '@statebag/state-core/core/resumed-envelope';
import type { ApiAction } from '../http/api-handler.ts';
import type { Api } from '../open-api.ts';
import { currentExecution, ownedRun } from '../run/owned-run.ts';
import { runView } from '../run/run-view.ts';
import { restoreSnapshot } from './restore-snapshot.ts';

/**
 * Goes on with a run that failed, timed out or was stopped: from its last good bag, under the same id, on the
 * machine it began on.
 */
export function resumeRun(api: Api): ApiAction<ResumeBody> {
  return {
    body: validateResumeBody,
    async run(request) {
      const record = await ownedRun(api, request);
      await refuseUnlessEnded(api, record);
      const envelope = await goingOnFrom(api, record, request.body);
      const executionArn = await begin(api, record, envelope);
      await api.runs.addExecution(record.execution_id, executionArn, timestampOf(api.now()));
      return { status: 202, body: runView((await api.runs.getRun(record.execution_id)) ?? record) };
    },
  };
}

const ENDED: ReadonlySet<string> = new Set(['FAILED', 'TIMED_OUT', 'ABORTED']);

/** The service is asked: the record follows a little later. */
async function refuseUnlessEnded({ sfn }: Api, record: RunRecord): Promise<void> {
  const { execution_id, cancelled_at, generation, queued_at } = record;
  if (generation === 'legacy')
    throw new StatebagError(
      'Run.NotResumable',
      `run ${execution_id} is on the first generation, which does not resume: start a new one`,
    );
  if (cancelled_at !== undefined)
    throw new StatebagError('Run.NotResumable', `run ${execution_id} was cancelled`);
  if (queued_at !== undefined)
    throw new StatebagError('Run.NotResumable', `run ${execution_id} waits to begin since ${queued_at}`);
  const { status = 'RUNNING' } = await sfn
    .send(new DescribeExecutionCommand({ executionArn: currentExecution(record) }))
    .catch((error: unknown) => {
      if (!(error instanceof ExecutionDoesNotExist)) throw error;
      throw new StatebagError(
        'Run.NotResumable',
        `run ${execution_id} has not begun, because its start broke off: start it again with the same Idempotency-Key`,
      );
    });
  if (!ENDED.has(status)) throw new StatebagError('Run.NotResumable', `run ${execution_id} is ${status}`);
}

async function goingOnFrom(
  api: Api,
  record: RunRecord,
  { snapshot, failed_items = false }: ResumeBody,
): Promise<Envelope> {
  const [last, before] = await lastTwo(api, record);
  if (snapshot === undefined) return resumedEnvelope(last, before, { failedItems: failed_items });
  if (!failed_items) return restoreSnapshot(api, last, snapshot);
  throw new StatebagError(
    'Contract.EventRejected',
    'body has to have one of snapshot and failed_items, not both',
  );
}

async function lastTwo({ sfn }: Api, record: RunRecord): Promise<[last: Envelope, before: Envelope | null]> {
  const found: Envelope[] = [];
  for await (const envelope of sealedEnvelopes(sfn, currentExecution(record)))
    if (found.push(envelope) === 2) break;
  const [last, before = null] = found;
  if (last) return [last, before];
  throw new StatebagError('Run.NotResumable', `run ${record.execution_id} never had a bag: start it again`);
}

/**
 * Of racing resumes one begins: all of them give the execution the same name. `resumed` tells it from a
 * continuation, whose end another execution reports.
 */
async function begin(
  { sfn }: Api,
  { execution_id, machine_arn }: RunRecord,
  envelope: Envelope,
): Promise<string> {
  const stateMachineArn = envelope.machine_arn ?? machine_arn;
  const name = `${execution_id}.r${envelope.state_data.resume_count}`;
  try {
    const { executionArn = '' } = await sfn.send(
      new StartExecutionCommand({
        stateMachineArn,
        name,
        input: JSON.stringify({ ...envelope, resumed: true }),
      }),
    );
    return executionArn;
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExecutionAlreadyExists') throw error;
    throw new StatebagError('Run.NotResumable', `run ${execution_id} is being resumed already`, {
      cause: error,
    });
  }
}
