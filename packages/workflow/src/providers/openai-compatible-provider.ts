import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { aiSdkProvider } from './ai-sdk-provider.ts';
import type { LlmProvider } from './llm-provider.ts';
import { type CompatibleSettings, headerKey } from './provider-settings.ts';
import { isStrictSchema } from './strict-schema.ts';

/** Any service that speaks OpenAI's chat completions. */
export async function openAiCompatibleProvider({
  base_url,
  api_key,
}: CompatibleSettings): Promise<LlmProvider> {
  const secret = await headerKey(api_key);
  const client = (fetch: typeof globalThis.fetch) =>
    createOpenAICompatible({
      name: 'openai-compatible',
      baseURL: base_url,
      apiKey: secret,
      supportsStructuredOutputs: true,
      fetch,
    });
  return aiSdkProvider({
    model: (name, fetch) => client(fetch)(name),
    idempotencyHeader: 'Idempotency-Key',
    providerOptions: ({ response_schema }) => ({
      openaiCompatible: {
        strictJsonSchema: response_schema !== undefined && isStrictSchema(response_schema),
      },
    }),
    secret,
  });
}
