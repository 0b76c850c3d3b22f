import { StatebagError } from '@statebag/contracts';
import type { RunTrace } from '@statebag/contracts/schemas/api';
import { type ApiAction, serve } from '../http/api-handler.ts';
import { type Api, openApi } from '../open-api.ts';
import { begunExecutions, ownedRun } from '../run/owned-run.ts';
import { runView } from '../run/run-view.ts';
import { tracePage } from './trace-page.ts';

export const handler = serve(openApi(process.env), runTrace);

/** Every state that a run entered, with times and bytes and without values. */
function runTrace(api: Api): ApiAction<undefined> {
  return {
    body: null,
    async run(request) {
      const from = startOf(request.query.next);
      const run = await ownedRun(api, request);
      const body: RunTrace = { run: runView(run), ...(await tracePage(api.sfn, begunExecutions(run), from)) };
      return { status: 200, body };
    },
  };
}

/** Executions come in the order in which they are found, and a run never has fewer of them. */
function startOf(next = '0'): number {
  if (/^\d{1,9}$/.test(next)) return Number(next);
  throw new StatebagError(
    'Contract.EventRejected',
    `next ${JSON.stringify(next)} is not what an earlier answer gave`,
  );
}
