import { createGoogle } from '@ai-sdk/google';
import { aiSdkProvider } from './ai-sdk-provider.ts';
import type { LlmProvider } from './llm-provider.ts';
import { headerKey, type KeyedSettings } from './provider-settings.ts';

/** Google's Gemini API. It has no idempotency header. */
export async function googleProvider({ base_url, api_key }: KeyedSettings): Promise<LlmProvider> {
  const secret = await headerKey(api_key);
  const client = (fetch: typeof globalThis.fetch) =>
    createGoogle({
      apiKey: secret,
      fetch,
      ...(base_url !== undefined && { baseURL: base_url }),
    });
  return aiSdkProvider({ model: (name, fetch) => client(fetch)(name), secret });
}
