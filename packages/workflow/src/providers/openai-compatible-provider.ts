import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { aiSdkProvider } from './ai-sdk-provider.ts';
import type { LlmProvider } from './llm-provider.ts';
import { patientFetch } from './patient-fetch.ts';
import type { CompatibleSettings } from './provider-settings.ts';
import { isStrictSchema } from './strict-schema.ts';

/** Any service that speaks OpenAI's chat completions. */
export async function openAiCompatibleProvider({ base_url, api_key }: CompatibleSettings): Promise<LlmProvider> {
  const secret = await api_key();
  const client = createOpenAICompatible({ name: 'openai-compatible', baseURL: base_url, apiKey: secret, supportsStructuredOutputs: true, fetch: patientFetch });
  return aiSdkProvider({
    model: (name) => client(name),
    idempotencyHeader: 'Idempotency-Key',
    providerOptions: ({ response_schema }) => ({
      openaiCompatible: { strictJsonSchema: response_schema !== undefined && isStrictSchema(response_schema) },
    }),
    secret,
  });
}
