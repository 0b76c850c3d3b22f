import { createAnthropic } from '@ai-sdk/anthropic';
import { aiSdkProvider } from './ai-sdk-provider.ts';
import type { LlmProvider } from './llm-provider.ts';
import { patientFetch } from './patient-fetch.ts';
import type { KeyedSettings } from './provider-settings.ts';

/** Anthropic's Messages API. */
export async function anthropicProvider({ base_url, api_key }: KeyedSettings): Promise<LlmProvider> {
  const secret = await api_key();
  const client = createAnthropic({ apiKey: secret, fetch: patientFetch, ...(base_url !== undefined && { baseURL: base_url }) });
  return aiSdkProvider({ model: (name) => client(name), idempotencyHeader: 'Idempotency-Key', secret });
}
