import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { Timestamp } from '@statebag/contracts';
import { type QuotaSet, readQuotas } from '@statebag/local-cloud';
import { virtualClock } from '@statebag/local-cloud/testing';
import { openRuns } from '@statebag/runs';
import { eachBounded } from '@statebag/state-core/store/each-bounded';
import { DeployedTestApp, transform } from '../../../test/deployed-app.ts';

export interface RunTrial {
  readonly succeeded: number;
  /** Runs whose state is not what the workflow makes of their input. */
  readonly wrong: number;
  /** Ends that were recorded, each run's once. */
  readonly recorded: number;
  readonly doubled: number;
  /** Calls of functions that found no place. */
  readonly heldBack: number;
  /** Milliseconds of the account's time. */
  readonly took: number;
}

const BRANCHES = 3;
const WORKFLOW = {
  name: 'scale',
  version: '1',
  nodes: [
    {
      id: 'split',
      type: 'parallel_group',
      config: {
        branches: Array.from({ length: BRANCHES }, (_, place) => ({
          id: `b${place}`,
          nodes: [transform(`value${place}`, `{% n * ${place + 1} %}`)],
        })),
      },
    },
  ],
};

/** Whoever watches the trial asks how executions stand, which is no part of it. */
function watchable(quotas: QuotaSet): QuotaSet {
  const often = { bucket: 1_000_000, per_second: 1_000_000 };
  return { ...quotas, rates: { ...quotas.rates, 'states.DescribeExecution': often } };
}

/** Runs under way at once: whoever asks for more only lets this process look for them. */
const AT_ONCE = 100;
const LOOK_MS = 1_000;

/**
 * Whole runs, each of a group of three branches, on the real definitions and functions in an account that nobody
 * has used: ten functions at once.
 */
export async function runTrial(count: number): Promise<RunTrial> {
  const clock = virtualClock();
  let heldBack = 0;
  const app = await DeployedTestApp.open({
    clock,
    quotas: watchable(readQuotas('fresh-account')),
    between: (invocation, invoke) =>
      invoke(invocation).catch((error: unknown) => {
        heldBack += 1;
        throw error;
      }),
  });
  const items = new DynamoDBClient(app.cloud.clientOptions);
  try {
    const began = clock.now();
    const numbers = Array.from({ length: count }, (_, n) => n);
    const states = await eachBounded(numbers, AT_ONCE, async (n) => {
      const run = await app.run(WORKFLOW, { n });
      return { n, status: run.status, state: run.status === 'SUCCEEDED' ? await app.state(run) : {} };
    });
    const took = clock.now() - began;
    const runs = openRuns({ client: items, table: 'statebag-runs-local' });
    const since = new Date(0).toISOString() as Timestamp; // the one form toISOString has
    const ends = async () => runs.listEnds('v3', { since, limit: 2 * count });
    let recorded = await ends();
    for (const until = clock.now() + 600_000; recorded.length < count && clock.now() < until; ) {
      await new Promise<void>((resolve) => void clock.at(clock.now() + LOOK_MS, resolve));
      recorded = await ends();
    }
    const names = new Set(recorded.map(({ execution_id }) => execution_id));
    const right = ({ n, state }: { n: number; state: object }) =>
      Array.from({ length: BRANCHES }, (_, place) => place).every(
        (place) => Reflect.get(state, `value${place}`) === n * (place + 1),
      );
    return {
      succeeded: states.filter(({ status }) => status === 'SUCCEEDED').length,
      wrong: states.filter((each) => !right(each)).length,
      recorded: names.size,
      doubled: recorded.length - names.size,
      heldBack,
      took,
    };
  } finally {
    items.destroy();
    await app.close();
  }
}
