import { type ExecuteSegmentEvent, type JsonObject, type SegmentResult, StatebagError } from '@statebag/contracts';
import { validateExecuteSegmentEvent } from '@statebag/contracts/validators';
import { loadSegment, type SegmentDraft } from '@statebag/state-core';
import { returnResult, type Step, type StepTools } from '@statebag/step-kit';
import {
  createLedger,
  fieldsToHydrate,
  isSegmentDefinition,
  type LedgerOwner,
  runSegment,
  type SegmentDefinition,
  type SegmentInvocation,
} from '@statebag/workflow';
import type { MayCall } from './refuse-cancelled.ts';

interface Read {
  readonly segment: SegmentDefinition;
  readonly state: JsonObject;
}

/** The ways to the outside that a deployment gives its nodes. */
export interface Outside extends Pick<SegmentInvocation, 'providers' | 'http' | 'invoke'> {
  readonly mayCall?: MayCall;
}

/** Runs one segment: its definition, the fields it reads, its nodes, and what they changed. */
export function executeSegment(outside: Outside): Step<ExecuteSegmentEvent, Read, SegmentDraft, SegmentResult> {
  return {
    event: validateExecuteSegmentEvent,
    reader: ({ owner_id, execution_id, definition_id }) => ({ owner_id, execution_id, definition_id }),
    facts: ({ execution_id, segment_id, branch_path, loop_counter }) => ({ execution_id, action: null, segment_id, branch_path, loop_counter }),
    now: ({ now }) => now,
    async reads(event, tools) {
      const segment = await definitionOf(event, tools);
      return { segment, state: await tools.session.hydrator.fields(event.current_state, fieldsToHydrate(segment, event.cursor)) };
    },
    async run(event, { segment, state }, tools) {
      const ledger = ledgerOf(event, tools, outside.mayCall);
      const deadline = Date.now() + tools.deadline.remainingMs();
      try {
        const draft = await runSegment({ segment, state, run: event, deadline, clock: Date.now, ledger, ...outside });
        tools.tally.llm = draft.usage;
        return draft;
      } finally {
        tools.tally.ledger = ledger.counts();
      }
    },
    finish: returnResult,
  };
}

/** The definition of the event's segment. @throws `Definition.SegmentUnknown` */
export async function definitionOf(
  { owner_id, definition_id, segment_id }: Pick<ExecuteSegmentEvent, 'owner_id' | 'definition_id' | 'segment_id'>,
  { session, plan }: StepTools,
): Promise<SegmentDefinition> {
  const segment = await loadSegment({ bucket: plan.location.bucket, owner_id, definition_id }, segment_id, session);
  if (isSegmentDefinition(segment)) return segment;
  throw new StatebagError(
    'Definition.SegmentUnknown',
    `segment ${segment_id} of definition ${definition_id} was written by a compiler this runner does not know`,
  );
}

/** The ledger of one branch of the run. */
export function ledgerOf({ branch_path, now }: Pick<ExecuteSegmentEvent, 'branch_path' | 'now'>, { session, plan }: StepTools, mayCall?: MayCall) {
  const { location, thresholds } = plan;
  const read: LedgerOwner['read'] = (pointer) => session.hydrator.pointed(pointer);
  return createLedger(session.store, { location, branch_path, now, thresholds, read, ...(mayCall && { mayCall: () => mayCall(location.execution_id) }) });
}
