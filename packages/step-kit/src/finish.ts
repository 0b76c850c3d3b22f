import type { Envelope, SegmentResult, StateBag } from '@statebag/contracts';
import {
  budgetBefore,
  type MergePlan,
  type NormalisedResult,
  planResult,
  type Sealed,
  type SegmentDraft,
  seal,
  storeAll,
  universalSyncCore,
} from '@statebag/state-core';
import type { Finished, StepTools } from './define-step.ts';

/** Closes a step that merges its result into the bag of its event. */
export async function sealInto(
  event: OnMachine & { readonly state_data: StateBag },
  result: NormalisedResult,
  { session, plan }: StepTools,
): Promise<Finished<Envelope>> {
  return sealedReply(event, await universalSyncCore(event.state_data, result, { ...plan, store: session.store, hydrator: session.hydrator }));
}

/** Closes a step that plans a whole bag. */
export async function sealPlanned(event: OnMachine, { bag, writes }: MergePlan, { session }: StepTools): Promise<Finished<Envelope>> {
  await storeAll(writes, session.store);
  return sealedReply(event, seal(bag, budgetBefore(bag.next_action)));
}

/** Closes a step that returns a segment result, for another function to merge. */
export async function returnResult(_event: unknown, draft: SegmentDraft, { session, plan }: StepTools): Promise<Finished<SegmentResult>> {
  const { result, writes } = planResult(draft, plan);
  await storeAll(writes, session.store);
  return { reply: result, sizes: { bag_bytes: 0, control_plane_bytes: 0 } };
}

/** Which version of the machine a run is on goes round with its bag, so that what it starts later stays on it. */
interface OnMachine {
  readonly machine_arn?: string | undefined;
}

function sealedReply({ machine_arn }: OnMachine, { envelope, bagBytes, controlBytes }: Sealed): Finished<Envelope> {
  return { reply: { ...envelope, ...(machine_arn !== undefined && { machine_arn }) }, sizes: { bag_bytes: bagBytes, control_plane_bytes: controlBytes } };
}
