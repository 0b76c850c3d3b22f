import { StatebagError, timestampOf } from '@statebag/contracts';
import type { DecisionBody, DecisionReply } from '@statebag/contracts/schemas/api';
import { validateDecisionBody } from '@statebag/contracts/validators';
import { decideApproval } from '@statebag/runs';
import type { ApiAction } from '../http/api-handler.ts';
import type { Api } from '../open-api.ts';
import { approvalView } from './approval-view.ts';
import { sessionFor } from './last-bag.ts';
import { ownedRun } from './owned-run.ts';

/** Takes a person's decision; the route says what is meant where the body names no choice. */
export function decideRun(api: Api, verdict: 'approve' | 'reject'): ApiAction<DecisionBody> {
  return {
    body: validateDecisionBody,
    async run(request) {
      const { node_id, approval_id, choice = verdict, comment, data } = request.body;
      if (verdict === 'reject' && choice !== verdict)
        throw new StatebagError(
          'Contract.EventRejected',
          `body/choice: ${JSON.stringify(choice)} is no rejection`,
        );
      const record = await ownedRun(api, request);
      const { owner_id, subject: by } = request.caller;
      const decision = {
        execution_id: record.execution_id,
        owner_id,
        node_id,
        approval_id,
        choice,
        comment,
        data,
        by,
        now: timestampOf(api.now()),
      };
      const { outcome, repeated, approval } = await decideApproval(
        { ...api, store: api.process.store },
        decision,
      );
      const body: DecisionReply = {
        outcome,
        repeated,
        approval: await approvalView(approval, sessionFor(api, record)),
      };
      return { status: 200, body };
    },
  };
}
