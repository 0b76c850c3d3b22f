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
export async function sealInto(event: { readonly state_data: StateBag }, result: NormalisedResult, { session, plan }: StepTools): Promise<Finished<Envelope>> {
  return sealedReply(await universalSyncCore(event.state_data, result, { ...plan, store: session.store, hydrator: session.hydrator }));
}

/** Closes a step that plans a whole bag. */
export async function sealPlanned(_event: unknown, { bag, writes }: MergePlan, { session }: StepTools): Promise<Finished<Envelope>> {
  await storeAll(writes, session.store);
  return sealedReply(seal(bag, budgetBefore(bag.next_action)));
}

/** Closes a step that returns a segment result, for another function to merge. */
export async function returnResult(_event: unknown, draft: SegmentDraft, { session, plan }: StepTools): Promise<Finished<SegmentResult>> {
  const { result, writes } = planResult(draft, plan);
  await storeAll(writes, session.store);
  return { reply: result, sizes: { bag_bytes: 0, control_plane_bytes: 0 } };
}

function sealedReply({ envelope, bagBytes, controlBytes }: Sealed): Finished<Envelope> {
  return { reply: envelope, sizes: { bag_bytes: bagBytes, control_plane_bytes: controlBytes } };
}
