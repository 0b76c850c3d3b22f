import { readQuotas } from '@statebag/local-cloud';
import { atLeast, atMost, type BenchRow, median } from './bench-row.ts';
import { type Crowd, LARGEST_OWNER } from './scale/arrivals.ts';
import { runTrial } from './scale/run-trial.ts';
import { startTrial, type TrialResult, type Waited } from './scale/start-trial.ts';
import { openTrialCloud } from './scale/trial-cloud.ts';

const STARTS = { count: 100_000, owners: 1_000, within: 60_000 };
const RUNS = 500;
/** Drained so much later than the rate of the account allows at most. */
const MOST_OF_BOUND = 1.1;

/**
 * A hundred thousand starts of a thousand owners in one minute of an account's time, held to the quotas of
 * us-east-1; and whole runs in an account that nobody has used.
 */
export async function suite(): Promise<BenchRow[]> {
  return [...(await starts(STARTS)), ...(await wholeRuns(RUNS))];
}

async function starts(crowd: Crowd): Promise<BenchRow[]> {
  const { count } = crowd;
  const quotas = readQuotas('us-east-1');
  const trial = await openTrialCloud(quotas);
  const before = process.cpuUsage();
  const began = performance.now();
  try {
    const result = await startTrial(trial, crowd);
    const { user, system } = process.cpuUsage(before);
    const elapsed = (performance.now() - began) / 1_000;
    const { bucket = count, per_second = count } = quotas.rates['states.StartExecution'] ?? {};
    return rowsOf(result, {
      name: `${count.toLocaleString('en-US')} starts`,
      bound: (count - bucket) / per_second,
      note: `${((user + system) / 1e6).toFixed(0)} s of processor time, ${elapsed.toFixed(0)} s here`,
    });
  } finally {
    await trial.close();
  }
}

/** What a trial came to. `bound`: seconds in which the account could start them at the soonest. */
export function rowsOf(
  { lost, extra, waits, took }: TrialResult,
  { name, bound, note }: { readonly name: string; readonly bound: number; readonly note: string },
): BenchRow[] {
  const seconds = took / 1_000;
  const { [LARGEST_OWNER]: largest = 0, ...others } = longestOf(waits);
  const small = Object.values(others);
  const middle = median(small);
  return [
    atMost(0, { figure: `${name}: lost`, unit: 'runs', ours: lost }),
    atMost(0, { figure: `${name}: started twice`, unit: 'runs', ours: extra }),
    {
      figure: `${name}: all have begun after`,
      unit: 's of the account',
      ours: seconds,
      reference: bound,
      reference_name: 'bound by the rate of StartExecution',
      ratio: seconds / bound,
      target: `<= ${MOST_OF_BOUND}x`,
      holds: seconds <= MOST_OF_BOUND * bound,
      note,
    },
    {
      ...atMost(1.1, {
        figure: `${name}: longest wait of any small owner, to that of the middle one`,
        unit: 'ratio',
        ours: Math.max(...small) / middle,
      }),
      note: `the middle small owner waited ${(middle / 1_000).toFixed(0)} s at most, the largest ${(largest / 1_000).toFixed(0)} s`,
    },
    atLeast(1.2, {
      figure: `${name}: longest wait of the largest owner, to that of the middle small one`,
      unit: 'ratio',
      ours: largest / middle,
    }),
  ];
}

/** The longest wait of each owner. */
function longestOf(waits: readonly Waited[]): Readonly<Record<string, number>> {
  const longest: Record<string, number> = {};
  for (const { owner_id, ms } of waits) longest[owner_id] = Math.max(ms, longest[owner_id] ?? 0);
  return longest;
}

async function wholeRuns(count: number): Promise<BenchRow[]> {
  const { succeeded, wrong, recorded, doubled, heldBack, took } = await runTrial(count);
  const name = `${count} runs of an unused account`;
  return [
    {
      ...atLeast(count, { figure: `${name}: succeeded`, unit: 'runs', ours: succeeded }),
      note: `${heldBack} calls of functions found no place, all ended after ${(took / 1_000).toFixed(0)} s of the account`,
    },
    atMost(0, { figure: `${name}: another state than the workflow makes`, unit: 'runs', ours: wrong }),
    atLeast(count, { figure: `${name}: ends on record`, unit: 'runs', ours: recorded }),
    atMost(0, { figure: `${name}: ends on record twice`, unit: 'runs', ours: doubled }),
  ];
}
