import { type BranchPointer, type BranchRecord, type Delta, type Envelope, isFieldPointer, type SyncBranchEvent } from '@statebag/contracts';
import { validateSyncBranchEvent } from '@statebag/contracts/validators';
import { type NormalisedResult, nextActionAfter, planBranchRecord } from '@statebag/state-core';
import { type Step, type StepTools, sealInto } from '@statebag/step-kit';
import { bagStep } from './merge-action.ts';
import { normaliseSegmentResult } from './normalise-segment-result.ts';

interface Read {
  readonly previous: BranchRecord | null;
  readonly operations: Delta;
}

type Reply = Envelope & { readonly branch_pointer: BranchPointer | undefined };

/** Merges a segment's result into the bag of its branch, and keeps what the branch changed for the join. */
export const syncBranch: Step<SyncBranchEvent, Read, NormalisedResult, Reply> = {
  ...bagStep(validateSyncBranchEvent),
  reads: async ({ state_data, execution_result: { delta } }, { session: { hydrator } }) => ({
    previous: state_data.branch_pointer ? ((await hydrator.object(state_data.branch_pointer)) as unknown as BranchRecord) : null, // its hash was checked
    operations: isFieldPointer(delta) ? ((await hydrator.pointed(delta)) as unknown as Delta) : delta, // its hash was checked
  }),
  run: withRecord,
  async finish(event, result, tools) {
    const { reply, sizes } = await sealInto(event, result, tools);
    return { reply: { ...reply, branch_pointer: reply.state_data.branch_pointer }, sizes };
  },
};

function withRecord(event: SyncBranchEvent, { previous, operations }: Read, { plan }: StepTools): NormalisedResult {
  const result = normaliseSegmentResult(event);
  const { action, status, next_segment_to_run: next } = result;
  const nextAction = nextActionAfter({ action, status, next, historyEvents: event.state_data.history_events + result.events });
  const { pointer, writes } = planBranchRecord({ branch: branchOf(event), previous, result, operations, nextAction }, plan);
  return { ...result, lists: { ...result.lists, branch_pointer: pointer }, writes };
}

/** The last index of the branch path is the branch's place in its group. */
function branchOf({ branch, state_data: { branch_path } }: SyncBranchEvent): Pick<BranchPointer, 'branch_id' | 'branch_index'> {
  if (branch) return branch;
  const branch_index = Number(/(\d+)$/.exec(branch_path)?.[1] ?? 0);
  return { branch_id: `branch-${branch_index}`, branch_index };
}
