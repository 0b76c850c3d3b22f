import { SendTaskSuccessCommand, type SFNClient } from '@aws-sdk/client-sfn';
import type { Timestamp } from '@statebag/contracts';
import { StatebagError } from '@statebag/contracts';
import type { ExecutionId, NodeId, OwnerId } from '@statebag/contracts/ids';
import type { ObjectStore } from '@statebag/state-core/store/object-store';
import { storeAll } from '@statebag/state-core/store/store-all';
import { answerOf } from '../aws-failure.ts';
import type { RunRecords } from '../run-records.ts';
import { type Approval, type HeldApproval, shownApproval } from './approval.ts';
import type { ApprovalRecords } from './approval-records.ts';
import { ruleOn } from './decision-rules.ts';
import { planDecision, type Verdict, verdictHash } from './plan-decision.ts';

/** A decision as a person sends it. */
export interface ApprovalDecision extends Verdict {
  readonly execution_id: ExecutionId;
  /** Who asks for the run: another owner's does not exist. */
  readonly owner_id: OwnerId;
  /** Needed where the run waits for several decisions. */
  readonly node_id?: NodeId | undefined;
  /** One question of the run, as `listApprovals` names it. */
  readonly approval_id?: string | undefined;
  /** Who decides, as it is kept and told to the run. */
  readonly by: string;
  readonly now: Timestamp;
}

export interface DecisionDeps extends Delivery {
  readonly runs: ApprovalRecords & Pick<RunRecords, 'getRun'>;
  readonly store: ObjectStore;
  readonly bucket: string;
}

/** `recorded`: kept, and delivered as soon as the run can be told. */
export interface DecisionOutcome {
  readonly outcome: 'delivered' | 'recorded';
  /** The very same decision was recorded before. */
  readonly repeated: boolean;
  readonly approval: Approval;
}

const TRIES = 10;

/**
 * Takes a person's decision: rule on it, store what is large, record, then deliver. A crash anywhere leaves
 * it untaken or recorded.
 * @throws `Run.NotFound`, `Run.Cancelled`, `Approval.*`: nothing was changed
 */
export async function decideApproval(
  deps: DecisionDeps,
  decision: ApprovalDecision,
): Promise<DecisionOutcome> {
  const sha256 = verdictHash(decision);
  for (let tries = 0; tries < TRIES; tries += 1) {
    const { execution_id } = decision;
    const [run, approvals] = await Promise.all([
      deps.runs.getRun(execution_id),
      deps.runs.heldApprovals(execution_id),
    ]);
    const { kind, approval } = ruleOn({ run, approvals }, { ...decision, sha256 });
    const recorded = kind === 'repeat' ? approval : await record(deps, approval, decision);
    if (recorded) return concluded(deps, recorded, { repeated: kind === 'repeat', now: decision.now });
  }
  throw new StatebagError('Store.Unavailable', `the approvals of run ${decision.execution_id} kept changing`);
}

/** Nothing where somebody was faster: then the rules are asked again. */
async function record(
  { runs, store, bucket }: DecisionDeps,
  approval: HeldApproval,
  decision: ApprovalDecision,
): Promise<HeldApproval | undefined> {
  const { by, now } = decision;
  const planned = planDecision(approval, decision, { by, now, bucket });
  await storeAll(planned.writes, { store });
  return runs.recordDecision(approval, planned.decision);
}

async function concluded(
  deps: DecisionDeps,
  approval: HeldApproval,
  { repeated, now }: { repeated: boolean; now: Timestamp },
): Promise<DecisionOutcome> {
  const outcome = approval.state === 'DELIVERED' ? 'delivered' : await deliverDecision(deps, approval, now);
  return { outcome, repeated, approval: shownApproval(approval) };
}

export interface Delivery {
  readonly runs: Pick<ApprovalRecords, 'markDelivered'>;
  readonly sfn: SFNClient;
}

/** What the service says of a token that nobody waits on any more. */
const GONE = new Set(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken']);

/** True for the answer to a call on a task that is over. */
export function isTaskGone(error: unknown): boolean {
  return error instanceof Error && GONE.has(error.name);
}

/**
 * Tells the run what was decided. A token that is gone leaves the decision RECORDED: whoever stores the next
 * one, or the next beat, delivers it.
 * @throws `Store.Unavailable`, `Store.AccessDenied`
 */
export async function deliverDecision(
  { runs, sfn }: Delivery,
  approval: HeldApproval,
  at: Timestamp,
): Promise<'delivered' | 'recorded'> {
  const { decision, task_token: taskToken, approval_id } = approval;
  if (!decision) return 'recorded';
  const command = new SendTaskSuccessCommand({ taskToken, output: JSON.stringify(decision.answer) });
  try {
    await answerOf(`answer to ${approval_id}`, () => sfn.send(command));
  } catch (error) {
    if (isTaskGone(error)) return 'recorded';
    throw error;
  }
  await runs.markDelivered(approval, at);
  return 'delivered';
}
