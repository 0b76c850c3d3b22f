import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { LocalConfig } from './local-config.ts';
import { LLM_KEY_VARIABLE, PROVIDER_PARAMETER, parameterOfVariable } from './local-parameters.ts';

/** What a configuration makes of the templates' parameters. */
export interface LocalSettings {
  readonly parameters: Readonly<Record<string, string>>;
  /** Provider → the environment variable that should hold its key and does not. */
  readonly missing: Readonly<Record<string, string>>;
}

/** How the app is to be set up: the file, and what a command line adds to it. */
export interface LocalWishes {
  readonly localConfig?: LocalConfig | undefined;
  /** The OpenAI-compatible service, in place of the file's. */
  readonly providerUrl?: string | undefined;
  /**
   * The address of that service is kept in the data directory and looked up with each call, so that a later
   * command may change it for runs that are under way.
   */
  readonly providerKept?: true;
  readonly allowHost?: readonly string[] | undefined;
  /** The folder of the project's node types. */
  readonly nodes?: string | undefined;
}

type Environment = Readonly<Record<string, string | undefined>>;

/** A provider as any of them may be set up. */
interface Provider {
  readonly base_url?: string;
  readonly region?: string;
  readonly api_key_env?: string;
  /** All of them stand in a parameter, which may change. */
  readonly settings_parameter?: string;
}
type Providers = Readonly<Record<string, Provider>>;

/**
 * The parameters of a deployment on this machine. Keys are in none of them, only the names of their
 * variables.
 */
export function settingsOf(wishes: LocalWishes, environment: Environment): LocalSettings {
  const { localConfig: config = {}, allowHost = [] } = wishes;
  const providers: Providers = { ...config.providers, ...shortForm(wishes, environment) };
  const keyed = Object.entries(providers).flatMap(([name, { api_key_env: variable }]) =>
    variable === undefined || environment[variable] ? [] : [[name, variable]],
  );
  const hosts = [...(config.allowed_hosts ?? []), ...allowHost];
  return {
    parameters: {
      ...textsOf(config.parameters ?? {}),
      ...(Object.keys(providers).length > 0 && { llmProviders: providersText(providers) }),
      ...(hosts.length > 0 && { httpAllowedHosts: hosts.join(',') }),
      ...(config.thresholds && { stateThresholds: JSON.stringify(config.thresholds) }),
      ...(config.prices && { modelPrices: JSON.stringify(config.prices) }),
      ...(config.owner_day_limit && { ownerDayLimit: JSON.stringify(config.owner_day_limit) }),
      ...(wishes.nodes !== undefined && { ownNodes: nodesText(wishes.nodes) }),
      ...(config.mock_mode !== undefined && { mockMode: String(config.mock_mode) }),
    },
    missing: Object.fromEntries(keyed),
  };
}

/** With the state of its files: a function whose setting has changed is loaded anew. */
function nodesText(folder: string): string {
  const hash = createHash('sha256');
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  for (const name of names.filter((each) => !each.includes('node_modules')).sort()) {
    const path = join(folder, name);
    if (statSync(path).isFile()) hash.update(name).update(readFileSync(path));
  }
  return `${folder}#${hash.digest('hex').slice(0, 16)}`;
}

/** The service that the command line may name: the file's own stands where it names none. */
function shortForm(
  { localConfig, providerUrl: base_url, providerKept }: LocalWishes,
  environment: Environment,
): Providers {
  const isInFile = localConfig?.providers?.['openai-compatible'] !== undefined;
  if (providerKept && (base_url !== undefined || !isInFile))
    return { 'openai-compatible': { settings_parameter: PROVIDER_PARAMETER } };
  if (base_url === undefined) return {};
  const key = environment[LLM_KEY_VARIABLE] ? { api_key_env: LLM_KEY_VARIABLE } : {};
  return { 'openai-compatible': { base_url, ...key } };
}

function textsOf(values: NonNullable<LocalConfig['parameters']>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

/** As the functions read them: a key's place in SSM instead of the variable that holds it. */
function providersText(providers: Providers): string {
  const settings = Object.entries(providers).map(([name, { api_key_env: variable, ...rest }]) =>
    variable === undefined ? [name, rest] : [name, { ...rest, key_parameter: parameterOfVariable(variable) }],
  );
  return JSON.stringify(Object.fromEntries(settings));
}
