import type { JsonObject } from '@statebag/contracts';
import type { LegacyExecuteSegmentEvent } from '@statebag/contracts/schemas/legacy-events';
import { validateLegacyExecuteSegmentEvent } from '@statebag/contracts/validators';
import { readWholeState, wholeStateAfter } from '@statebag/state-core/legacy';
import {
  type Handler,
  plainStep,
  type Step,
  type StepDeps,
  type StepFacts,
  type StepTools,
  stepHandler,
} from '@statebag/step-kit';
import { draftOf, type Outside } from '../execute-segment.ts';
import { isStart, segmentHandler } from '../segment-handler.ts';
import { joinGroup } from './join-group.ts';
import { type LegacyCall, legacyCall } from './legacy-call.ts';
import { type LegacyDraft, legacyDraft, returnLegacyResult } from './legacy-result.ts';
import { resolveSegment } from './resolve-segment.ts';

/**
 * Runs one segment for the first generation: the same nodes, around them a whole state that comes and goes.
 */
function executeLegacySegment(outside: Outside): Step<JsonObject> {
  return plainStep<LegacyExecuteSegmentEvent, JsonObject>({
    event: validateLegacyExecuteSegmentEvent,
    facts: (event) => factsOf(legacyCall(event)),
    async run(event, invocation) {
      const call = legacyCall(event);
      const { owner_id, execution_id, run } = call;
      const tools = invocation.open({ owner_id, execution_id, now: run.now });
      const draft = await (call.isAggregator ? joined(call, tools) : worked(call, tools, outside));
      return returnLegacyResult(call, draft, tools);
    },
  });
}

/**
 * One bundle serves both generations: an event without a `schema_version` that is no start is the first
 * one's.
 */
export function bothGenerations(outside: Outside, deps: StepDeps): Handler {
  const current = segmentHandler(outside, deps);
  const legacy = stepHandler(executeLegacySegment(outside), deps);
  return async (event, context) => (isLegacyEvent(event) ? legacy(event, context) : current(event, context));
}

function isLegacyEvent(event: unknown): boolean {
  return typeof event === 'object' && event !== null && !('schema_version' in event) && !isStart(event);
}

function factsOf({ execution_id, place, isAggregator, run }: LegacyCall): StepFacts {
  const { branch_path, loop_counter } = run;
  const segment_id = place === null ? null : String(place);
  return { execution_id, action: isAggregator ? 'aggregator' : null, segment_id, branch_path, loop_counter };
}

/** An aggregator runs no nodes: it joins what branches left. */
async function joined(call: LegacyCall, tools: StepTools): Promise<LegacyDraft> {
  return joinGroup(call, await readWholeState(call.state, tools.session.hydrator), tools);
}

async function worked(call: LegacyCall, tools: StepTools, outside: Outside): Promise<LegacyDraft> {
  const [state, resolved] = await Promise.all([
    readWholeState(call.state, tools.session.hydrator),
    resolveSegment(call, call.place, tools),
  ]);
  const work = { segment: resolved.segment, state: state.values, run: call.run };
  const draft = await draftOf(work, tools, outside);
  return legacyDraft(draft, wholeStateAfter(state, draft.delta).standing, { call, resolved });
}
