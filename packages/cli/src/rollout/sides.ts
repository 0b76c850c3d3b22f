import type { Timestamp } from '@statebag/contracts';
import type { RolloutSettings } from '@statebag/contracts/schemas/rollout';
import { type Amounts, amountsOfRun, priced, readStepLines, sum } from '@statebag/cost';
import { figuresOf, type Sides } from '@statebag/rollout';
import type { EndedRun, Generation } from '@statebag/runs';
import { factsOf, withChildren } from '@statebag/runs/history';
import type { OpenRollout } from './open-rollout.ts';

/** A rate is not known better by more runs than these. */
const NEWEST = 1_000;
const EVER = '1970-01-01T00:00:00.000Z' as Timestamp;

export interface SideEnds {
  readonly v3: readonly EndedRun[];
  readonly legacy: readonly EndedRun[];
}

/** The newest runs of both sides that began since the weight was changed. */
export async function endsSince(
  { runs }: OpenRollout,
  { changed_at: since = EVER }: RolloutSettings,
): Promise<SideEnds> {
  const endsOn = async (generation: Generation) =>
    (await runs.listEnds(generation, { since, limit: NEWEST })).filter(
      ({ started_at }) => Date.parse(started_at) >= Date.parse(since),
    );
  const [v3, legacy] = await Promise.all([endsOn('v3'), endsOn('legacy')]);
  return { v3, legacy };
}

export function sidesOf({ v3, legacy }: SideEnds): Sides {
  return { v3: figuresOf(v3), legacy: figuresOf(legacy) };
}

/** What some runs took a run on average, as their functions' logs and histories tell. */
export interface Sampled {
  readonly runs: number;
  /** States entered, by the executions of a run and those that they started. */
  readonly transitions: number;
  readonly s3_requests: number;
  readonly usd_per_1000: number;
}

export async function sampled(rollout: OpenRollout, ends: readonly EndedRun[]): Promise<Sampled | null> {
  if (ends.length === 0) return null;
  const amounts: Amounts[] = [];
  for (const end of ends) amounts.push(await amountsOf(rollout, end));
  const total = sum(amounts);
  const share = (value: number) => value / ends.length;
  return {
    runs: ends.length,
    transitions: share(total.transitions),
    s3_requests: share(total.s3_gets + total.s3_puts),
    usd_per_1000: share(priced(total).total) * 1_000,
  };
}

/**
 * Lines are those of the whole run, so its executions are, too: the first and those that it was resumed by.
 */
async function amountsOf(
  { sfn, logs, runs, stage }: OpenRollout,
  { execution_arn, execution_id }: EndedRun,
): Promise<Amounts> {
  const { execution_arns } = (await runs.getRun(execution_id)) ?? { execution_arns: [execution_arn] };
  const { facts } = await factsOf(sfn, execution_arns);
  return amountsOfRun(
    await withChildren(sfn, facts),
    await readStepLines(logs, logGroupsOf(stage), execution_id),
  );
}

/** Where the functions of both generations write their lines. */
function logGroupsOf(stage: string): string[] {
  const functions = {
    'state-data-manager': [
      'initializeStateData',
      'stateDataManager',
      'mergeCallback',
      'loadLatestState',
      'saveLatestState',
    ],
    'segment-runner': ['executeSegment', 'prepareDistributedExecution', 'processSegmentChunk'],
    'async-llm': ['asyncLlmHandler'],
    aggregator: ['aggregateDistributedResults', 'aggregateResults'],
  };
  return Object.entries(functions).flatMap(([service, keys]) =>
    keys.map((key) => `/aws/lambda/statebag-${service}-${stage}-${key}`),
  );
}
