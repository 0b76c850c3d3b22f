import { createOpenAI } from '@ai-sdk/openai';
import { aiSdkProvider } from './ai-sdk-provider.ts';
import type { LlmProvider } from './llm-provider.ts';
import { headerKey, type KeyedSettings } from './provider-settings.ts';
import { isStrictSchema } from './strict-schema.ts';

/** OpenAI's Responses API. Answers are not kept there: the run keeps its own. */
export async function openAiProvider({ base_url, api_key }: KeyedSettings): Promise<LlmProvider> {
  const secret = await headerKey(api_key);
  const client = (fetch: typeof globalThis.fetch) =>
    createOpenAI({
      apiKey: secret,
      fetch,
      ...(base_url !== undefined && { baseURL: base_url }),
    });
  return aiSdkProvider({
    model: (name, fetch) => client(fetch).responses(name),
    idempotencyHeader: 'Idempotency-Key',
    providerOptions: ({ response_schema }) => ({
      openai: {
        store: false,
        strictJsonSchema: response_schema !== undefined && isStrictSchema(response_schema),
      },
    }),
    secret,
  });
}
