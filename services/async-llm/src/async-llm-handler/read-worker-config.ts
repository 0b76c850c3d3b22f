import { StatebagError } from '@statebag/contracts';
import { type Environment, matching } from '@statebag/step-kit';
import { type LlmConfig, type MoneyConfig, readLlmConfig, readMoneyConfig } from '@statebag/workflow';

/** How a worker keeps its task and its call its own. */
export interface Rhythm {
  /** Between two beats of the task, and two renewals of the lease. */
  readonly beatMs: number;
  /** How long a lease lasts that is not renewed. */
  readonly leaseMs: number;
  /** Between two looks of a worker that waits for another one. */
  readonly pollMs: number;
}

/** Environment of the worker, on top of what every step has. */
export interface WorkerConfig extends LlmConfig, MoneyConfig, Rhythm {
  readonly runsTable: string;
  readonly eventBus: string;
}

/**
 * The environment, read whole before the first event. @throws `Contract.Misconfigured` naming the variable
 */
export function readWorkerConfig(environment: Environment): WorkerConfig {
  const rhythm = {
    beatMs: millis(environment, 'BEAT_MS', 20_000),
    leaseMs: millis(environment, 'LEASE_MS', 60_000),
    pollMs: millis(environment, 'POLL_MS', 2_000),
  };
  if (rhythm.leaseMs < 2 * rhythm.beatMs)
    throw new StatebagError(
      'Contract.Misconfigured',
      'the environment variable LEASE_MS is less than twice BEAT_MS: one late beat would lose the lease',
    );
  return {
    ...readLlmConfig(environment),
    ...readMoneyConfig(environment),
    ...rhythm,
    runsTable: matching(environment, 'RUNS_TABLE', /^[A-Za-z0-9_.-]{3,255}$/),
    eventBus: matching(environment, 'EVENT_BUS', /^[A-Za-z0-9/_.:-]{1,256}$/),
  };
}

function millis(environment: Environment, name: string, otherwise: number): number {
  return Number(
    matching({ ...environment, [name]: environment[name] || String(otherwise) }, name, /^[1-9][0-9]{0,5}$/),
  );
}
