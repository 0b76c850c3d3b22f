import { createGoogle } from '@ai-sdk/google';
import { aiSdkProvider } from './ai-sdk-provider.ts';
import type { LlmProvider } from './llm-provider.ts';
import { patientFetch } from './patient-fetch.ts';
import type { KeyedSettings } from './provider-settings.ts';

/** Google's Gemini API. It has no idempotency header. */
export async function googleProvider({ base_url, api_key }: KeyedSettings): Promise<LlmProvider> {
  const secret = await api_key();
  const client = createGoogle({ apiKey: secret, fetch: patientFetch, ...(base_url !== undefined && { baseURL: base_url }) });
  return aiSdkProvider({ model: (name) => client(name), secret });
}
