import {
  type AggregateDistributedEvent,
  type ChunkResult,
  type Envelope,
  EVENTS_PER_SEGMENT,
  type FailedSegment,
  type Json,
  type SegmentStatus,
} from '@statebag/contracts';
import { validateAggregateDistributedEvent } from '@statebag/contracts/validators';
import { chunkSummary, hasFailed, inExecutionOrder, NO_USAGE, type NormalisedResult, planScheduling } from '@statebag/state-core';
import { type Step, type StepTools, sealInto } from '@statebag/step-kit';
import { answeredResult } from './answered-result.ts';
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
  run: normaliseMap,
  finish: sealInto,
};

function normaliseMap(event: AggregateDistributedEvent, { ordered, outputs }: Read, { plan }: StepTools): NormalisedResult {
  const { action, state_data, field, scheduling_metadata } = event;
  const scheduling = scheduling_metadata === undefined ? undefined : planScheduling(scheduling_metadata, plan);
  const summary = chunkSummary(ordered);
  const status = statusOf(event, summary);
  return {
    action,
    result_id: answeredResult(state_data, ['MAP_REDUCE', 'BATCHED']),
    status,
    delta: outputs && field !== undefined ? [{ op: 'set', field, value: outputs }] : [],
    history: [],
    next_segment_to_run: state_data.segment_to_run,
    usage: NO_USAGE,
    failures: failuresOf(event, ordered, status),
    control: { batch_count_actual: Math.max(1, summary.total) },
    lists: { distributed_chunk_summary: summary, chunk_count: summary.total, ...(scheduling && { scheduling_summary: scheduling.summary }) },
    events: EVENTS_PER_SEGMENT,
    writes: scheduling?.writes ?? [],
  };
}

/** Nothing to do is done; nothing that worked is a failure; anything between goes on, with the failures listed. */
function statusOf({ map_error }: AggregateDistributedEvent, { total, failed }: ReturnType<typeof chunkSummary>): SegmentStatus {
  if (map_error) return 'FAILED';
  if (total === 0) return 'COMPLETE';
  return failed === total ? 'FAILED' : 'CONTINUE';
}

function failuresOf({ state_data, map_error }: AggregateDistributedEvent, ordered: readonly ChunkResult[], status: SegmentStatus): FailedSegment[] {
  const { segment_id, branch_path } = state_data;
  const failure = (error: string, message: string): FailedSegment => ({ segment_id, branch_path, status: 'FAILED', error, message, node_id: null });
  const failed = ordered.filter(hasFailed).map((result, index) => failure('Node.Failed', `item ${result.chunk_id ?? index}: ${reasonOf(result)}`));
  const whole = map_error ? [failure(map_error.Error, map_error.Cause ?? 'the map failed')] : [];
  return status === 'FAILED' && whole.length + failed.length === 0 ? [failure('Node.Failed', 'the map failed')] : [...whole, ...failed];
}

function reasonOf({ error, status }: ChunkResult): string {
  return error === undefined ? String(status) : typeof error === 'string' ? error : JSON.stringify(error);
}
