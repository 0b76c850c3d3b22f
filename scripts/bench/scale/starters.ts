import type { StartSettings } from '@statebag/contracts/schemas/rollout';
import { dispatchStarts, type Executions, type StartQueue, startQueue } from '@statebag/runs/queue';
import type { Starts } from '@statebag/runs/start';
import type { TrialCloud } from './trial-cloud.ts';

/** The functions of the API that start runs, and the function that begins what waits. */
export interface Starters {
  /** One queue for each environment of the function: what it knows of others is in the table. */
  readonly queues: readonly StartQueue[];
  readonly starts: Starts;
  /** Starts that the service took. */
  begun(): number;
  /** Ends the schedule of each minute. */
  stop(): void;
}

const ENVIRONMENTS = 20;
const MINUTE_MS = 60_000;
/** So long one call of the dispatcher may work. */
const TIMEOUT_MS = 900_000;

export function openStarters(trial: TrialCloud, settings: StartSettings): Starters {
  const { runs, clock, states } = trial;
  let [calls, stopped] = [0, false];
  const begun = new Set<string>();
  const executions: Executions = {
    async startExecution(input) {
      await states('StartExecution', input);
      begun.add(String(input.name));
    },
    stopExecution: (input) => states('StopExecution', input),
    describeExecution: (input) => states('DescribeExecution', input),
  };
  const dispatch = async (thorough: boolean): Promise<void> => {
    const endsAt = clock.now() + TIMEOUT_MS;
    calls += 1;
    await dispatchStarts(
      {
        runs,
        book: runs.starts,
        waiting: runs.waiting,
        lease: runs.startsLease,
        executions,
        settings: async () => settings,
        events: { put: noEvent },
        clock: { now: clock.now, pause: trial.later },
      },
      {
        holder: `dispatcher-${calls}`,
        deadline: { remainingMs: () => endsAt - clock.now() },
        thorough,
      },
    );
  };
  const eachMinute = (): void =>
    void clock.at(clock.now() + MINUTE_MS, () => {
      if (stopped) return;
      void dispatch(true);
      eachMinute();
    });
  eachMinute();
  const queueOf = () =>
    startQueue({
      runs,
      book: runs.starts,
      waiting: runs.waiting,
      settings: async () => settings,
      isDraining: () => runs.startsLease.isHeld(clock.now()),
      wake: async () => void dispatch(false), // nobody waits for what it does
      now: clock.now,
    });
  return {
    queues: Array.from({ length: ENVIRONMENTS }, queueOf),
    starts: {
      startExecution: executions.startExecution,
      describeStateMachineAlias: (input) => states('DescribeStateMachineAlias', input),
    },
    begun: () => begun.size,
    stop: () => {
      stopped = true;
    },
  };
}

/** The service takes every start of the trial sooner or later. */
async function noEvent(): Promise<never> {
  throw new Error('a run of this trial was refused');
}
