import { createAnthropic } from '@ai-sdk/anthropic';
import { aiSdkProvider } from './ai-sdk-provider.ts';
import type { LlmProvider } from './llm-provider.ts';
import { headerKey, type KeyedSettings } from './provider-settings.ts';

/** Anthropic's Messages API. */
export async function anthropicProvider({ base_url, api_key }: KeyedSettings): Promise<LlmProvider> {
  const secret = await headerKey(api_key);
  const client = (fetch: typeof globalThis.fetch) =>
    createAnthropic({
      apiKey: secret,
      fetch,
      ...(base_url !== undefined && { baseURL: base_url }),
    });
  return aiSdkProvider({
    model: (name, fetch) => client(fetch)(name),
    idempotencyHeader: 'Idempotency-Key',
    secret,
  });
}
