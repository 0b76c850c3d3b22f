import { createProviders } from './create-providers.ts';
import type { LlmProvider, LlmProviders } from './llm-provider.ts';
import type { CompatibleSettings, KeyedSettings, ProviderSettings } from './provider-settings.ts';
import { type LlmConfig, type ProviderConfig, readSettings } from './read-llm-config.ts';

/** Reads a key by the name of the parameter that holds it. */
export type ReadParameter = (name: string) => Promise<string>;

/**
 * The providers of a deployment. A key is read with the first call that needs it and stays in memory only.
 */
export function openProviders(
  { mockMode, llmProviders }: LlmConfig,
  readParameter: ReadParameter,
): LlmProviders {
  const providers = createProviders(mockMode ? {} : settingsOf(llmProviders, readParameter));
  if (mockMode) return () => providers('mock');
  const changing = llmProviders['openai-compatible']?.settings_parameter;
  if (changing === undefined) return providers;
  const compatible = changingProvider(changing, readParameter);
  return (name) => (name === 'openai-compatible' ? compatible() : providers(name));
}

/** A service whose settings may change between two calls. */
function changingProvider(parameter: string, readParameter: ReadParameter): () => Promise<LlmProvider> {
  let known: { readonly text: string; readonly providers: LlmProviders } | undefined;
  return async () => {
    const text = await readParameter(parameter);
    if (known?.text !== text) {
      const settings = { 'openai-compatible': readSettings('openai-compatible', text) };
      known = { text, providers: createProviders(settingsOf(settings, readParameter)) };
    }
    return known.providers('openai-compatible');
  };
}

function settingsOf(configs: LlmConfig['llmProviders'], readParameter: ReadParameter): ProviderSettings {
  const { openai, anthropic, google, bedrock, 'openai-compatible': compatible } = configs;
  const keyed = (config: ProviderConfig): KeyedSettings => ({
    ...addressOf(config),
    api_key: keyOf(config, readParameter),
  });
  return {
    ...(openai && { openai: keyed(openai) }),
    ...(anthropic && { anthropic: keyed(anthropic) }),
    ...(google && { google: keyed(google) }),
    ...(bedrock?.region !== undefined && { bedrock: { ...addressOf(bedrock), region: bedrock.region } }),
    ...(compatible?.base_url !== undefined && {
      'openai-compatible': {
        ...keyed(compatible),
        base_url: compatible.base_url,
      } satisfies CompatibleSettings,
    }),
  };
}

function addressOf({ base_url }: ProviderConfig): { readonly base_url?: string } {
  return base_url === undefined ? {} : { base_url };
}

/** A compatible service on the same network may ask for no key. */
function keyOf({ key_parameter }: ProviderConfig, readParameter: ReadParameter): () => Promise<string> {
  return async () => (key_parameter === undefined ? '' : readParameter(key_parameter));
}
