import { StatebagError } from '@statebag/contracts';
import type { NodeId } from '@statebag/contracts/ids';
import type { Envelope, StateBag } from '@statebag/contracts/schemas/state-bag';
import { budgetBefore, seal } from './seal.ts';

export interface ResumeOptions {
  /** Of a map that failed, run again only the items that failed. */
  readonly failedItems?: boolean;
}

/**
 * How a run that has ended goes on, one resume later, given its last two sealed envelopes. A bag that failed
 * keeps what the failed segment had
 * finished, and running it again there would do that twice; so the run goes on from the bag before, and the
 * ledger makes recorded calls free.
 * @throws `Run.NotResumable` where the bag has nothing left to run, or only failed items are asked for and
 * none is known
 */
export function resumedEnvelope(
  last: Envelope,
  before: Envelope | null,
  { failedItems = false }: ResumeOptions = {},
): Envelope {
  if (last.next_action === 'COMPLETE') throw notResumable(last, 'it had finished all its segments');
  if (failedItems) return sealedAgain(withoutDoneItems(last, before));
  if (last.next_action !== 'FAILED') return sealedAgain(last);
  if (before === null || before.next_action === 'FAILED')
    throw notResumable(last, 'nothing is known of the time before it failed');
  return sealedAgain(before.request?.kind === 'approval' ? askedAgain(last, before.request.node_id) : before);
}

/**
 * A person who refused, or did not answer in time, is asked anew: with a new deadline, under a loop counter
 * that no decision belongs to.
 */
function askedAgain({ state_data, machine_arn }: Envelope, node_id: NodeId): Envelope {
  const { failed_segments: _first, failed_segments_s3_path: _all, ...bag } = state_data;
  return {
    state_data: { ...bag, segment_to_run: bag.segment_id, cursor: { node_id, item: 0 }, status: 'CONTINUE' },
    next_action: 'CONTINUE',
    ...(machine_arn !== undefined && { machine_arn }),
  };
}

function withoutDoneItems(last: Envelope, before: Envelope | null): Envelope {
  const retry_of = last.state_data.distributed_outputs;
  if (last.next_action !== 'FAILED' || before?.request?.kind !== 'map')
    throw notResumable(last, 'it did not fail in a distributed map');
  if (retry_of === undefined || Array.isArray(retry_of))
    throw notResumable(last, 'the results of its map were not kept');
  return { ...before, request: { ...before.request, retry_of } };
}

/** A new execution begins to count its events anew, and needs no further one to do so. */
function sealedAgain(envelope: Envelope): Envelope {
  const next_action = envelope.next_action === 'CONTINUE_AS_NEW' ? 'CONTINUE' : envelope.next_action;
  const { state_data } = envelope;
  const bag: StateBag = {
    ...state_data,
    next_action,
    resume_count: state_data.resume_count + 1,
    history_events: 0,
  };
  return { ...envelope, ...seal(bag, budgetBefore(next_action)).envelope };
}

function notResumable({ state_data: { execution_id } }: Envelope, why: string): StatebagError {
  return new StatebagError('Run.NotResumable', `run ${execution_id} cannot go on: ${why}`);
}
