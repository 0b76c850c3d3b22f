import { isJsonObject, type Json, type JsonObject, StatebagError } from '@statebag/contracts';

/**
 * What a deployment says of one provider. Keys stay in their parameters: only names of them are configured.
 */
export interface ProviderConfig {
  readonly base_url?: string;
  /** The SSM parameter that holds the key. */
  readonly key_parameter?: string;
  /** The SSM parameter that holds all settings of `openai-compatible` as JSON; it is read with each call. */
  readonly settings_parameter?: string;
  /** Amazon Bedrock only. */
  readonly region?: string;
  /** Calls that may be under way at once, of all runs; no limit if not given. */
  readonly at_once?: number;
}

/** The part of a function's environment that is about models. */
export interface LlmConfig {
  /** Every model call is answered by the mock. Deployment configuration only; never in prod. */
  readonly mockMode: boolean;
  /** Provider by the name that workflows use. */
  readonly llmProviders: Readonly<Record<string, ProviderConfig>>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** What may and what must be configured, by provider. */
const KNOWN: Readonly<
  Record<
    string,
    { readonly may: readonly (keyof ProviderConfig)[]; readonly must: readonly (keyof ProviderConfig)[] }
  >
> = {
  openai: { may: ['base_url', 'key_parameter'], must: ['key_parameter'] },
  anthropic: { may: ['base_url', 'key_parameter'], must: ['key_parameter'] },
  google: { may: ['base_url', 'key_parameter'], must: ['key_parameter'] },
  bedrock: { may: ['base_url', 'region'], must: ['region'] },
  'openai-compatible': { may: ['base_url', 'key_parameter', 'settings_parameter'], must: ['base_url'] },
};

/**
 * Reads `MOCK_MODE`, `LLM_PROVIDERS`, `LLM_BASE_URL` and `LLM_API_KEY_PARAMETER`. @throws
 * `Contract.Misconfigured` naming the variable
 */
export function readLlmConfig(environment: Environment): LlmConfig {
  const { MOCK_MODE: mock = 'false' } = environment;
  if (mock !== 'true' && mock !== 'false') throw misconfigured('MOCK_MODE', 'is neither true nor false');
  const mockMode = mock === 'true';
  if (mockMode && environment['STAGE'] === 'prod')
    throw misconfigured('MOCK_MODE', 'is true, which the stage prod refuses');
  return { mockMode, llmProviders: { ...shortForm(environment), ...providersIn(environment) } };
}

/** Two variables for the most common case: one OpenAI-compatible service. */
function shortForm({
  LLM_BASE_URL: base_url,
  LLM_API_KEY_PARAMETER: key_parameter,
}: Environment): LlmConfig['llmProviders'] {
  return base_url ? { 'openai-compatible': { base_url, ...(key_parameter && { key_parameter }) } } : {};
}

function providersIn({ LLM_PROVIDERS: text, AWS_REGION: region }: Environment): LlmConfig['llmProviders'] {
  if (text === undefined || text === '') return {};
  return Object.fromEntries(
    Object.entries(parsedObject(text)).map(([name, value]) => [name, checked(name, value, region)]),
  );
}

function checked(name: string, value: Json, region: string | undefined): ProviderConfig {
  const known = Object.hasOwn(KNOWN, name) ? KNOWN[name] : undefined;
  if (!known)
    throw misconfigured(
      'LLM_PROVIDERS',
      `has no provider ${JSON.stringify(name)}; known are ${Object.keys(KNOWN).join(', ')}`,
    );
  if (!isJsonObject(value)) throw misconfigured('LLM_PROVIDERS', `needs an object as ${name}`);
  const { at_once, ...given } = value;
  const settings: JsonObject = {
    ...(region !== undefined && known.must.includes('region') && { region }),
    ...given,
  };
  for (const [key, setting] of Object.entries(settings)) {
    if (!known.may.includes(key as keyof ProviderConfig) || typeof setting !== 'string' || setting === '')
      throw misconfigured(
        'LLM_PROVIDERS',
        `takes ${known.may.join(' and ')} for ${name}, each a text; not ${key}`,
      );
  }
  for (const key of 'settings_parameter' in settings ? [] : known.must)
    if (!(key in settings)) throw misconfigured('LLM_PROVIDERS', `needs ${key} for ${name}`);
  return { ...settings, ...(at_once !== undefined && { at_once: atOnce(name, at_once) }) }; // all was checked
}

const MOST_AT_ONCE = 10_000;

function atOnce(name: string, value: Json): number {
  if (Number.isInteger(value) && Number(value) >= 1 && Number(value) <= MOST_AT_ONCE) return Number(value);
  throw misconfigured('LLM_PROVIDERS', `needs a whole number up to ${MOST_AT_ONCE} as at_once of ${name}`);
}

/**
 * The settings of a provider as they stand in a parameter. @throws `Llm.Unconfigured` for what is no such
 * text
 */
export function readSettings(name: string, text: string): ProviderConfig {
  try {
    return checked(name, JSON.parse(text), undefined);
  } catch (cause) {
    throw new StatebagError('Llm.Unconfigured', `the settings of the provider ${name} cannot be read`, {
      cause,
    });
  }
}

function parsedObject(text: string): JsonObject {
  try {
    const value: Json = JSON.parse(text);
    if (isJsonObject(value)) return value;
  } catch (cause) {
    throw misconfigured('LLM_PROVIDERS', 'is not JSON', cause);
  }
  throw misconfigured('LLM_PROVIDERS', 'is not a JSON object');
}

function misconfigured(name: string, problem: string, cause?: unknown): StatebagError {
  return new StatebagError('Contract.Misconfigured', `the environment variable ${name} ${problem}`, {
    cause,
  });
}
