import { SendTaskHeartbeatCommand } from '@aws-sdk/client-sfn';
import type { Timestamp } from '@statebag/contracts';
import {
  answerOf,
  decisionAtDeadline,
  deliverDecision,
  escalated,
  type HeldApproval,
  isTaskGone,
  postponed,
} from '@statebag/runs';
import type { RunsDeps } from '../open-runs-deps.ts';
import { placeOf } from '../place-of.ts';

/** What an approval needs of whoever looks after it. */
export type Duty = 'beat' | 'escalate' | 'end' | 'deliver' | 'nothing';

type Look = (deps: RunsDeps, approval: HeldApproval, now: Timestamp) => Promise<void>;

const DUTIES: Readonly<Record<Duty, Look>> = { beat, escalate, end, deliver, nothing: async () => {} };

/**
 * Does for one approval what is due. Another writer's change meanwhile wins: what is still due then comes
 * with the next beat.
 */
export async function lookAfter(deps: RunsDeps, approval: HeldApproval, now: Timestamp): Promise<Duty> {
  const duty = dutyOf(approval, now);
  await DUTIES[duty](deps, approval, now);
  return duty;
}

/**
 * Decided ones are delivered; open ones are beaten, and at their deadline taken further or ended by their own
 * choice.
 */
export function dutyOf(
  { state, deadline, escalated, request: { on_deadline } }: HeldApproval,
  now: Timestamp,
): Duty {
  if (state === 'RECORDED') return 'deliver';
  if (state !== 'OPEN') return 'nothing';
  if (Date.parse(now) < Date.parse(deadline)) return 'beat';
  return on_deadline === 'escalate' && !escalated ? 'escalate' : 'end';
}

async function beat(deps: RunsDeps, approval: HeldApproval, now: Timestamp): Promise<void> {
  const { task_token: taskToken, approval_id } = approval;
  try {
    await answerOf(`beat of ${approval_id}`, () =>
      deps.sfn.send(new SendTaskHeartbeatCommand({ taskToken })),
    );
  } catch (error) {
    if (!isTaskGone(error)) throw error;
    if (await hasEnded(deps, approval, now)) return;
  }
  await deps.runs.keepApproval(postponed(approval, now));
}

/** The bus hears of it first: told twice is better than never. */
async function escalate(deps: RunsDeps, approval: HeldApproval, now: Timestamp): Promise<void> {
  await tell(deps, { approval, now, outcome: 'escalated' });
  const kept = await deps.runs.keepApproval(escalated(approval, now));
  if (kept) await beat(deps, kept, now);
}

async function end(deps: RunsDeps, approval: HeldApproval, now: Timestamp): Promise<void> {
  const recorded = await deps.runs.recordDecision(approval, decisionAtDeadline(approval, now));
  if (recorded) await deliver(deps, recorded, now);
}

/** A run that nobody answered is told of as often as it takes to deliver that. */
async function deliver(deps: RunsDeps, approval: HeldApproval, now: Timestamp): Promise<void> {
  const how = approval.decision?.how;
  if (how === 'default' || how === 'expired')
    await tell(deps, { approval, now, outcome: how === 'default' ? 'default' : 'failed' });
  if ((await deliverDecision(deps, approval, now)) === 'delivered' || (await hasEnded(deps, approval, now)))
    return;
  await deps.runs.keepApproval(postponed(approval, now));
}

type Timeout = {
  readonly approval: HeldApproval;
  readonly now: Timestamp;
  readonly outcome: 'failed' | 'default' | 'escalated';
};

async function tell({ events }: RunsDeps, { approval, now, outcome }: Timeout): Promise<void> {
  await events.put({
    event_type: 'HITP_TIMEOUT',
    ...placeOf(approval),
    at: now,
    approval_id: approval.approval_id,
    outcome,
  });
}

/** A task can be over because its run is; then nothing is asked any more. */
async function hasEnded(
  { runs }: RunsDeps,
  { execution_id }: HeldApproval,
  now: Timestamp,
): Promise<boolean> {
  const run = await runs.getRun(execution_id);
  if (run === undefined || run.status === 'RUNNING') return false;
  await runs.closeApprovals(execution_id, { reason: `the run ended: ${run.status}`, at: now });
  return true;
}
