import { createAmazonBedrock } from '@ai-sdk/amazon-bedrock';
import { defaultProvider } from '@aws-sdk/credential-provider-node';
import { aiSdkProvider } from './ai-sdk-provider.ts';
import type { LlmProvider } from './llm-provider.ts';
import type { BedrockSettings } from './provider-settings.ts';

/** Amazon Bedrock's Converse API, asked with the function's own credentials. It has no idempotency header. */
export async function bedrockProvider({ region, base_url }: BedrockSettings): Promise<LlmProvider> {
  const credentials = defaultProvider();
  const credentialProvider = async () => {
    const { accessKeyId, secretAccessKey, sessionToken } = await credentials();
    return { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) };
  };
  const client = (fetch: typeof globalThis.fetch) =>
    createAmazonBedrock({
      region,
      credentialProvider,
      fetch,
      ...(base_url !== undefined && { baseURL: base_url }),
    });
  return aiSdkProvider({ model: (name, fetch) => client(fetch)(name), filesWhole: true });
}
