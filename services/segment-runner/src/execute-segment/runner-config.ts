import { StatebagError } from '@statebag/contracts';
import { matching, readConfig, type StepConfig } from '@statebag/step-kit';

/** Environment of the runner, on top of what every step has. */
export interface RunnerConfig extends StepConfig {
  /** Every model call is answered by the mock. Deployment configuration only; never in prod. */
  readonly mockMode: boolean;
  /** Address of an OpenAI-compatible API; undefined where none is configured. */
  readonly llmBaseUrl: string | undefined;
  /** Hosts that api_call may reach although their address lies inside. */
  readonly httpAllowedHosts: readonly string[];
  /** SSM parameter with its key. */
  readonly llmApiKeyParameter: string | undefined;
}

/** The environment, read whole before the first event. @throws `Contract.Misconfigured` naming the variable */
export function readRunnerConfig(environment: Readonly<Record<string, string | undefined>>): RunnerConfig {
  const mockMode = matching({ MOCK_MODE: 'false', ...environment }, 'MOCK_MODE', /^(true|false)$/) === 'true';
  if (mockMode && environment['STAGE'] === 'prod')
    throw new StatebagError('Contract.Misconfigured', 'the environment variable MOCK_MODE is true, which the stage prod refuses');
  return {
    ...readConfig(environment),
    mockMode,
    llmBaseUrl: environment['LLM_BASE_URL'] || undefined,
    httpAllowedHosts: listOf(environment['HTTP_ALLOWED_HOSTS']),
    llmApiKeyParameter: environment['LLM_API_KEY_PARAMETER'] || undefined,
  };
}

/** `a.example, b.example` */
function listOf(text = ''): string[] {
  return text
    .split(',')
    .map((host) => host.trim())
    .filter((host) => host !== '');
}
