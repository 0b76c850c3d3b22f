import { createProviders, type LlmProviders, type ProviderSettings } from '@statebag/workflow';
import type { RunnerConfig } from './runner-config.ts';

/** Reads a secret by name. */
export type ReadParameter = (name: string) => Promise<string>;

type Settings = Pick<RunnerConfig, 'mockMode' | 'llmBaseUrl' | 'llmApiKeyParameter'>;

/** The providers of this deployment. The key is read with the first call that needs it and stays in memory only. */
export function openProviders(config: Settings, readParameter: ReadParameter): LlmProviders {
  const mock = createProviders({});
  if (config.mockMode) return () => mock('mock');
  let real: Promise<LlmProviders> | undefined;
  return async (name) => {
    if (name === 'mock') return mock(name);
    real ??= providerSettings(config, readParameter).then(createProviders);
    return (await real)(name);
  };
}

async function providerSettings({ llmBaseUrl, llmApiKeyParameter }: Settings, readParameter: ReadParameter): Promise<ProviderSettings> {
  if (llmBaseUrl === undefined) return {};
  return { openai_compatible: { base_url: llmBaseUrl, api_key: llmApiKeyParameter === undefined ? '' : await readParameter(llmApiKeyParameter) } };
}
