import { matching } from '@statebag/step-kit';

/** What the functions that keep the table `runs` are configured with. */
export interface RunsConfig {
  readonly table: string;
  readonly bus: string;
}

/** @throws `Contract.Misconfigured` naming the variable */
export function readRunsConfig(environment: Readonly<Record<string, string | undefined>>): RunsConfig {
  return { table: matching(environment, 'RUNS_TABLE', /^[A-Za-z0-9_.-]{3,255}$/), bus: matching(environment, 'EVENT_BUS', /^[A-Za-z0-9/_.-]{1,256}$/) };
}
