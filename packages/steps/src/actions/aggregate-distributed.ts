import type { Json } from '@statebag/contracts';
import type { AggregateDistributedEvent } from '@statebag/contracts/schemas/actions';
import type { ChunkResult } from '@statebag/contracts/schemas/answer';
import { validateAggregateDistributedEvent } from '@statebag/contracts/validators';
import type { PlanContext } from '@statebag/state-core';
import { hasFailed } from '@statebag/state-core/core/map-results';
import { mapFailures, mapStatus, normaliseMap } from '@statebag/state-core/core/normalise-map';
import type { NormalisedResult } from '@statebag/state-core/core/normalised-result';
import { planScheduling } from '@statebag/state-core/core/plan-scheduling';
import { bagStep } from '@statebag/step-kit';
import { readOutputs, readResults } from '../maps/read-results.ts';
import { onBag } from './on-bag.ts';

/** Takes in the results of a map: a summary into the bag, the outputs into their field. */
export const aggregateDistributed = bagStep<AggregateDistributedEvent>({
  ...onBag('aggregate_distributed', validateAggregateDistributedEvent),
  async normalise(event, tools) {
    const ordered = await readResults(event.execution_result, tools);
    const outputs = event.field === undefined ? null : await readOutputs(ordered, tools);
    return { into: event.state_data, merge: takenIn(event, { ordered, outputs }, tools.plan) };
  },
});

interface Read {
  readonly ordered: readonly ChunkResult[];
  /** The items' outputs in order, where a field takes them. */
  readonly outputs: readonly Json[] | null;
}

/** Whoever calls it decides what a failure means: some failing is no reason to end. */
const TOLERATED_PERCENTAGE = 100;

function takenIn(
  event: AggregateDistributedEvent,
  { ordered, outputs }: Read,
  plan: PlanContext,
): NormalisedResult {
  const { state_data: bag, field, scheduling_metadata, map_error: error = null } = event;
  const scheduling =
    scheduling_metadata === undefined ? undefined : planScheduling(scheduling_metadata, plan);
  const failed = ordered.filter(hasFailed).length;
  const status = mapStatus({
    error,
    total: ordered.length,
    failed,
    toleratedPercentage: TOLERATED_PERCENTAGE,
  });
  return normaliseMap({
    bag,
    ordered,
    status,
    failures: mapFailures(bag, ordered, { error, status }),
    delta: outputs && field !== undefined ? [{ op: 'set', field, value: outputs }] : [],
    lists: scheduling ? { scheduling_summary: scheduling.summary } : {},
    writes: scheduling?.writes ?? [],
  });
}
