import { type Branch, type Envelope, isFieldPointer, type NextAction, type SyncBranchEvent, type SyncEvent, type Validator } from '@statebag/contracts';
import { childBranchPath, type NormalisedResult } from '@statebag/state-core';
import { type Step, type StepTools, sealInto } from '@statebag/step-kit';
import { bagStep } from './merge-action.ts';
import { normaliseSegmentResult } from './normalise-segment-result.ts';

type Event = SyncEvent | SyncBranchEvent;

/** Merges a segment's result into the bag it belongs to, and names the branches to start where it opened a group. */
export function segmentSync<Accepted extends Event>(event: Validator): Step<Accepted, null, NormalisedResult, Envelope> {
  return {
    ...bagStep<Accepted>(event),
    reads: async () => null,
    run: (accepted) => ({ ...normaliseSegmentResult(accepted), ...('branch' in accepted && accepted.branch && { branch: accepted.branch }) }),
    async finish(accepted, result, tools) {
      const { reply, sizes } = await sealInto(accepted, result, tools);
      return { reply: { ...reply, ...(await groupToOpen(accepted, reply, tools)), ...requestToMake(accepted, reply) }, sizes };
    },
  };
}

/** What the state machine arranges while the run pauses. */
function requestToMake({ execution_result: { request } }: Event, { next_action }: Envelope): Pick<Envelope, 'request'> {
  return request !== null && PAUSES.has(next_action) ? { request } : {};
}

const PAUSES: ReadonlySet<NextAction> = new Set<NextAction>(['PAUSED_FOR_HITP', 'ASYNC_LLM', 'MAP_REDUCE', 'BATCHED']);

/** The branches that the state machine starts, each with the path of its own bag: the runner knows it, since it knows the loops around the group. */
async function groupToOpen(
  { execution_result: { branches } }: Event,
  { next_action, state_data }: Envelope,
  { session }: StepTools,
): Promise<Pick<Envelope, 'branches'>> {
  if (next_action !== 'PARALLEL_GROUP' || branches === null) return {};
  const group = (isFieldPointer(branches) ? await session.hydrator.pointed(branches) : branches) as unknown as readonly Branch[]; // the result's schema, or the hash of what the runner wrote, says so
  return { branches: group.map((branch) => ({ branch_path: childBranchPath(state_data.branch_path, branch.branch_index), ...branch })) };
}
