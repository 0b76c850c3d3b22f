import { executionId, workflowId } from '@statebag/contracts/ids';
import { type StartPlace, startRun } from '@statebag/runs/start';
import { compileWorkflow, readWorkflow } from '@statebag/workflow';
import { type Arrival, arrivals, type Crowd } from './arrivals.ts';
import { openStarters, type Starters } from './starters.ts';
import type { TrialCloud } from './trial-cloud.ts';

/** How long one start waited. */
export interface Waited {
  readonly owner_id: string;
  readonly ms: number;
}

export interface TrialResult {
  /** Recorded runs without an execution. */
  readonly lost: number;
  /** Executions that no run stands for. */
  readonly extra: number;
  readonly waits: readonly Waited[];
  /** Milliseconds from the first start that was asked for to the last that began. */
  readonly took: number;
}

const LOOK_MS = 1_000;

/** Lets starts arrive, each answered at once, and waits until all of them have begun. */
export async function startTrial(trial: TrialCloud, crowd: Crowd): Promise<TrialResult> {
  const asked = trial.clock.now();
  const all = arrivals(crowd);
  const starters = openStarters(trial, { waiting: crowd.count });
  const places = starters.queues.map((queue) => placeOf(trial, { ...starters, queue }));
  const placeAt = (nth: number) => places[nth % places.length] ?? placeOf(trial, starters);
  await Promise.all(
    all.map(async (arrival, nth) => {
      await trial.later(arrival.at);
      await begin(placeAt(nth), trial, { arrival, nth });
    }),
  );
  while (starters.begun() < crowd.count) await trial.later(LOOK_MS);
  starters.stop();
  return judged(all, asked, await trial.began());
}

const nameOf = (nth: number): string => `run-${nth}`;

function judged(
  all: readonly Arrival[],
  asked: number,
  executions: ReadonlyMap<string, number>,
): TrialResult {
  const names = all.map((_, nth) => nameOf(nth));
  const known = new Set(names);
  return {
    lost: names.filter((name) => !executions.has(name)).length,
    extra: [...executions.keys()].filter((name) => !known.has(name)).length,
    waits: all.map(({ at, owner_id }, nth) => ({
      owner_id,
      ms: (executions.get(nameOf(nth)) ?? Number.NaN) - asked - at,
    })),
    took: [...executions.values()].reduce((latest, at) => Math.max(latest, at), 0) - asked,
  };
}

const WORKFLOW = {
  name: 'trial',
  version: '1',
  nodes: [{ id: 'a', type: 'data_transform', output_key: 'a', config: { transform: '{% 1 %}' } }],
};

function compiled() {
  const { workflow } = readWorkflow(JSON.stringify(WORKFLOW), { file: 'trial.json' });
  if (!workflow) throw new Error('the workflow of the trial is invalid');
  return compileWorkflow(workflow);
}
const { definition_id, manifest } = compiled();

function placeOf(
  { runs, clock }: TrialCloud,
  { starts, queue }: Pick<Starters, 'starts'> & Pick<StartPlace, 'queue'>,
): StartPlace {
  return {
    starts,
    runs,
    ...(queue && { queue }),
    bucket: 'none',
    store: { get: noStore, put: noStore },
    manifestOf: async () => manifest,
    now: clock.now,
  };
}

/** The definition is published, and no input is large: no start asks for an object. */
async function noStore(): Promise<never> {
  throw new Error('a start of this trial asks for an object');
}

function begin(
  place: StartPlace,
  { machine }: TrialCloud,
  { arrival, nth }: { readonly arrival: Arrival; readonly nth: number },
) {
  return startRun(place, {
    owner_id: arrival.owner_id,
    workflow_id: workflowId('trial'),
    execution_id: executionId(nameOf(nth)),
    generation: 'v3',
    machine_arn: machine,
    definition: definition_id,
    given: { input: {} },
  });
}
