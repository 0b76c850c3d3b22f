import { type Sha256, StatebagError, type Timestamp } from '@statebag/contracts';
import type { ErrorCode } from '@statebag/contracts/errors';
import type { RunRecord } from '../run-record.ts';
import type { Approval, HeldApproval } from './approval.ts';

/** What is known of a run that a decision comes for. */
export interface Waiting {
  readonly run: RunRecord | undefined;
  readonly approvals: readonly HeldApproval[];
}

/** The part of a decision that the rules look at. */
export interface Proposal {
  readonly execution_id: string;
  readonly owner_id: string;
  readonly node_id?: string | undefined;
  readonly approval_id?: string | undefined;
  readonly choice: string;
  readonly sha256: Sha256;
  readonly now: Timestamp;
}

/** A new decision, or one that was recorded before and may have to be delivered again. */
export type Ruling = { readonly kind: 'record' | 'repeat'; readonly approval: HeldApproval };

/**
 * Which approval a decision settles. Nothing is changed where it is refused.
 * @throws `Run.NotFound`, `Run.Cancelled` and all of `Approval.*`
 */
export function ruleOn({ run, approvals }: Waiting, proposal: Proposal): Ruling {
  const { execution_id, owner_id } = proposal;
  const owner = run?.owner_id ?? approvals[0]?.owner_id;
  if (owner !== owner_id) throw refusal('Run.NotFound', `there is no run ${execution_id}`);
  if (run?.cancelled_at !== undefined)
    throw refusal(
      'Run.Cancelled',
      `run ${execution_id} was cancelled at ${run.cancelled_at} by ${run.cancelled_by}`,
    );
  const meant = approvals.filter((approval) => isMeant(approval, proposal));
  const open = meant.filter(({ state }) => state === 'OPEN');
  if (open.length > 1)
    throw refusal('Approval.Ambiguous', `run ${execution_id} waits for ${open.map(nameOf).join(', ')}`);
  if (open[0]) return ruleOnOpen(open[0], { run, proposal });
  return ruleOnSettled(latest(meant), proposal);
}

function isMeant({ approval_id, request }: Approval, { node_id, approval_id: named }: Proposal): boolean {
  return (
    (node_id === undefined || request.node_id === node_id) && (named === undefined || approval_id === named)
  );
}

function nameOf({ approval_id, request: { node_id } }: Approval): string {
  return `${node_id} (${approval_id})`;
}

function ruleOnOpen(
  approval: HeldApproval,
  { run, proposal }: { run: RunRecord | undefined; proposal: Proposal },
): Ruling {
  const { choices } = approval.request;
  if (run && run.status !== 'RUNNING')
    throw refusal('Approval.Expired', `run ${run.execution_id} has ended: ${run.status} at ${run.ended_at}`);
  if (Date.parse(proposal.now) >= Date.parse(approval.deadline))
    throw refusal('Approval.Expired', `the time to decide ended at ${approval.deadline}`);
  if (!choices.includes(proposal.choice))
    throw refusal(
      'Approval.ChoiceUnknown',
      `${JSON.stringify(proposal.choice)} is none of ${choices.join(', ')}`,
    );
  return { kind: 'record', approval };
}

function latest(approvals: readonly HeldApproval[]): HeldApproval | undefined {
  return approvals.reduce<HeldApproval | undefined>(
    (last, each) => (last && Date.parse(last.asked_at) >= Date.parse(each.asked_at) ? last : each),
    undefined,
  );
}

function ruleOnSettled(
  approval: HeldApproval | undefined,
  { execution_id, node_id, sha256 }: Proposal,
): Ruling {
  if (!approval)
    throw refusal(
      'Approval.NotRequested',
      `run ${execution_id} asks nothing${node_id === undefined ? '' : ` at ${node_id}`}`,
    );
  const { decision, deadline, closed_reason } = approval;
  if (!decision)
    throw refusal(
      'Approval.Expired',
      `nobody decided ${nameOf(approval)} before ${closed_reason ?? deadline}`,
    );
  if (decision.how === 'expired')
    throw refusal('Approval.Expired', `nobody decided ${nameOf(approval)} before ${deadline}`);
  if (decision.sha256 === sha256) return { kind: 'repeat', approval };
  const who = decision.how === 'person' ? decision.by : 'the deadline';
  throw refusal(
    'Approval.AlreadyDecided',
    `${nameOf(approval)} was decided at ${decision.decided_at} by ${who}: ${decision.choice}`,
  );
}

function refusal(code: ErrorCode, message: string): StatebagError {
  return new StatebagError(code, message);
}
