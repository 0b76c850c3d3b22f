import { NON_RETRYABLE_CODES } from '@statebag/contracts';
import { EVENTS_PER_TURN } from '@statebag/contracts/limits';
import type { InitEvent } from '@statebag/contracts/schemas/actions';
import type { SegmentResult } from '@statebag/contracts/schemas/segment-result';
import type { Envelope } from '@statebag/contracts/schemas/state-bag';
import { planFirstSync, sealPlan } from '@statebag/state-core';
import { planOpenBag } from '@statebag/state-core/core/first-bag';
import type { OpenBag } from '@statebag/state-core/core/merge-result';
import { planBesideDelta } from '@statebag/state-core/core/plan-result';
import { NO_USAGE } from '@statebag/state-core/core/usage';
import { bagStep, type Change, type Step, type StepTools, shapedError } from '@statebag/step-kit';
import { besideResult, normaliseSegmentResult } from './actions/sync.ts';
import { type Outside, segmentDraft } from './execute-segment.ts';
import { firstBag, onStart } from './initialize-state-data.ts';
import { segmentEvent, segmentOfBag } from './segment-turn.ts';

/**
 * Builds the first bag, runs the first segment on it and merges its result, in one invocation. What leaves of
 * the state before and after is stored once, as one object. Where the task was tried before, the first bag is
 * all there is: ExecuteSegment has tries of its own.
 */
export function firstTurn(outside: Outside): Step<Envelope> {
  return bagStep<InitEvent>({
    ...onStart,
    async normalise(event, tools) {
      const bag = await firstBag(event, tools);
      if (event.retry_count !== 0) return planOpenBag(bag, tools.plan);
      try {
        return await firstSegment(bag, event, { tools, outside });
      } catch (error) {
        return failedForGood(error, bag, tools);
      }
    },
  });
}

interface Ways {
  readonly tools: StepTools;
  readonly outside: Outside;
}

async function firstSegment(bag: OpenBag, { now }: InitEvent, { tools, outside }: Ways): Promise<Change> {
  const draft = await segmentDraft(segmentEvent({ state_data: bag, now }), tools, outside);
  const { result, writes } = planBesideDelta(draft, tools.plan);
  const event = { action: 'sync', state_data: bag, now, retry_count: 0, execution_result: result } as const;
  const merge = { ...normaliseSegmentResult(event, EVENTS_PER_TURN), delta: result.delta, writes };
  const context = { ...tools.plan, hydrator: tools.session.hydrator };
  const { first_state, ...plan } = await planFirstSync(bag, merge, context);
  sealPlan(plan); // a bag over its budget is a failure of the segment, while there is a bag without it
  const beside = async (envelope: Envelope) => ({
    ...(await besideResult(event, envelope, tools)),
    first_state,
  });
  return { ...plan, beside };
}

/** As the state machine tells them apart: by name. */
const FINAL: ReadonlySet<string> = new Set(NON_RETRYABLE_CODES);

/**
 * A segment that would fail again is not run again: `sync` merges its failure into the first bag. After any
 * other error the state machine tries the task again.
 * @throws the error, where another try may help
 */
function failedForGood(error: unknown, bag: OpenBag, { plan, tellFailure }: StepTools): Change {
  const failure = shapedError(error);
  if (!FINAL.has(failure.name)) throw error;
  tellFailure(failure);
  const execution_result = failedResult(bag, failure);
  return { ...planOpenBag(bag, plan), beside: () => ({ execution_result }) };
}

/** The result that the state machine makes of a segment that gave none. */
function failedResult(bag: OpenBag, { name, message }: Error): SegmentResult {
  const { execution_id, branch_path, loop_counter } = bag;
  return {
    status: 'FAILED',
    result_id: { execution_id, branch_path, loop_counter, segment_id: segmentOfBag(bag) },
    delta: [],
    next_segment_to_run: null,
    new_history_logs: [],
    error_info: { error: name, message, node_id: null },
    branches: null,
    segment_type: 'normal',
    usage: NO_USAGE,
    cursor: null,
    wait_until: null,
    request: null,
  };
}
