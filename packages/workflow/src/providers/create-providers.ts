import { StatebagError } from '@statebag/contracts';
import type { LlmProvider, LlmProviders } from './llm-provider.ts';
import type { OpenAiCompatibleSettings } from './openai-compatible-provider.ts';

/** Which providers a deployment has. They come from its configuration, never from a workflow. */
export interface ProviderSettings {
  /** Answers without a model. Off where only real answers make sense. */
  readonly mock?: boolean;
  readonly openai_compatible?: OpenAiCompatibleSettings;
}

type Load = (settings: ProviderSettings) => Promise<LlmProvider | null>;

/** Every provider by the name a workflow uses; each is loaded when first asked for, so a cold start pays for none. */
const LOADERS: Readonly<Record<string, Load>> = {
  mock: async ({ mock = true }) => (mock ? (await import('./mock-provider.ts')).mockProvider : null),
  'openai-compatible': async ({ openai_compatible }) =>
    openai_compatible ? (await import('./openai-compatible-provider.ts')).openAiCompatibleProvider(openai_compatible) : null,
};

/** Names that a workflow may use. */
export const PROVIDER_NAMES: readonly string[] = Object.keys(LOADERS);

/** The providers of a deployment. */
export function createProviders(settings: ProviderSettings = {}): LlmProviders {
  const loaded = new Map<string, Promise<LlmProvider | null>>();
  return async (name) => {
    const loading = loaded.get(name) ?? LOADERS[name]?.(settings) ?? Promise.resolve(null);
    loaded.set(name, loading);
    const provider = await loading;
    if (provider) return provider;
    throw new StatebagError('Llm.Unconfigured', `this deployment has no provider ${JSON.stringify(name)}; known are ${PROVIDER_NAMES.join(', ')}`);
  };
}
