import { isStatebagError, StatebagError } from '@statebag/contracts';
import type { LlmProvider, LlmProviders } from './llm-provider.ts';
import type { ProviderSettings } from './provider-settings.ts';

type Load = (settings: ProviderSettings) => Promise<LlmProvider> | undefined;

/**
 * Every provider by the name a workflow uses; each is loaded when first asked for, so a cold start pays for
 * none. Undefined where the deployment has no settings for it.
 */
const LOADERS: Readonly<Record<string, Load>> = {
  mock: ({ mock = true }) =>
    mock ? import('./mock-provider.ts').then(({ mockProvider }) => mockProvider) : undefined,
  openai: ({ openai }) =>
    openai && import('./openai-provider.ts').then(({ openAiProvider }) => openAiProvider(openai)),
  anthropic: ({ anthropic }) =>
    anthropic &&
    import('./anthropic-provider.ts').then(({ anthropicProvider }) => anthropicProvider(anthropic)),
  google: ({ google }) =>
    google && import('./google-provider.ts').then(({ googleProvider }) => googleProvider(google)),
  bedrock: ({ bedrock }) =>
    bedrock && import('./bedrock-provider.ts').then(({ bedrockProvider }) => bedrockProvider(bedrock)),
  'openai-compatible': ({ 'openai-compatible': compatible }) =>
    compatible &&
    import('./openai-compatible-provider.ts').then(({ openAiCompatibleProvider }) =>
      openAiCompatibleProvider(compatible),
    ),
};

/** Names that a workflow may use. */
export const PROVIDER_NAMES: readonly string[] = Object.keys(LOADERS);

/** The providers of a deployment. */
export function createProviders(settings: ProviderSettings = {}): LlmProviders {
  const loaded = new Map<string, Promise<LlmProvider>>();
  return async (name) => {
    const loading = loaded.get(name) ?? load(name, settings);
    loaded.set(name, loading);
    // What could not be loaded is tried again, and a key that was refused may have been replaced.
    const forget = (error: unknown): never => {
      loaded.delete(name);
      throw error;
    };
    const provider = await loading.catch(forget);
    return {
      complete: (request) =>
        provider
          .complete(request)
          .catch((error) => (isKeyRefused(error) ? forget(error) : Promise.reject(error))),
    };
  };
}

async function load(name: string, settings: ProviderSettings): Promise<LlmProvider> {
  const provider = Object.hasOwn(LOADERS, name) ? LOADERS[name]?.(settings) : undefined;
  if (provider) return provider;
  throw new StatebagError('Llm.Unconfigured', Object.hasOwn(LOADERS, name) ? notSet(name) : notKnown(name));
}

function notSet(name: string): string {
  return `the provider ${JSON.stringify(name)} has no settings here; a deployment takes them from its parameter llmProviders, the command line from --provider-url <address> for "openai-compatible" (docs/providers.md)`;
}

function notKnown(name: string): string {
  return `there is no provider ${JSON.stringify(name)}; known are ${PROVIDER_NAMES.join(', ')} (docs/providers.md)`;
}

function isKeyRefused(error: unknown): boolean {
  return isStatebagError(error) && error.name === 'Llm.Unconfigured';
}
