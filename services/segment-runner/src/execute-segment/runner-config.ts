import { readConfig, type StepConfig } from '@statebag/step-kit';
import { type LlmConfig, readLlmConfig } from '@statebag/workflow';

/** Environment of the runner, on top of what every step has. */
export interface RunnerConfig extends StepConfig, LlmConfig {
  /** Hosts that api_call may reach although their address lies inside. */
  readonly httpAllowedHosts: readonly string[];
  /** Where cancelled runs are marked; a deployment without one asks nobody. */
  readonly runsTable: string | undefined;
}

/** The environment, read whole before the first event. @throws `Contract.Misconfigured` naming the variable */
export function readRunnerConfig(environment: Readonly<Record<string, string | undefined>>): RunnerConfig {
  return {
    ...readConfig(environment),
    ...readLlmConfig(environment),
    httpAllowedHosts: listOf(environment['HTTP_ALLOWED_HOSTS']),
    runsTable: environment['RUNS_TABLE'] || undefined,
  };
}

/** `a.example, b.example` */
function listOf(text = ''): string[] {
  return text
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
}
