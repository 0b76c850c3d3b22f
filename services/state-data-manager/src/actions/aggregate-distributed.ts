import type { AggregateDistributedEvent, ChunkResult, Envelope, Json } from '@statebag/contracts';
import { validateAggregateDistributedEvent } from '@statebag/contracts/validators';
import { hasFailed, inExecutionOrder, mapFailures, mapStatus, type NormalisedResult, normaliseMap, planScheduling } from '@statebag/state-core';
import { type Step, type StepTools, sealInto } from '@statebag/step-kit';
import { loadOutputs, mapResults } from './map-outcome.ts';
import { bagStep } from './merge-action.ts';

interface Read {
  readonly ordered: readonly ChunkResult[];
  /** The items' outputs in order, where a field takes them. */
  readonly outputs: readonly Json[] | null;
}

/** Takes in the results of a map: a summary into the bag, the outputs into their field. */
export const aggregateDistributed: Step<AggregateDistributedEvent, Read, NormalisedResult, Envelope> = {
  ...bagStep(validateAggregateDistributedEvent),
  async reads({ execution_result, field }, tools) {
    const ordered = inExecutionOrder(await mapResults(execution_result, tools));
    return { ordered, outputs: field === undefined ? null : await loadOutputs(ordered, tools.session) };
  },
  run: takenIn,
  finish: sealInto,
};

/** Whoever calls it decides what a failure means: some failing is no reason to end. */
const TOLERATED_PERCENTAGE = 100;

function takenIn(event: AggregateDistributedEvent, { ordered, outputs }: Read, { plan }: StepTools): NormalisedResult {
  const { state_data: bag, field, scheduling_metadata, map_error: error = null } = event;
  const scheduling = scheduling_metadata === undefined ? undefined : planScheduling(scheduling_metadata, plan);
  const failed = ordered.filter(hasFailed).length;
  const status = mapStatus({ error, total: ordered.length, failed, toleratedPercentage: TOLERATED_PERCENTAGE });
  return normaliseMap({
    ...{ bag, ordered, status, failures: mapFailures(bag, ordered, { error, status }) },
    delta: outputs && field !== undefined ? [{ op: 'set', field, value: outputs }] : [],
    lists: scheduling ? { scheduling_summary: scheduling.summary } : {},
    writes: scheduling?.writes ?? [],
  });
}
