import { StopExecutionCommand } from '@aws-sdk/client-sfn';
import { StatebagError, timestampOf } from '@statebag/contracts';
import { validateNoBody } from '@statebag/contracts/validators';
import { type ApiAction, serve } from '../http/api-handler.ts';
import { type Api, openApi } from '../open-api.ts';
import { currentExecution, ownedRun } from '../run/owned-run.ts';
import { runView } from '../run/run-view.ts';

export const handler = serve(openApi(process.env), cancelRun);

/**
 * Ends a run with all its children. It is marked first: what still runs makes no further call, and what is
 * answered late is refused.
 */
function cancelRun(api: Api): ApiAction<object> {
  return {
    body: validateNoBody,
    async run(request) {
      const record = await ownedRun(api, request);
      const { execution_id } = record;
      const at = timestampOf(api.now());
      if (!(await api.runs.markCancelled(execution_id, { by: request.caller.subject, at })))
        throw new StatebagError('Run.NotResumable', `run ${execution_id} has ended: ${record.status}`);
      await api.runs.closeApprovals(execution_id, { reason: 'the run was cancelled', at });
      if (await api.runs.waiting.endInLine(execution_id, at)) await api.runs.starts.leave(record.owner_id, 1);
      // the dispatcher may have begun it just now
      await stop(api, currentExecution(record), request.caller.subject);
      return { status: 202, body: runView((await api.runs.getRun(execution_id)) ?? record) };
    },
  };
}

/**
 * The service stops what the execution has started and waits for, too. One that is not there was never begun.
 */
async function stop({ sfn }: Api, executionArn: string, by: string): Promise<void> {
  try {
    await sfn.send(
      new StopExecutionCommand({ executionArn, error: 'Run.Cancelled', cause: `cancelled by ${by}` }),
    );
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ExecutionDoesNotExist') throw error;
  }
}
