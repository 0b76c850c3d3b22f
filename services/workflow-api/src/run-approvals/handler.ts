import type { ApprovalList } from '@statebag/contracts/schemas/api';
import { type ApiAction, serve } from '../http/api-handler.ts';
import { type Api, openApi } from '../open-api.ts';
import { approvalView } from '../run/approval-view.ts';
import { sessionFor } from '../run/last-bag.ts';
import { ownedRun } from '../run/owned-run.ts';

export const handler = serve(openApi(process.env), runApprovals);

/** What a run asks and asked: who decided what, and when. */
function runApprovals(api: Api): ApiAction<undefined> {
  return {
    body: null,
    async run(request) {
      const record = await ownedRun(api, request);
      const session = sessionFor(api, record);
      const approvals = await api.runs.listApprovals(record.execution_id);
      const body: ApprovalList = {
        approvals: await Promise.all(approvals.map((approval) => approvalView(approval, session))),
      };
      return { status: 200, body };
    },
  };
}
