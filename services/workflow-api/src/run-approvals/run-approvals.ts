import type { ApprovalList } from '@statebag/contracts';
import type { ApiAction } from '../http/api-handler.ts';
import type { Api } from '../open-api.ts';
import { approvalView } from '../run/approval-view.ts';
import { sessionFor } from '../run/last-bag.ts';
import { ownedRun } from '../run/owned-run.ts';

/** What a run asks and asked: who decided what, and when. */
export function runApprovals(api: Api): ApiAction<undefined> {
  return {
    body: null,
    async run(request) {
      const record = await ownedRun(api, request);
      const session = sessionFor(api, record);
      const approvals = await api.runs.listApprovals(record.execution_id);
      const body: ApprovalList = { approvals: await Promise.all(approvals.map((approval) => approvalView(approval, session))) };
      return { status: 200, body };
    },
  };
}
