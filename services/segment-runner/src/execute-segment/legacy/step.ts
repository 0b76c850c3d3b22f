import type { JsonObject, LegacyExecuteSegmentEvent } from '@statebag/contracts';
import { validateLegacyExecuteSegmentEvent } from '@statebag/contracts/validators';
import { type LegacyState, readWholeState, wholeStateAfter } from '@statebag/state-core/legacy';
import type { Step, StepTools } from '@statebag/step-kit';
import { runSegment } from '@statebag/workflow';
import { ledgerOf, type Outside } from '../step.ts';
import { joinGroup } from './join-group.ts';
import { type LegacyCall, legacyCall, timeOf } from './legacy-call.ts';
import { type LegacyDraft, legacyDraft, returnLegacyResult } from './legacy-result.ts';
import { type ResolvedSegment, resolveSegment } from './resolve-segment.ts';

interface Read {
  readonly call: LegacyCall;
  readonly state: LegacyState;
  /** Null for an aggregator, which runs no nodes. */
  readonly resolved: ResolvedSegment | null;
}

/** An event without a `schema_version` is the first generation's. */
export function isLegacyEvent(event: unknown): event is LegacyExecuteSegmentEvent {
  return typeof event === 'object' && event !== null && !('schema_version' in event);
}

/** Runs one segment for the first generation: the same nodes, around them a whole state that comes and goes. */
export function executeLegacySegment(outside: Outside): Step<LegacyExecuteSegmentEvent, Read, LegacyDraft, JsonObject> {
  return {
    event: validateLegacyExecuteSegmentEvent,
    reader: (event) => idsOf(legacyCall(event)),
    facts: (event) => factsOf(legacyCall(event)),
    now: timeOf,
    async reads(event, tools) {
      const call = legacyCall(event);
      const [state, resolved] = await Promise.all([
        readWholeState(call.state, tools.session.hydrator),
        call.isAggregator ? null : resolveSegment(call, call.place, tools),
      ]);
      return { call, state, resolved };
    },
    run: (_event, { call, state, resolved }, tools) => (resolved ? runNodes({ call, state, resolved }, tools, outside) : joinGroup(call, state, tools)),
    finish: (event, draft, tools) => returnLegacyResult(legacyCall(event), draft, tools),
  };
}

function idsOf({ owner_id, execution_id }: LegacyCall) {
  return { owner_id, execution_id };
}

function factsOf({ execution_id, place, isAggregator, run }: LegacyCall) {
  const segment_id = place === null ? null : String(place);
  return { execution_id, action: isAggregator ? 'aggregator' : null, segment_id, branch_path: run.branch_path, loop_counter: run.loop_counter };
}

async function runNodes({ call, state, resolved }: Read & { readonly resolved: ResolvedSegment }, tools: StepTools, outside: Outside): Promise<LegacyDraft> {
  const ledger = ledgerOf(call.run, tools, outside.mayCall);
  try {
    const deadline = Date.now() + tools.deadline.remainingMs();
    const draft = await runSegment({ segment: resolved.segment, state: state.values, run: call.run, deadline, clock: Date.now, ledger, ...outside });
    tools.tally.llm = draft.usage;
    return legacyDraft(draft, wholeStateAfter(state, draft.delta).standing, { call, resolved });
  } finally {
    tools.tally.ledger = ledger.counts();
  }
}
