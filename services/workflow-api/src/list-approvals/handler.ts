import { API_LIMITS } from '@statebag/contracts/limits';
import type { ApprovalPage } from '@statebag/contracts/schemas/api';
import { type RunRecord, runFilterOf } from '@statebag/runs';
import { type ApiAction, serve } from '../http/api-handler.ts';
import { type Api, openApi } from '../open-api.ts';
import { approvalView } from '../run/approval-view.ts';
import { sessionFor } from '../run/last-bag.ts';

export const handler = serve(openApi(process.env), listApprovals);

/** What the caller's runs ask and asked; `limit` counts runs. */
function listApprovals(api: Api): ApiAction<undefined> {
  return {
    body: null,
    limit: { default: API_LIMITS.listMost, most: API_LIMITS.listMost },
    async run({ caller, query: { texts, ...page } }) {
      const found = await api.runs.listRuns(caller.owner_id, { ...page, filter: runFilterOf(texts) });
      const approvals = await Promise.all(found.runs.map((run) => approvalsOf(api, run)));
      const body: ApprovalPage = { approvals: approvals.flat(), next: found.next ?? null };
      return { status: 200, body };
    },
  };
}

async function approvalsOf(api: Api, run: RunRecord): Promise<ApprovalPage['approvals']> {
  const { execution_id, workflow_id } = run;
  const session = sessionFor(api, run);
  const approvals = await api.runs.listApprovals(execution_id);
  return Promise.all(
    approvals.map(async (approval) => ({
      execution_id,
      workflow_id,
      approval: await approvalView(approval, session),
    })),
  );
}
